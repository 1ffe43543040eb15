//! Flaws in how much is taken.

use orchestrix::store::{AppendError, Limits};

use super::{Flaw, flaw};

pub(super) fn flaws() -> Vec<Flaw> {
    vec![
        flaw(
            "nothing is limited",
            &[
                "the_bytes_of_a_payload_are_limited",
                "the_bytes_of_metadata_are_limited",
                "the_tags_of_an_event_are_limited",
                "the_depth_of_json_is_limited",
                "the_events_of_an_append_are_limited",
                "the_bytes_of_an_append_are_limited",
                "the_items_of_a_condition_are_limited",
                "what_is_above_a_limit_harms_no_neighbour",
            ],
            |mutant| mutant.limiting(scaled(|limit| limit * 100)),
        ),
        flaw(
            "what is at a limit is refused",
            &[
                "the_bytes_of_a_payload_are_limited",
                "the_bytes_of_metadata_are_limited",
                "the_tags_of_an_event_are_limited",
                "the_depth_of_json_is_limited",
                "the_events_of_an_append_are_limited",
                "the_bytes_of_an_append_are_limited",
                "the_items_of_a_condition_are_limited",
            ],
            |mutant| mutant.limiting(scaled(|limit| limit - 1)),
        ),
        flaw(
            "a limit that is exceeded is not told",
            &[
                "the_bytes_of_a_payload_are_limited",
                "the_events_of_an_append_are_limited",
            ],
            |mutant| {
                mutant.telling(|outcome| match outcome {
                    Err(AppendError::LimitExceeded {
                        stream,
                        limit,
                        found,
                        ..
                    }) => Err(AppendError::LimitExceeded {
                        stream,
                        limit,
                        found,
                        allowed: found,
                    }),
                    outcome => outcome,
                })
            },
        ),
        flaw(
            "event types are made to be names",
            &["event_types_that_are_no_names_are_refused"],
            |mutant| {
                mutant.storing(|event| {
                    let named: String = event
                        .event_type
                        .chars()
                        .filter(|c| !c.is_control())
                        .collect();
                    event.event_type = format!("{named:_>1}")
                        .chars()
                        .take(256)
                        .collect::<String>()
                        .into();
                })
            },
        ),
    ]
}

fn scaled(change: fn(usize) -> usize) -> Limits {
    let mut limits = Limits::default();
    for limit in [
        &mut limits.event_bytes,
        &mut limits.metadata_bytes,
        &mut limits.event_tags,
        &mut limits.json_depth,
        &mut limits.append_events,
        &mut limits.append_bytes,
        &mut limits.query_items,
    ] {
        *limit = change(*limit);
    }
    limits
}
