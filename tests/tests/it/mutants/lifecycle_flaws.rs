//! Flaws in opening and closing.

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
            &["calls_after_the_end_fail"],
            Mutant::never_ending,
        ),
    ]
}
