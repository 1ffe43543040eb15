//! What `#[saga]` writes about reactions, and `#[module]` about sagas of both kinds.

use crate::module::Parts;
use crate::saga::{Reacting, Saga};

/// A saga of either kind; which is told by `Kind`, and never has to be named.
#[diagnostic::on_unimplemented(
    message = "`{Self}` is not a saga",
    label = "not a saga",
    note = "put `#[saga(key = ..)]` on an `impl {Self}` block with `#[start]` methods, and `#[step]` or `#[on]` methods; \
            `{Self}` must be `Clone + Serialize + Deserialize`"
)]
pub trait AnySaga<Kind> {
    /// Adds it to the parts of a module.
    fn add(parts: &mut Parts);
}

/// One of steps.
#[derive(Debug)]
pub enum OfSteps {}

/// One of reactions.
#[derive(Debug)]
pub enum OfReactions {}

impl<S: Saga> AnySaga<OfSteps> for S {
    fn add(parts: &mut Parts) {
        parts.saga::<S>();
    }
}

impl<S: Reacting> AnySaga<OfReactions> for S {
    fn add(parts: &mut Parts) {
        parts.reacting::<S>();
    }
}

/// A saga of the module.
pub fn saga<S: AnySaga<Kind>, Kind>(parts: &mut Parts) {
    S::add(parts);
}

/// What a `#[rejected]` method returns: nothing, or whether it has an answer.
#[diagnostic::on_unimplemented(
    message = "a `#[rejected]` method cannot return `{Self}`",
    label = "neither nothing nor `bool`",
    note = "return whether the saga has an answer to the refusal, or nothing where it always has"
)]
pub trait RejectedOutput {
    /// Whether it has an answer.
    fn into_answer(self) -> bool;
}

impl RejectedOutput for () {
    fn into_answer(self) -> bool {
        true
    }
}

impl RejectedOutput for bool {
    fn into_answer(self) -> bool {
        self
    }
}

/// The name of the timer at this place; empty, which names none, where there is none.
pub fn timer_name<S: Reacting>(timer: usize) -> &'static str {
    S::TIMERS.get(timer).copied().unwrap_or_default()
}
