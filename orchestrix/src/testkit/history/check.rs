//! The checker: what it goes through, in order.

use std::collections::HashSet;

use super::appends::Appends;
use super::claims::Claims;
use super::contents::Contents;
use super::lines::History;
use super::operation::{Answer, Call, Operation};
use super::reads;
use super::stored::StoredEvents;
use super::summary::Summary;
use super::violation::Violation;

/// Proves that the contents of a store are what a history of it allows; the [module](super) says what that means.
///
/// # Errors
/// Every violation found. One fault of a store may show as several.
pub fn check(history: &History, contents: &Contents) -> Result<Summary, Vec<Violation>> {
    let mut violations = Vec::new();
    let mut summary = Summary::default();
    for operation in impossible(&history.operations) {
        violations.push(operation);
    }
    if !violations.is_empty() {
        return Err(violations);
    }
    let stored = StoredEvents::of(contents, &mut violations);
    let claims = Claims::of(&history.operations);
    claims.explain(&contents.log, &mut violations);
    let mut appends = Appends::new(&stored, &claims);
    appends.check(&history.operations, &mut summary, &mut violations);
    reads::check(
        &history.operations,
        &stored,
        &claims,
        &appends.acknowledged,
        &mut summary,
        &mut violations,
    );
    summary.stored_events = contents.log.len();
    summary.streams = stored.stream_count();
    if violations.is_empty() {
        Ok(summary)
    } else {
        Err(violations)
    }
}

/// What no store can be blamed for.
fn impossible(operations: &[Operation]) -> impl Iterator<Item = Violation> {
    let mut ids = HashSet::new();
    operations.iter().filter_map(move |operation| {
        let what = if !ids.insert(operation.id) {
            "its number is there twice"
        } else {
            let (at, answer) = operation.answer.as_ref()?;
            if *at <= operation.called_at {
                "it was answered before it was called"
            } else if !fits(&operation.call, answer) {
                "its answer is not one to its call"
            } else {
                return None;
            }
        };
        Some(Violation::Impossible {
            operation: operation.id,
            what,
        })
    })
}

fn fits(call: &Call, answer: &Answer) -> bool {
    match (call, answer) {
        (Call::Append { writes }, Answer::Appended { streams, .. }) => {
            writes.len() == streams.len()
        }
        (Call::Append { .. }, Answer::Refused { .. } | Answer::Indeterminate)
        | (Call::ReadStream { .. }, Answer::Events { .. } | Answer::ReadFailed)
        | (Call::ReadAll { .. }, Answer::Page { .. } | Answer::ReadFailed) => true,
        _ => false,
    }
}
