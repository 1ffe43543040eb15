//! Broken stores: the suite must see what is wrong with each of them.
//!
//! A flaw is data: what is wrong, how the store is broken, and which behaviours catch it. Every behaviour of the suite
//! stands in the table at least once, so none of them passes whatever a store does.

mod append_flaws;
mod archive_flaws;
mod binary_flaws;
mod concurrency_flaws;
mod condition_flaws;
mod dead_letter_flaws;
mod decision_flaws;
mod document_query_flaws;
mod drop_flaws;
mod due_letter_flaws;
mod event_flaws;
mod fence_flaws;
mod inline_flaws;
mod key_flaws;
mod key_lookup_flaws;
mod lease_flaws;
mod lifecycle_flaws;
mod limit_flaws;
mod lock_flaws;
mod mutant;
mod progress_flaws;
mod query_flaws;
mod read_flaws;
mod read_model_flaws;
mod rebuild_flaws;
mod repeat_flaws;
mod reset_flaws;
mod schedule_flaws;
mod selection_flaws;
mod switch_flaws;
mod tag_flaws;

use std::collections::HashSet;

use mutant::{Mutant, MutantSubject};
use orchestrix::store::Backend as _;
use orchestrix::testkit::conformance::{BEHAVIOURS, Behaviour};

use crate::tenants::leaks;

/// One way to be wrong.
struct Flaw {
    /// What the store does.
    name: &'static str,
    /// Behaviours that must see it; others may.
    caught_by: &'static [&'static str],
    /// Breaks the store.
    breaking: fn(Mutant) -> Mutant,
}

fn flaw(
    name: &'static str,
    caught_by: &'static [&'static str],
    breaking: fn(Mutant) -> Mutant,
) -> Flaw {
    Flaw {
        name,
        caught_by,
        breaking,
    }
}

fn all_flaws() -> Vec<Flaw> {
    [
        append_flaws::flaws(),
        repeat_flaws::flaws(),
        read_flaws::flaws(),
        event_flaws::flaws(),
        concurrency_flaws::flaws(),
        read_model_flaws::flaws(),
        document_query_flaws::flaws(),
        dead_letter_flaws::flaws(),
        due_letter_flaws::flaws(),
        rebuild_flaws::flaws(),
        switch_flaws::flaws(),
        drop_flaws::flaws(),
        inline_flaws::flaws(),
        progress_flaws::flaws(),
        key_flaws::flaws(),
        key_lookup_flaws::flaws(),
        schedule_flaws::flaws(),
        condition_flaws::flaws(),
        query_flaws::flaws(),
        decision_flaws::flaws(),
        selection_flaws::flaws(),
        archive_flaws::flaws(),
        tag_flaws::flaws(),
        binary_flaws::flaws(),
        limit_flaws::flaws(),
        lock_flaws::flaws(),
        lease_flaws::flaws(),
        fence_flaws::flaws(),
        reset_flaws::flaws(),
        lifecycle_flaws::flaws(),
    ]
    .into_iter()
    .flatten()
    .collect()
}

fn behaviour(name: &str) -> &'static Behaviour {
    let found = BEHAVIOURS.iter().find(|behaviour| behaviour.name == name);
    found.unwrap_or_else(|| panic!("there is no behaviour `{name}`"))
}

/// Checks that each flaw is caught by each of its behaviours.
fn check(flaws: Vec<Flaw>) {
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .worker_threads(2)
        .enable_all()
        .build();
    let runtime = runtime.unwrap_or_else(|error| panic!("no runtime: {error}"));
    let mut missed = Vec::new();
    for flaw in flaws {
        for name in flaw.caught_by {
            let mutant = MutantSubject((flaw.breaking)(Mutant::default()));
            if runtime.block_on(behaviour(name).check(&mutant)).is_ok() {
                missed.push(format!("{name} passes, though {}", flaw.name));
            }
        }
    }
    assert!(missed.is_empty(), "{missed:#?}");
}

#[test]
fn flaws_in_appending_are_caught() {
    check(append_flaws::flaws());
}

#[test]
fn flaws_in_repeating_are_caught() {
    check(repeat_flaws::flaws());
}

#[test]
fn flaws_in_reading_are_caught() {
    check(read_flaws::flaws());
}

#[test]
fn flaws_in_what_is_kept_of_an_event_are_caught() {
    check(event_flaws::flaws());
}

#[test]
fn flaws_among_many_at_once_are_caught() {
    check(concurrency_flaws::flaws());
}

#[test]
fn flaws_in_resets_are_caught() {
    check(reset_flaws::flaws());
}

#[test]
fn flaws_in_checkpoints_and_read_models_are_caught() {
    check(read_model_flaws::flaws());
}

#[test]
fn flaws_in_indexes_and_queries_on_documents_are_caught() {
    check(document_query_flaws::flaws());
}

#[test]
fn flaws_in_dead_letters_are_caught() {
    check(dead_letter_flaws::flaws());
}

#[test]
fn flaws_in_listing_and_requesting_dead_letters_are_caught() {
    check(due_letter_flaws::flaws());
}

#[test]
fn flaws_in_rebuilding_are_caught() {
    check(rebuild_flaws::flaws());
}

#[test]
fn flaws_in_switching_builds_are_caught() {
    check(switch_flaws::flaws());
}

#[test]
fn flaws_in_dropping_read_models_are_caught() {
    check(drop_flaws::flaws());
}

#[test]
fn flaws_in_inline_documents_are_caught() {
    check(inline_flaws::flaws());
}

#[test]
fn flaws_in_the_progress_of_streams_are_caught() {
    check(progress_flaws::flaws());
}

#[test]
fn flaws_in_opening_and_closing_are_caught() {
    check(lifecycle_flaws::flaws());
}

#[test]
fn flaws_in_knowing_keys_are_caught() {
    check(key_flaws::flaws());
}

#[test]
fn flaws_in_finding_the_outcomes_of_keys_are_caught() {
    check(key_lookup_flaws::flaws());
}

#[test]
fn flaws_in_what_is_scheduled_are_caught() {
    check(schedule_flaws::flaws());
}

#[test]
fn flaws_in_conditions_are_caught() {
    check(condition_flaws::flaws());
}

#[test]
fn flaws_in_queries_are_caught() {
    check(query_flaws::flaws());
}

#[test]
fn flaws_in_decisions_at_once_are_caught() {
    check(decision_flaws::flaws());
}

#[test]
fn flaws_in_selecting_and_finding_are_caught() {
    check(selection_flaws::flaws());
}

#[test]
fn flaws_in_archiving_are_caught() {
    check(archive_flaws::flaws());
}

#[test]
fn flaws_in_what_is_kept_of_tags_are_caught() {
    check(tag_flaws::flaws());
}

#[test]
fn flaws_in_binary_payloads_are_caught() {
    check(binary_flaws::flaws());
}

#[test]
fn flaws_in_limits_are_caught() {
    check(limit_flaws::flaws());
}

#[test]
fn flaws_in_locks_are_caught() {
    check(lock_flaws::flaws());
}

#[test]
fn flaws_in_leases_are_caught() {
    check(lease_flaws::flaws());
}

#[test]
fn flaws_in_fences_and_lanes_are_caught() {
    check(fence_flaws::flaws());
}

/// Flaws by which tenants see each other.
const LEAKS: &[&str] = &[
    "tenants are not filtered",
    "keys are shared by all tenants",
    "the outcome of a key is found in any tenant",
    "a condition sees all tenants",
    "what all tenants scheduled is listed",
    "archiving concerns all tenants",
    "tenants share their documents",
    "tenants share their progress",
    "the documents of all tenants are counted",
    "locks are shared by all tenants",
];

/// Two tenants beside each other show what leaks between them, not only the behaviours that are about it.
#[test]
fn leaks_are_seen_from_tenant_to_tenant() {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build();
    let runtime = runtime.unwrap_or_else(|error| panic!("no runtime: {error}"));
    let flaws = all_flaws();
    for name in LEAKS {
        let Some(flaw) = flaws.iter().find(|flaw| flaw.name == *name) else {
            panic!("there is no flaw `{name}`");
        };
        let mutant = (flaw.breaking)(Mutant::default());
        let seen = runtime.block_on(leaks(mutant.ports()));
        assert!(!seen.is_empty(), "no tenant sees that {name}");
    }
}

#[test]
fn every_behaviour_catches_a_flaw() {
    let flaws = all_flaws();
    let caught: HashSet<_> = flaws.iter().flat_map(|flaw| flaw.caught_by).collect();
    let idle: Vec<_> = BEHAVIOURS
        .iter()
        .filter(|b| !caught.contains(&b.name))
        .collect();
    assert!(
        idle.is_empty(),
        "no flaw shows that these can fail: {idle:?}"
    );
}

/// The store that the flaws are put into has none of its own.
mod without_a_flaw {
    use super::{Mutant, MutantSubject};

    orchestrix::testkit::conformance_tests!(|_test| MutantSubject(Mutant::default()));
}
