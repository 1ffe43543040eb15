//! Flaws in appending.

use std::collections::HashSet;

use orchestrix::store::{
    Append, AppendError, Appended, EventStore as _, ExpectedVersion, GlobalPosition, Limits,
    MemoryStore, StreamVersion, TenantId,
};

use super::mutant::{Mutant, from_writes};
use super::{Flaw, flaw};

pub(super) fn flaws() -> Vec<Flaw> {
    vec![
        flaw(
            "expectations are ignored",
            &[
                "no_stream_conflicts_with_an_existing_stream",
                "stream_exists_conflicts_with_an_absent_stream",
                "exact_conflicts_with_other_versions",
                "a_conflict_tells_stream_expected_and_actual",
                "a_conflict_stores_nothing",
                "a_conflict_on_one_stream_stores_nothing",
                "a_later_append_sees_the_earlier_ones_of_its_call",
                "one_of_sixteen_writers_wins",
                "one_of_many_creators_wins",
                "deciders_and_expecting_writers_exclude_each_other",
                "writers_of_two_conflict_as_within_one",
                "random_appends_agree_with_a_model",
            ],
            |mutant| mutant.writing(|write| write.expected = ExpectedVersion::Any),
        ),
        flaw(
            "no expectation is met",
            &[
                "no_stream_is_met_by_an_absent_stream",
                "stream_exists_is_met_by_an_existing_stream",
                "exact_is_met_by_its_version",
            ],
            |mutant| {
                mutant.writing(|write| {
                    if write.expected != ExpectedVersion::Any {
                        write.expected = ExpectedVersion::Exact(StreamVersion::new(1 << 40));
                    }
                })
            },
        ),
        flaw(
            "`Any` is taken for `NoStream`",
            &[
                "any_is_always_met",
                "writers_that_expect_nothing_leave_no_hole",
            ],
            |mutant| {
                mutant.writing(|write| {
                    if write.expected == ExpectedVersion::Any {
                        write.expected = ExpectedVersion::NoStream;
                    }
                })
            },
        ),
        flaw(
            "a conflict tells a wrong actual version",
            &[
                "a_conflict_tells_stream_expected_and_actual",
                "one_of_sixteen_writers_wins",
            ],
            |mutant| {
                mutant.telling(|outcome| match outcome {
                    Err(AppendError::Conflict {
                        stream,
                        expected,
                        actual,
                    }) => Err(AppendError::Conflict {
                        stream,
                        expected,
                        actual: actual.next(),
                    }),
                    outcome => outcome,
                })
            },
        ),
        flaw(
            "a conflict forgets the tenant",
            &["a_conflict_tells_stream_expected_and_actual"],
            |mutant| {
                mutant.telling(|outcome| match outcome {
                    Err(AppendError::Conflict {
                        stream,
                        expected,
                        actual,
                    }) => Err(AppendError::Conflict {
                        stream: stream.with_tenant(TenantId::default()),
                        expected,
                        actual,
                    }),
                    outcome => outcome,
                })
            },
        ),
        flaw(
            "what conflicts is stored nevertheless",
            &[
                "a_conflict_stores_nothing",
                "ids_of_a_refused_append_stay_free",
                "a_refused_condition_stores_nothing",
            ],
            |mutant| one_by_one(mutant, store_conflicts),
        ),
        flaw(
            "the events of an append are reversed",
            &[
                "events_stand_in_the_order_given",
                "an_append_over_streams_is_stored_whole",
                "a_thousand_events_in_one_append",
            ],
            |mutant| mutant.writing(|write| write.events.reverse()),
        ),
        flaw(
            "the streams of an append are stored one by one",
            &["a_conflict_on_one_stream_stores_nothing"],
            |mutant| one_by_one(mutant, store_streams_apart),
        ),
        flaw(
            "a write without events is left out",
            &["a_write_without_events_is_refused"],
            |mutant| one_by_one(mutant, leave_out_empty_writes),
        ),
        flaw(
            "a stream that stands twice is written to twice",
            &["a_stream_that_stands_twice_is_refused"],
            |mutant| {
                mutant.appending(|append| {
                    let mut writes: Vec<_> = append.into_writes();
                    if let [first, second] = &mut writes[..]
                        && first.stream == second.stream
                    {
                        first.events.append(&mut second.events);
                        writes.pop();
                    }
                    from_writes(writes)
                })
            },
        ),
        flaw(
            "an id that stands twice is stored once",
            &["an_id_that_stands_twice_is_refused"],
            |mutant| {
                mutant.appending(|append| {
                    let mut ids = HashSet::new();
                    let mut writes = append.into_writes();
                    for write in &mut writes {
                        write.events.retain(|event| ids.insert(event.event_id));
                    }
                    writes.retain(|write| !write.events.is_empty());
                    from_writes(writes)
                })
            },
        ),
        flaw(
            "a call without appends has an outcome",
            &["no_appends_have_no_outcomes"],
            |mutant| {
                mutant.append(|store, appends| async move {
                    match appends.is_empty() {
                        true => vec![Err(AppendError::Empty { stream: None })],
                        false => store.append(appends).await,
                    }
                })
            },
        ),
        flaw(
            "outcomes come in reverse",
            &[
                "outcomes_stand_in_the_order_of_the_appends",
                "a_refused_append_harms_no_neighbour",
            ],
            |mutant| {
                mutant.append(|store, appends| async move {
                    let mut outcomes = store.append(appends).await;
                    outcomes.reverse();
                    outcomes
                })
            },
        ),
        flaw(
            "the appends of a call are stored in reverse",
            &[
                "outcomes_stand_in_the_order_of_the_appends",
                "a_later_append_sees_the_earlier_ones_of_its_call",
            ],
            |mutant| {
                mutant.append(|store, mut appends| async move {
                    appends.reverse();
                    let mut outcomes = store.append(appends).await;
                    outcomes.reverse();
                    outcomes
                })
            },
        ),
        flaw(
            "a refused append fails all of its call",
            &[
                "a_refused_append_harms_no_neighbour",
                "what_is_above_a_limit_harms_no_neighbour",
            ],
            |mutant| {
                mutant.append(|store, appends| async move {
                    if appends
                        .iter()
                        .all(|append| append.check(&Limits::default()).is_ok())
                    {
                        return store.append(appends).await;
                    }
                    let failed = |_| {
                        Err(AppendError::Failed {
                            source: "one is refused".into(),
                        })
                    };
                    appends.into_iter().map(failed).collect()
                })
            },
        ),
        flaw(
            "the last event of several is lost",
            &[
                "events_stand_in_the_order_given",
                "an_append_over_streams_is_stored_whole",
                "events_come_in_the_order_of_their_positions",
                "writers_that_expect_nothing_leave_no_hole",
            ],
            |mutant| {
                mutant.writing(|write| {
                    if write.events.len() > 1 {
                        write.events.pop();
                    }
                })
            },
        ),
        flaw(
            "an append is cut at 999 events",
            &["a_thousand_events_in_one_append"],
            |mutant| mutant.writing(|write| write.events.truncate(999)),
        ),
        flaw(
            "the position told is not the last event's",
            &[
                "an_append_over_streams_is_stored_whole",
                "positions_increase_from_append_to_append",
            ],
            |mutant| {
                mutant.telling(|outcome| {
                    outcome.map(|appended| Appended {
                        position: GlobalPosition::new(appended.position.get() + 1),
                        ..appended
                    })
                })
            },
        ),
    ]
}

/// Breaks single appends: each of a call is done by itself.
pub(super) fn one_by_one<F>(mutant: Mutant, instead: fn(MemoryStore, Append) -> F) -> Mutant
where
    F: Future<Output = Result<Appended, AppendError>> + Send + 'static,
{
    mutant.append(move |store, appends| async move {
        let mut outcomes = Vec::new();
        for append in appends {
            outcomes.push(instead(store.clone(), append).await);
        }
        outcomes
    })
}

/// The outcome of one append.
pub(super) async fn alone(store: &MemoryStore, append: Append) -> Result<Appended, AppendError> {
    let mut outcomes = store.append(vec![append]).await;
    outcomes
        .pop()
        .unwrap_or_else(|| panic!("the memory store gives an outcome for each append"))
}

async fn store_conflicts(store: MemoryStore, append: Append) -> Result<Appended, AppendError> {
    let outcome = alone(&store, append.clone()).await;
    if outcome.as_ref().is_err_and(AppendError::is_conflict) {
        let mut writes = append.into_writes();
        for write in &mut writes {
            write.expected = ExpectedVersion::Any;
        }
        alone(&store, from_writes(writes)).await?;
    }
    outcome
}

async fn store_streams_apart(store: MemoryStore, append: Append) -> Result<Appended, AppendError> {
    append.check(&Limits::default())?;
    let mut whole: Option<Appended> = None;
    for write in append.into_writes() {
        let part = alone(&store, from_writes(vec![write])).await?;
        whole = Some(match whole {
            None => part,
            Some(mut before) => {
                before.streams.extend(part.streams);
                Appended {
                    streams: before.streams,
                    ..part
                }
            }
        });
    }
    whole.ok_or(AppendError::Empty { stream: None })
}

async fn leave_out_empty_writes(
    store: MemoryStore,
    append: Append,
) -> Result<Appended, AppendError> {
    let mut writes = append.into_writes();
    writes.retain(|write| !write.events.is_empty());
    if writes.is_empty() {
        return Ok(Appended {
            streams: Vec::new(),
            position: GlobalPosition::START,
            repeated: false,
        });
    }
    alone(&store, from_writes(writes)).await
}
