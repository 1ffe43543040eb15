//! Flaws in archiving.

use orchestrix::store::{
    Append, AppendError, Appended, EventStore as _, ExpectedVersion, GlobalPosition, MemoryStore,
    ReadAll, ReadError, ReadStream, StreamId, StreamVersion, TenantId,
};

use super::append_flaws::{alone, one_by_one};
use super::concurrency_flaws::version;
use super::mutant::{gap, without_condition, without_key};
use super::{Flaw, flaw};

pub(super) fn flaws() -> Vec<Flaw> {
    [of_archiving(), of_what_is_archived()]
        .into_iter()
        .flatten()
        .collect()
}

fn of_archiving() -> Vec<Flaw> {
    vec![
        flaw(
            "archiving does nothing",
            &[
                "an_archived_stream_has_no_events",
                "an_archived_stream_takes_no_more",
                "archived_streams_are_apart_by_tenant",
                "reopening_keeps_archived_streams",
            ],
            |mutant| {
                mutant.archive_stream(|store, (stream, _)| async move {
                    Ok(version(&store, &stream).await)
                })
            },
        ),
        flaw(
            "archiving expects nothing",
            &["archiving_holds_to_its_expectation"],
            |mutant| {
                mutant.archive_stream(|store, (stream, _)| async move {
                    store.archive_stream(&stream, ExpectedVersion::Any).await
                })
            },
        ),
        flaw(
            "an absent stream is archived",
            &["an_absent_stream_is_not_archived"],
            |mutant| {
                mutant.archive_stream(|store, (stream, expected)| async move {
                    match version(&store, &stream).await {
                        StreamVersion::NONE => Ok(StreamVersion::NONE),
                        _ => store.archive_stream(&stream, expected).await,
                    }
                })
            },
        ),
        flaw(
            "archiving twice is refused",
            &["archiving_twice_changes_nothing"],
            |mutant| {
                mutant.archive_stream(|store, (stream, expected)| async move {
                    let archived = is_archived(&store, &stream).await;
                    let version = store.archive_stream(&stream, expected).await?;
                    match archived {
                        true => Err(AppendError::Archived { stream, version }),
                        false => Ok(version),
                    }
                })
            },
        ),
        flaw(
            "archiving concerns all tenants",
            &["archived_streams_are_apart_by_tenant"],
            |mutant| {
                mutant.archive_stream(|store, (stream, expected)| async move {
                    let of_default = stream.clone().with_tenant(TenantId::default());
                    // Absent where the name is the other tenant's alone.
                    let _ = store
                        .archive_stream(&of_default, ExpectedVersion::Any)
                        .await;
                    store.archive_stream(&stream, expected).await
                })
            },
        ),
        flaw(
            "the version is read, then the stream is archived",
            &["an_archived_stream_ends_at_the_version_told"],
            |mutant| {
                mutant.archive_stream(|store, (stream, expected)| async move {
                    let seen = version(&store, &stream).await;
                    gap().await;
                    store.archive_stream(&stream, expected).await.map(|_| seen)
                })
            },
        ),
    ]
}

fn of_what_is_archived() -> Vec<Flaw> {
    vec![
        flaw(
            "archived streams are read as ever",
            &[
                "an_archived_stream_has_no_events",
                "reopening_keeps_archived_streams",
            ],
            |mutant| {
                mutant.read_stream(|store, read: ReadStream| async move {
                    store.read_stream(read.with_archived()).await
                })
            },
        ),
        flaw(
            "archiving deletes",
            &[
                "an_archived_stream_is_read_by_asking",
                "archiving_twice_changes_nothing",
                "the_log_keeps_archived_events",
                "positions_go_on_after_archiving",
            ],
            |mutant| {
                mutant
                    .read_stream(|store, mut read: ReadStream| async move {
                        read.with_archived = false;
                        store.read_stream(read).await
                    })
                    .read_all(|store, read: ReadAll| async move {
                        let mut page = store.read_all(read).await?;
                        let mut kept = Vec::new();
                        for event in page.events {
                            if !is_archived(&store, &event.stream).await {
                                kept.push(event);
                            }
                        }
                        page.events = kept;
                        Ok(page)
                    })
            },
        ),
        flaw(
            "the head is the last event that is not archived",
            &[
                "the_log_keeps_archived_events",
                "positions_go_on_after_archiving",
            ],
            |mutant| mutant.head(|store, ()| async move { hot_head(&store).await }),
        ),
        flaw(
            "an append to an archived stream conflicts",
            &["an_archived_stream_takes_no_more"],
            |mutant| {
                mutant.telling(|outcome| match outcome {
                    Err(AppendError::Archived { stream, version }) => Err(AppendError::Conflict {
                        stream,
                        expected: ExpectedVersion::Any,
                        actual: version,
                    }),
                    outcome => outcome,
                })
            },
        ),
        flaw(
            "conditions see what is not archived",
            &["a_condition_sees_archived_events"],
            |mutant| one_by_one(mutant, pass_archived),
        ),
        flaw(
            "the keys of an archived stream are forgotten",
            &["a_key_outlives_archiving"],
            |mutant| one_by_one(mutant, forget_archived_keys),
        ),
    ]
}

async fn is_archived(store: &MemoryStore, stream: &StreamId) -> bool {
    let all = ReadStream::forward(stream.clone()).with_archived().limit(1);
    let exists = store
        .read_stream(all)
        .await
        .is_ok_and(|events| !events.is_empty());
    exists && version(store, stream).await == StreamVersion::NONE
}

async fn hot_head(store: &MemoryStore) -> Result<GlobalPosition, ReadError> {
    let mut head = GlobalPosition::START;
    for event in store.read_all(ReadAll::after(head)).await?.events {
        if !is_archived(store, &event.stream).await {
            head = event.position;
        }
    }
    Ok(head)
}

async fn pass_archived(store: MemoryStore, append: Append) -> Result<Appended, AppendError> {
    let outcome = alone(&store, append.clone()).await;
    let Err(AppendError::ConditionConflict { found, .. }) = &outcome else {
        return outcome;
    };
    let at = ReadAll::after(GlobalPosition::new(found.get() - 1)).limit(1);
    let events = store.read_all(at).await.map(|page| page.events);
    match events.as_deref() {
        Ok([event]) if is_archived(&store, &event.stream).await => {
            alone(&store, without_condition(append)).await
        }
        _ => outcome,
    }
}

async fn forget_archived_keys(store: MemoryStore, append: Append) -> Result<Appended, AppendError> {
    let outcome = alone(&store, append.clone()).await;
    if outcome.as_ref().is_ok_and(|appended| appended.repeated)
        && is_archived(&store, &append.writes()[0].stream).await
    {
        return alone(&store, without_key(append)).await;
    }
    outcome
}
