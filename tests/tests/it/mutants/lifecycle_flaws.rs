//! Flaws in opening and closing.

use orchestrix::store::{Backend as _, StoreHealth};

use super::mutant::Mutant;
use super::{Flaw, flaw};

pub(super) fn flaws() -> Vec<Flaw> {
    vec![
        flaw(
            "each opening is another store",
            &[
                "reopening_keeps_events",
                "reopening_keeps_ids",
                "reopening_keeps_checkpoints",
                "reopening_keeps_read_models",
                "reopening_keeps_dead_letters",
                "reopening_keeps_tokens",
                "a_request_by_one_is_due_for_another",
                "reopening_keeps_idempotency_keys",
                "reopening_keeps_archived_streams",
                "locks_of_two_exclude_each_other",
                "leases_of_two_exclude_each_other",
                "deciders_of_two_conflict_as_within_one",
                "a_key_in_two_stores_one_copy",
                "what_one_acknowledges_another_reads",
                "writers_of_two_conflict_as_within_one",
                "an_append_wakes_a_reader_of_another",
            ],
            Mutant::forgetting,
        ),
        flaw(
            "closing twice is an error",
            &["closing_twice_does_nothing"],
            |mutant| {
                mutant.close(|_, again| async move {
                    match again {
                        true => Err("closed already".into()),
                        false => Ok(()),
                    }
                })
            },
        ),
        flaw(
            "closing ends nothing",
            &["calls_after_the_end_fail", "a_closed_store_is_not_well"],
            Mutant::never_ending,
        ),
        flaw(
            "health is that of a store that does not answer",
            &["an_open_store_answers"],
            |mutant| {
                mutant.health(|_, ()| async { StoreHealth::new("mutant", Err("timed out".into())) })
            },
        ),
        flaw(
            "health is that of another store",
            &["an_open_store_answers"],
            |mutant| mutant.health(|store, ()| async move { store.health().await }),
        ),
    ]
}
