//! Flaws that show when several act at once, or give up.

use std::collections::HashSet;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use orchestrix::message::MessageId;
use orchestrix::store::{
    Append, AppendError, Appended, ChangeSignal, EventStore as _, ExpectedVersion, Limits,
    MemoryStore, ReadStream, StreamId, StreamVersion,
};

use super::append_flaws::{alone, one_by_one};
use super::mutant::{Mutant, from_writes, gap};
use super::{Flaw, flaw};

pub(super) fn flaws() -> Vec<Flaw> {
    vec![
        flaw(
            "positions are handed out before events can be seen",
            &["a_tailing_reader_sees_every_event_once_in_order"],
            naive_positions,
        ),
        flaw(
            "an event in a thousand never shows in the log",
            &[
                "a_tailing_reader_sees_every_event_once_in_order",
                "a_long_log_is_read_in_pages",
            ],
            |mutant| {
                mutant.paging(|page, _| {
                    page.events
                        .retain(|event| event.position.get() % 1_000 != 999)
                })
            },
        ),
        flaw(
            "the version is checked, then written",
            &["one_of_sixteen_writers_wins", "one_of_many_creators_wins"],
            |mutant| one_by_one(mutant, check_then_act),
        ),
        flaw(
            "writers that expect nothing conflict",
            &["writers_that_expect_nothing_leave_no_hole"],
            |mutant| one_by_one(mutant, expect_what_was_read),
        ),
        flaw(
            "two that take the same streams stop each other",
            &["appends_over_crossed_streams_do_not_stop_each_other"],
            lock_one_by_one,
        ),
        flaw(
            "nobody is woken",
            &[
                "an_append_wakes_a_waiting_reader",
                "an_append_wakes_a_reader_of_another",
            ],
            |mutant| {
                let silent = ChangeSignal::new();
                mutant.changes(move || silent.subscribe())
            },
        ),
        flaw(
            "what is appended while nobody listens is not in the log",
            &["a_missed_wake_up_loses_nothing"],
            show_to_listeners_only,
        ),
        flaw(
            "an append is stored event by event",
            &[
                "a_dropped_append_is_whole_or_absent",
                "a_dropped_call_leaves_whole_appends",
            ],
            |mutant| one_by_one(mutant, store_event_by_event),
        ),
        flaw(
            "a dropped call keeps its connection",
            &["a_store_survives_dropped_calls"],
            leak_connections,
        ),
    ]
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

pub(super) async fn version(store: &MemoryStore, stream: &StreamId) -> StreamVersion {
    let newest = store
        .read_stream(ReadStream::backward(stream.clone()).limit(1))
        .await;
    newest
        .unwrap_or_default()
        .first()
        .map(|event| event.version)
        .unwrap_or_default()
}

/// As with a sequence in a database: events have their positions before they are committed, and readers pass them.
fn naive_positions(mutant: Mutant) -> Mutant {
    let uncommitted: Arc<Mutex<HashSet<MessageId>>> = Arc::default();
    let hidden = uncommitted.clone();
    mutant
        .append(move |store, appends| {
            let uncommitted = uncommitted.clone();
            async move {
                let writes = appends.iter().flat_map(Append::writes);
                let ids: Vec<_> = writes.flat_map(|w| &w.events).map(|e| e.event_id).collect();
                lock(&uncommitted).extend(&ids);
                let outcomes = store.append(appends).await;
                gap().await;
                lock(&uncommitted).retain(|id| !ids.contains(id));
                outcomes
            }
        })
        .paging(move |page, _| {
            let hidden = lock(&hidden);
            page.events
                .retain(|event| !hidden.contains(&event.event_id()));
        })
}

async fn check_then_act(store: MemoryStore, append: Append) -> Result<Appended, AppendError> {
    let mut writes = append.into_writes();
    for write in &mut writes {
        let actual = version(&store, &write.stream).await;
        if !write.expected.is_met_by(actual) {
            return Err(AppendError::Conflict {
                stream: write.stream.clone(),
                expected: write.expected,
                actual,
            });
        }
        write.expected = ExpectedVersion::Any;
    }
    gap().await;
    alone(&store, from_writes(writes)).await
}

async fn expect_what_was_read(store: MemoryStore, append: Append) -> Result<Appended, AppendError> {
    let mut writes = append.into_writes();
    for write in &mut writes {
        if write.expected == ExpectedVersion::Any {
            write.expected = ExpectedVersion::Exact(version(&store, &write.stream).await);
        }
    }
    gap().await;
    alone(&store, from_writes(writes)).await
}

/// Takes the streams' locks in the order of the writes, and gives up where another has one.
fn lock_one_by_one(mutant: Mutant) -> Mutant {
    let locked: Arc<Mutex<HashSet<StreamId>>> = Arc::default();
    mutant.append(move |store, appends| {
        let locked = locked.clone();
        async move {
            let mut outcomes = Vec::new();
            for append in appends {
                let mut taken = Vec::new();
                for write in append.writes() {
                    if lock(&locked).insert(write.stream.clone()) {
                        taken.push(write.stream.clone());
                    }
                    gap().await;
                }
                outcomes.push(match taken.len() == append.writes().len() {
                    true => alone(&store, append).await,
                    false => Err(AppendError::Unavailable {
                        source: "deadlock detected".into(),
                    }),
                });
                lock(&locked).retain(|stream| !taken.contains(stream));
            }
            outcomes
        }
    })
}

fn show_to_listeners_only(mutant: Mutant) -> Mutant {
    let signal = ChangeSignal::new();
    let listeners = signal.clone();
    let unseen: Arc<Mutex<HashSet<MessageId>>> = Arc::default();
    let hidden = unseen.clone();
    mutant
        .append(move |store, appends| {
            if listeners.readers() == 0 {
                let writes = appends.iter().flat_map(Append::writes);
                lock(&unseen).extend(writes.flat_map(|w| &w.events).map(|e| e.event_id));
            }
            listeners.wake();
            async move { store.append(appends).await }
        })
        .changes(move || signal.subscribe())
        .paging(move |page, _| {
            let hidden = lock(&hidden);
            page.events
                .retain(|event| !hidden.contains(&event.event_id()));
        })
}

async fn store_event_by_event(store: MemoryStore, append: Append) -> Result<Appended, AppendError> {
    append.check(&Limits::default())?;
    let mut whole: Option<Appended> = None;
    for write in append.into_writes() {
        let mut expected = write.expected;
        for event in write.events {
            let part = alone(
                &store,
                Append::new(write.stream.clone(), expected, vec![event]),
            )
            .await?;
            expected = ExpectedVersion::Any;
            gap().await;
            whole = Some(match whole {
                None => part,
                Some(before) => Appended {
                    streams: before.streams.into_iter().chain(part.streams).collect(),
                    ..part
                },
            });
        }
    }
    whole.ok_or(AppendError::Empty { stream: None })
}

fn leak_connections(mutant: Mutant) -> Mutant {
    const CONNECTIONS: usize = 10;
    let busy = Arc::new(AtomicUsize::new(0));
    mutant.append(move |store, appends| {
        let busy = busy.clone();
        async move {
            if busy.fetch_add(1, Ordering::AcqRel) >= CONNECTIONS {
                let failed = |_| {
                    Err(AppendError::Unavailable {
                        source: "no connection is free".into(),
                    })
                };
                return appends.into_iter().map(failed).collect();
            }
            gap().await;
            let outcomes = store.append(appends).await;
            busy.fetch_sub(1, Ordering::AcqRel);
            outcomes
        }
    })
}
