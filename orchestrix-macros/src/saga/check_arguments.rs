//! Whether the results that methods take are there when they run.

use super::arguments::{self, ResultOf};
use super::graph::{Graph, place_of};
use super::model::Saga;
use super::part::{Part, Step};
use crate::ctxt::Ctxt;

pub(super) fn all(cx: &Ctxt, model: &Saga, graph: &Graph) {
    for (at, step) in model.steps.iter().enumerate() {
        for result in arguments::results(&step.part.parameters) {
            of_step(cx, model, graph, (at, step), result);
        }
        let undo = step.compensate.as_ref().and_then(|name| {
            let mut all = model.compensations.iter();
            all.find(|undo| undo.part.method == *name)
        });
        if let Some(undo) = undo {
            of_compensation(cx, model, graph, (at, step), &undo.part);
        }
    }
}

fn of_step(cx: &Ctxt, model: &Saga, graph: &Graph, (at, step): (usize, &Step), result: &ResultOf) {
    let this = &step.part.method;
    let Some(name) = &result.name else {
        cx.error(
            &result.tokens,
            "a step takes results of steps before it, by their names, and `&SagaContext`: write `reserve: &Reservation`",
        );
        return;
    };
    match place_of(model, name) {
        None => cx.error(
            &result.tokens,
            format!("`{name}` is no step: a parameter is called like the step whose result it is"),
        ),
        Some(other) if other == at => cx.error(
            &result.tokens,
            format!("`{name}` has no result before it has run: remove this"),
        ),
        Some(other) if graph.precedes(other, at) || !graph.complete => {}
        Some(other) if graph.precedes(at, other) => cx.error(
            &result.tokens,
            format!("`{name}` comes after `{this}`, and has no result before: remove this"),
        ),
        Some(_) => cx.error(
            &result.tokens,
            format!("`{name}` is not completed before `{this}` begins: add it to `after(..)`"),
        ),
    }
}

fn of_compensation(
    cx: &Ctxt,
    model: &Saga,
    graph: &Graph,
    (at, step): (usize, &Step),
    undo: &Part,
) {
    let undone = &step.part.method;
    let mut taken = false;
    for result in arguments::results(&undo.parameters) {
        let named = result
            .name
            .as_ref()
            .and_then(|name| Some((name, place_of(model, name)?)));
        match named.filter(|(_, other)| *other != at) {
            None => {
                if taken {
                    cx.error(
                        &result.tokens,
                        format!(
                            "the result of `{undone}` is taken already, and this is called like no other step: remove it"
                        ),
                    );
                }
                taken = true;
            }
            Some((_, other)) if graph.precedes(other, at) || !graph.complete => {}
            Some((name, _)) => cx.error(
                &result.tokens,
                format!(
                    "`{name}` is not completed before `{undone}` begins, so it may have no result where that is undone: remove this"
                ),
            ),
        }
    }
}
