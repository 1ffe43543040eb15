//! What comes after what.

use proc_macro2::Ident;

use super::model::Saga;

/// The steps by their places, and what each directly comes after. Names that are no steps are left out.
pub(super) struct Graph {
    after: Vec<Vec<usize>>,
    /// Whether nothing was left out, so that "does not come before" can be said.
    pub(super) complete: bool,
}

impl Graph {
    pub(super) fn of(model: &Saga) -> Self {
        let mut complete = true;
        let mut after = Vec::new();
        for step in &model.steps {
            let places: Vec<_> = step
                .after
                .iter()
                .filter_map(|name| place_of(model, name))
                .collect();
            complete &= places.len() == step.after.len() && !step.after_misread;
            after.push(places);
        }
        Self { after, complete }
    }

    /// Whether `later` cannot begin before `earlier` is completed.
    pub(super) fn precedes(&self, earlier: usize, later: usize) -> bool {
        self.way(earlier, later).is_some()
    }

    /// The shortest way back from `later` to `earlier`, both included; of a step to itself it is a cycle.
    pub(super) fn way(&self, earlier: usize, later: usize) -> Option<Vec<usize>> {
        let mut ways = vec![vec![later]];
        let mut seen = Vec::new();
        let mut next = 0;
        while let Some(way) = ways.get(next).cloned() {
            next += 1;
            let from = way.last().and_then(|last| self.after.get(*last));
            for before in from.into_iter().flatten() {
                let mut longer = way.clone();
                longer.push(*before);
                if *before == earlier {
                    return Some(longer);
                }
                if !seen.contains(before) {
                    seen.push(*before);
                    ways.push(longer);
                }
            }
        }
        None
    }
}

/// The place of the step that is this method.
pub(super) fn place_of(model: &Saga, method: &Ident) -> Option<usize> {
    model
        .steps
        .iter()
        .position(|step| step.part.method == *method)
}
