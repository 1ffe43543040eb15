//! Flaws in recognising what was appended before.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};

use orchestrix::message::MessageId;
use orchestrix::store::{
    Append, AppendError, EventStore as _, ExpectedVersion, ReadStream, StreamId, StreamWrite,
};

use super::append_flaws::{alone, one_by_one};
use super::mutant::{Mutant, from_writes};
use super::{Flaw, flaw};

pub(super) fn flaws() -> Vec<Flaw> {
    vec![
        flaw(
            "a repeat is stored again",
            &[
                "a_repeat_gives_the_first_outcome",
                "a_repeat_after_later_appends_gives_the_first_outcome",
                "a_repeat_is_recognised_whatever_it_expects",
                "a_repeat_over_streams_gives_the_first_outcome",
                "a_repeat_within_one_call_gives_the_first_outcome",
                "a_partial_repeat_is_a_duplicate",
                "a_repeat_in_another_order_is_a_duplicate",
                "an_id_of_another_stream_is_a_duplicate",
                "repeats_at_once_store_one_copy",
                "reopening_keeps_ids",
            ],
            |mutant| {
                knowing_ids(mutant, |known, write| {
                    for event in &mut write.events {
                        if known.contains_key(&event.event_id) {
                            event.event_id = MessageId::new();
                            write.expected = ExpectedVersion::Any;
                        }
                    }
                })
            },
        ),
        flaw(
            "a repeat is refused",
            &[
                "a_repeat_gives_the_first_outcome",
                "random_appends_agree_with_a_model",
            ],
            |mutant| {
                mutant.telling(|outcome| match outcome {
                    Ok(appended) if appended.repeated => Err(AppendError::Failed {
                        source: "done before".into(),
                    }),
                    outcome => outcome,
                })
            },
        ),
        flaw(
            "a repeat is not told to be one",
            &[
                "a_repeat_gives_the_first_outcome",
                "repeats_at_once_store_one_copy",
            ],
            |mutant| {
                mutant.telling(|outcome| {
                    outcome.map(|mut appended| {
                        appended.repeated = false;
                        appended
                    })
                })
            },
        ),
        flaw(
            "a repeat is told the versions of today",
            &[
                "a_repeat_after_later_appends_gives_the_first_outcome",
                "a_repeat_over_streams_gives_the_first_outcome",
            ],
            |mutant| {
                one_by_one(mutant, |store, append| async move {
                    let mut appended = alone(&store, append).await?;
                    for told in &mut appended.streams {
                        let newest = ReadStream::backward(told.stream.clone()).limit(1);
                        if let Ok([newest]) = store.read_stream(newest).await.as_deref() {
                            told.last_version = newest.version;
                        }
                    }
                    Ok(appended)
                })
            },
        ),
        flaw(
            "expectations are checked before ids",
            &[
                "a_repeat_gives_the_first_outcome",
                "a_repeat_is_recognised_whatever_it_expects",
            ],
            |mutant| {
                one_by_one(mutant, |store, append| async move {
                    for write in append.writes() {
                        let stored = ReadStream::backward(write.stream.clone()).limit(1);
                        let stored = store.read_stream(stored).await.unwrap_or_default();
                        let actual = stored
                            .first()
                            .map(|event| event.version)
                            .unwrap_or_default();
                        if !write.expected.is_met_by(actual) {
                            return Err(AppendError::Conflict {
                                stream: write.stream.clone(),
                                expected: write.expected,
                                actual,
                            });
                        }
                    }
                    alone(&store, append).await
                })
            },
        ),
        flaw(
            "only the new events of a partial repeat are stored",
            &["a_partial_repeat_is_a_duplicate"],
            |mutant| {
                knowing_ids(mutant, |known, write| {
                    if write
                        .events
                        .iter()
                        .any(|event| !known.contains_key(&event.event_id))
                    {
                        write
                            .events
                            .retain(|event| !known.contains_key(&event.event_id));
                    }
                })
            },
        ),
        flaw(
            "the order of a repeat does not matter",
            &["a_repeat_in_another_order_is_a_duplicate"],
            |mutant| {
                knowing_ids(mutant, |known, write| {
                    let order = |id: &MessageId| known.get(id).map(|(order, _)| *order);
                    write.events.sort_by_key(|event| order(&event.event_id));
                })
            },
        ),
        flaw(
            "ids are unique within their stream only",
            &["an_id_of_another_stream_is_a_duplicate"],
            |mutant| {
                knowing_ids(mutant, |known, write| {
                    for event in &mut write.events {
                        if known
                            .get(&event.event_id)
                            .is_some_and(|(_, of)| *of != write.stream)
                        {
                            event.event_id = MessageId::new();
                        }
                    }
                })
            },
        ),
        flaw(
            "ids are unique over all tenants",
            &["an_id_of_another_tenant_is_free"],
            |mutant| {
                knowing_ids(mutant, |known, write| {
                    let elsewhere = |of: &StreamId| of.tenant() != write.stream.tenant();
                    let taken = |id| known.get(id).is_some_and(|(_, of)| elsewhere(of));
                    // An empty write is refused.
                    if write.events.iter().any(|event| taken(&event.event_id)) {
                        write.events.clear();
                    }
                })
            },
        ),
        flaw(
            "old ids are forgotten",
            &["a_repeat_after_later_appends_gives_the_first_outcome"],
            |mutant| {
                knowing_ids(mutant, |known, write| {
                    let newest = known
                        .values()
                        .map(|(order, _)| *order)
                        .max()
                        .unwrap_or_default();
                    for event in &mut write.events {
                        if known
                            .get(&event.event_id)
                            .is_some_and(|(order, _)| order + 2 < newest)
                        {
                            event.event_id = MessageId::new();
                            write.expected = ExpectedVersion::Any;
                        }
                    }
                })
            },
        ),
    ]
}

/// The ids seen so far, each with its turn and its stream.
type Known = HashMap<MessageId, (usize, StreamId)>;

/// Changes writes by the ids that earlier appends, refused ones included, came with.
fn knowing_ids(mutant: Mutant, change: fn(&Known, &mut StreamWrite)) -> Mutant {
    let known: Arc<Mutex<Known>> = Arc::default();
    mutant.append(move |store, appends| {
        let known = known.clone();
        async move {
            let mut outcomes = Vec::new();
            for append in appends {
                let changed = changed(&known, append, change);
                outcomes.push(alone(&store, changed).await);
            }
            outcomes
        }
    })
}

fn changed(known: &Mutex<Known>, append: Append, change: fn(&Known, &mut StreamWrite)) -> Append {
    let mut known = known.lock().unwrap_or_else(PoisonError::into_inner);
    let given = append.writes().to_vec();
    let mut writes = append.into_writes();
    writes.iter_mut().for_each(|write| change(&known, write));
    for write in given {
        for event in write.events {
            let order = known.len();
            known
                .entry(event.event_id)
                .or_insert((order, write.stream.clone()));
        }
    }
    from_writes(writes)
}
