//! What looks at more than one method or attribute.

use proc_macro2::Ident;
use syn::Attribute;

use super::check_arguments;
use super::graph::{Graph, place_of};
use super::model::Saga;
use super::part::{Part, Step};
use crate::argument;
use crate::ctxt::Ctxt;

/// All rules.
pub(super) fn all(cx: &Ctxt, model: &Saga) {
    starts(cx, model);
    if model.steps.is_empty() && !model.incomplete {
        cx.error(
            &model.self_ty,
            "a saga has steps: mark a method for each with `#[step]`, `async fn ..(&self, cx: &SagaContext) -> Result<T, StepError>`",
        );
    }
    names(cx, model);
    let graph = Graph::of(model);
    for step in &model.steps {
        after(cx, model, step);
    }
    cycles(cx, model, &graph);
    if graph.complete {
        changes_beside(cx, model, &graph);
    }
    compensations(cx, model);
    check_arguments::all(cx, model, &graph);
}

fn starts(cx: &Ctxt, model: &Saga) {
    let events = model
        .starts
        .iter()
        .map(|start| (&start.event, &start.cfgs[..]));
    argument::check_events(cx, "start", events);
    match &model.key_given {
        None => {
            let without = |start: &&super::model::Start| start.key.is_none() && !start.key_misread;
            for start in model.starts.iter().filter(without) {
                cx.error(
                    &start.method,
                    "nothing says which instance this event starts: write `#[start(key = field)]` here, or `#[saga(key = field)]` for all",
                );
            }
        }
        Some(key) if model.starts.is_empty() && !model.incomplete => cx.error(
            key,
            "no event starts this saga, which `key` would be a field of: mark a method with `#[start]`, or remove `key`",
        ),
        Some(_) => {}
    }
}

/// Methods that are both under `#[cfg]` may exclude each other: rustc, or the start of the app, sees whether they do.
fn exclude_each_other(one: &[Attribute], other: &[Attribute]) -> bool {
    !one.is_empty() && !other.is_empty()
}

fn names(cx: &Ctxt, model: &Saga) {
    let of_steps = model.steps.iter().map(|step| &step.part);
    let undoing = model.compensations.iter().map(|undo| &undo.part);
    let mut seen: Vec<&Part> = Vec::new();
    for part in of_steps.chain(undoing) {
        let same_method = |other: &&&Part| other.method == part.method;
        let same_name = |other: &&&Part| {
            other.name == part.name && !exclude_each_other(&other.cfgs, &part.cfgs)
        };
        if let Some(other) = seen.iter().find(same_method) {
            // Of two that are compiled together rustc speaks.
            if exclude_each_other(&other.cfgs, &part.cfgs) {
                cx.error(
                    &part.method,
                    format!(
                        "two methods are called `{}`: write one, with the `#[cfg]`s in it",
                        part.method
                    ),
                );
            }
        } else if seen.iter().any(|other| same_name(&other)) {
            cx.error(
                &part.named_at,
                format!(
                    "another step or compensation is called `{}`: a durable name stands for one, give this another",
                    part.name
                ),
            );
        }
        seen.push(part);
    }
}

fn after(cx: &Ctxt, model: &Saga, step: &Step) {
    let mut seen: Vec<&Ident> = Vec::new();
    for name in &step.after {
        if place_of(model, name).is_none() {
            cx.error(
                name,
                format!("`{name}` is no step: name a method with `#[step]`"),
            );
        } else if seen.contains(&name) {
            cx.error(
                name,
                format!("`{name}` is named twice in `after(..)`: remove one"),
            );
        }
        seen.push(name);
    }
}

/// Each way round is told once.
fn cycles(cx: &Ctxt, model: &Saga, graph: &Graph) {
    let mut told: Vec<usize> = Vec::new();
    for (at, step) in model.steps.iter().enumerate() {
        let Some(way) = graph.way(at, at).filter(|_| !told.contains(&at)) else {
            continue;
        };
        let names = way.iter().filter_map(|at| model.steps.get(*at));
        let names: Vec<_> = names
            .map(|step| format!("`{}`", step.part.method))
            .collect();
        let leads_round = |name: &&Ident| place_of(model, name).as_ref() == way.get(1);
        cx.error(
            step.after.iter().find(leads_round),
            format!(
                "`{}` comes after itself, {}: remove one of these",
                step.part.method,
                names.join(" after ")
            ),
        );
        told.extend(way);
    }
}

fn changes_beside(cx: &Ctxt, model: &Saga, graph: &Graph) {
    for (at, step) in model.steps.iter().enumerate() {
        let Some(receiver) = &step.part.changes else {
            continue;
        };
        let beside = model.steps.iter().enumerate().find(|(other_at, other)| {
            *other_at != at
                // Two that change it are told of once, at the first.
                && (*other_at > at || other.part.changes.is_none())
                && !graph.precedes(at, *other_at)
                && !graph.precedes(*other_at, at)
                && !exclude_each_other(&step.part.cfgs, &other.part.cfgs)
        });
        if let Some((_, other)) = beside {
            let (step, other) = (&step.part.method, &other.part.method);
            cx.error(
                receiver,
                format!(
                    "`{step}` changes the saga's state and may run beside `{other}`: let one come after the other, or take `&self`"
                ),
            );
        }
    }
}

fn compensations(cx: &Ctxt, model: &Saga) {
    let mut named: Vec<(&Ident, &Ident)> = Vec::new();
    for step in &model.steps {
        let Some(name) = &step.compensate else {
            continue;
        };
        let is_one = model
            .compensations
            .iter()
            .any(|undo| undo.part.method == *name);
        let undone = named.iter().find(|(_, earlier)| *earlier == name);
        if let Some((other, _)) = undone {
            cx.error(
                name,
                format!("`{name}` undoes `{other}` already: write a method for each step"),
            );
        } else if !model.methods.contains(name) {
            cx.error(
                name,
                format!("there is no method `{name}` here: write one with `#[compensation]`"),
            );
        } else if !is_one && !model.incomplete {
            cx.error(
                name,
                format!("`{name}` is no compensation: mark it with `#[compensation]` alone"),
            );
        }
        named.push((&step.part.method, name));
    }
    if model.incomplete || model.steps.iter().any(|step| step.compensate_misread) {
        return;
    }
    for undo in &model.compensations {
        let method = &undo.part.method;
        if !named.iter().any(|(_, name)| *name == method) {
            cx.error(
                method,
                format!(
                    "no step names this: write `compensate = {method}` in the `#[step(..)]` that it undoes"
                ),
            );
        }
    }
}
