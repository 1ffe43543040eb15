//! What a tenant can do.

use std::time::Duration;

use orchestrix::error::BoxError;
use orchestrix::store::{
    Append, AppendError, DeadLetterRequest, DeadLetterSelection, EventQuery, ExpectedVersion,
    Filter, GlobalPosition, Lock, ReadAll, ReadStream, StreamVersion,
};

use super::matrix::Row;
use super::side::{CHARGE, FRESH, KEPT, OLD, Side};

/// What must go on while others look: locks that are held.
pub(super) type Held = Vec<Lock>;

/// An operation, and whether it changes what its own tenant sees.
pub(super) struct Operation {
    pub(super) row: Row<Held>,
    pub(super) changes: bool,
}

macro_rules! operations {
    (changing { $($changing:ident)* } not_changing { $($other:ident)* }) => {
        /// Everything that a tenant can do.
        pub(super) const OPERATIONS: &[Operation] = &[
            $(Operation {
                row: Row {
                    name: stringify!($changing),
                    call: |side| Box::pin($changing(side)),
                },
                changes: true,
            },)*
            $(Operation {
                row: Row {
                    name: stringify!($other),
                    call: |side| Box::pin($other(side)),
                },
                changes: false,
            },)*
        ];
    };
}

operations! {
    changing {
        append_whatever_is_there append_to_no_stream append_to_what_exists append_to_a_version
        append_over_streams append_known_ids append_with_a_key append_under_a_condition
        append_beside_the_archived_stream archive_a_stream put_documents delete_a_document
        save_a_checkpoint park_a_dead_letter settle_a_dead_letter request_dead_letters schedule_something cancel_what_is_scheduled take_a_lock wait_for_a_lock
        append_with_a_document
    }
    not_changing {
        nothing append_in_conflict archive_in_conflict read_streams read_the_log find_events find_outcomes
        ask_for_the_head listen_for_changes read_documents query_documents read_checkpoints
        read_dead_letters read_what_is_scheduled count_locks read_progress
    }
}

const NOTHING_HELD: Held = Vec::new();

async fn nothing(_: Side) -> Result<Held, BoxError> {
    Ok(NOTHING_HELD)
}

/// Appends the fourth event to a stream of the tenant, which must succeed.
async fn append(side: &Side, key: &str, expected: ExpectedVersion) -> Result<Held, BoxError> {
    let append = Append::new(side.stream(key)?, expected, vec![side.event(3)?]);
    side.append(append).await??;
    Ok(NOTHING_HELD)
}

async fn append_whatever_is_there(side: Side) -> Result<Held, BoxError> {
    append(&side, KEPT, ExpectedVersion::Any).await
}

async fn append_to_no_stream(side: Side) -> Result<Held, BoxError> {
    append(&side, FRESH, ExpectedVersion::NoStream).await
}

async fn append_to_what_exists(side: Side) -> Result<Held, BoxError> {
    append(&side, KEPT, ExpectedVersion::StreamExists).await
}

async fn append_to_a_version(side: Side) -> Result<Held, BoxError> {
    append(&side, KEPT, ExpectedVersion::Exact(StreamVersion::new(2))).await
}

async fn append_over_streams(side: Side) -> Result<Held, BoxError> {
    let kept = Append::new(
        side.stream(KEPT)?,
        ExpectedVersion::Any,
        vec![side.event(3)?],
    );
    let fresh = side.stream(FRESH)?;
    let both = kept.and(fresh, ExpectedVersion::NoStream, vec![side.event(4)?]);
    side.append(both).await??;
    Ok(NOTHING_HELD)
}

/// The ids are those of the tenant's own events: a repeat, and one that is new.
async fn append_known_ids(side: Side) -> Result<Held, BoxError> {
    let kept = vec![side.event(0)?, side.event(1)?];
    let again = Append::new(side.stream(KEPT)?, ExpectedVersion::NoStream, kept);
    if !side.append(again).await??.repeated {
        return Err("a repeat was stored again".into());
    }
    append(&side, FRESH, ExpectedVersion::Any).await
}

async fn append_with_a_key(side: Side) -> Result<Held, BoxError> {
    let append = Append::new(
        side.stream(KEPT)?,
        ExpectedVersion::Any,
        vec![side.event(5)?],
    );
    side.append(append.with_idempotency_key(side.key(CHARGE)?))
        .await??;
    Ok(NOTHING_HELD)
}

async fn append_under_a_condition(side: Side) -> Result<Held, BoxError> {
    let append = Append::new(
        side.stream(FRESH)?,
        ExpectedVersion::Any,
        vec![side.event(5)?],
    );
    let unless = append.unless(EventQuery::tagged([side.tag()?]), side.knows);
    side.append(unless).await??;
    Ok(NOTHING_HELD)
}

/// The archived stream takes nothing, another does.
async fn append_beside_the_archived_stream(side: Side) -> Result<Held, BoxError> {
    let old = Append::new(
        side.stream(OLD)?,
        ExpectedVersion::Any,
        vec![side.event(4)?],
    );
    match side.append(old).await? {
        Err(AppendError::Archived { .. }) => append(&side, FRESH, ExpectedVersion::NoStream).await,
        outcome => Err(format!("an archived stream gave {outcome:?}").into()),
    }
}

async fn append_in_conflict(side: Side) -> Result<Held, BoxError> {
    let append = Append::new(
        side.stream(KEPT)?,
        ExpectedVersion::NoStream,
        vec![side.event(3)?],
    );
    match side
        .append(append.with_idempotency_key(side.key(CHARGE)?))
        .await?
    {
        Err(error) if error.is_conflict() => Ok(NOTHING_HELD),
        outcome => Err(format!("a conflict was {outcome:?}").into()),
    }
}

async fn archive_a_stream(side: Side) -> Result<Held, BoxError> {
    let events = &side.ports.events;
    events
        .archive_stream(&side.stream(KEPT)?, ExpectedVersion::Any)
        .await?;
    Ok(NOTHING_HELD)
}

async fn archive_in_conflict(side: Side) -> Result<Held, BoxError> {
    let (events, fresh) = (&side.ports.events, side.stream(FRESH)?);
    match events.archive_stream(&fresh, ExpectedVersion::Any).await {
        Err(error) if error.is_conflict() => Ok(NOTHING_HELD),
        outcome => Err(format!("a conflict was {outcome:?}").into()),
    }
}

async fn read_streams(side: Side) -> Result<Held, BoxError> {
    for key in [KEPT, OLD, FRESH] {
        let stream = side.stream(key)?;
        for read in [
            ReadStream::forward(stream.clone()),
            ReadStream::backward(stream.clone()).limit(1),
            ReadStream::forward(stream).with_archived(),
        ] {
            side.ports.events.read_stream(read).await?;
        }
    }
    Ok(NOTHING_HELD)
}

async fn read_the_log(side: Side) -> Result<Held, BoxError> {
    let filter = Filter::all().tenant(side.tenant.clone());
    let read = ReadAll::after(side.world.began).filter(filter);
    side.ports.events.read_all(read).await?;
    Ok(NOTHING_HELD)
}

async fn find_events(side: Side) -> Result<Held, BoxError> {
    for id in side.world.ids {
        side.ports.events.find_event(&side.tenant, id).await?;
    }
    Ok(NOTHING_HELD)
}

async fn find_outcomes(side: Side) -> Result<Held, BoxError> {
    let (events, key) = (&side.ports.events, side.key(CHARGE)?);
    events.outcome_of(&side.tenant, &key).await?;
    Ok(NOTHING_HELD)
}

async fn ask_for_the_head(side: Side) -> Result<Held, BoxError> {
    side.ports.events.head().await?;
    Ok(NOTHING_HELD)
}

async fn listen_for_changes(side: Side) -> Result<Held, BoxError> {
    side.ports.events.changes().changed(Duration::ZERO).await;
    Ok(NOTHING_HELD)
}

async fn append_with_a_document(side: Side) -> Result<Held, BoxError> {
    side.append(side.followed_append(FRESH)?).await??;
    Ok(NOTHING_HELD)
}

async fn read_progress(side: Side) -> Result<Held, BoxError> {
    let (read_models, stream) = (&side.ports.read_models, side.stream(FRESH)?);
    let streams = [stream.clone()];
    read_models
        .stream_progress(&side.followed(), &streams)
        .await?;
    read_models.inline_places(&side.followed(), &stream).await?;
    Ok(NOTHING_HELD)
}

async fn put_documents(side: Side) -> Result<Held, BoxError> {
    side.commit(1, &[("a", Some("3")), ("c", Some("4"))])
        .await?;
    Ok(NOTHING_HELD)
}

async fn delete_a_document(side: Side) -> Result<Held, BoxError> {
    side.commit(1, &[("b", None)]).await?;
    Ok(NOTHING_HELD)
}

async fn read_documents(side: Side) -> Result<Held, BoxError> {
    let (read_models, collection) = (&side.ports.read_models, side.collection());
    let keys = ["a".to_owned(), "b".to_owned()];
    read_models
        .documents(&collection, &side.tenant, &keys)
        .await?;
    read_models
        .scan(&collection, &side.tenant, None, 10)
        .await?;
    Ok(NOTHING_HELD)
}

async fn query_documents(side: Side) -> Result<Held, BoxError> {
    let (read_models, query) = (&side.ports.read_models, side.documents_by_size());
    read_models
        .count_documents(&query.collection, &side.tenant, &query.conditions)
        .await?;
    read_models.query_documents(query).await?;
    Ok(NOTHING_HELD)
}

async fn save_a_checkpoint(side: Side) -> Result<Held, BoxError> {
    let (checkpoints, subscription) = (&side.ports.checkpoints, side.subscription());
    let (one, two) = (GlobalPosition::new(1), GlobalPosition::new(2));
    checkpoints.save_checkpoint(&subscription, one, two).await?;
    Ok(NOTHING_HELD)
}

async fn read_checkpoints(side: Side) -> Result<Held, BoxError> {
    let subscription = side.subscription();
    side.ports
        .checkpoints
        .load_checkpoint(&subscription)
        .await?;
    side.ports
        .read_models
        .read_model_checkpoint(&subscription)
        .await?;
    Ok(NOTHING_HELD)
}

async fn park_a_dead_letter(side: Side) -> Result<Held, BoxError> {
    side.park(vec![side.dead_letter(FRESH, 3)?], Vec::new())
        .await?;
    Ok(NOTHING_HELD)
}

async fn settle_a_dead_letter(side: Side) -> Result<Held, BoxError> {
    side.park(Vec::new(), vec![GlobalPosition::new(1)]).await?;
    Ok(NOTHING_HELD)
}

async fn request_dead_letters(side: Side) -> Result<Held, BoxError> {
    let (checkpoints, subscription) = (&side.ports.checkpoints, side.subscription());
    checkpoints
        .request_dead_letters(
            &subscription,
            &DeadLetterSelection::All,
            DeadLetterRequest::Retry,
        )
        .await?;
    Ok(NOTHING_HELD)
}

async fn read_dead_letters(side: Side) -> Result<Held, BoxError> {
    let (checkpoints, subscription) = (&side.ports.checkpoints, side.subscription());
    let (all, start) = (DeadLetterSelection::All, GlobalPosition::START);
    checkpoints
        .dead_letters(&subscription, &all, start, 10)
        .await?;
    checkpoints.due_dead_letters(&subscription, 10).await?;
    checkpoints.count_dead_letters(&subscription).await?;
    Ok(NOTHING_HELD)
}

async fn schedule_something(side: Side) -> Result<Held, BoxError> {
    side.ports
        .schedules
        .schedule(side.scheduled(FRESH)?)
        .await?;
    Ok(NOTHING_HELD)
}

async fn cancel_what_is_scheduled(side: Side) -> Result<Held, BoxError> {
    let kept = side.scheduled(KEPT)?;
    let schedules = &side.ports.schedules;
    match schedules.cancel_scheduled(&side.tenant, &kept.id).await? {
        true => Ok(NOTHING_HELD),
        false => Err("nothing was cancelled".into()),
    }
}

async fn read_what_is_scheduled(side: Side) -> Result<Held, BoxError> {
    side.ports
        .schedules
        .scheduled(&side.tenant, None, 10)
        .await?;
    Ok(NOTHING_HELD)
}

async fn take_a_lock(side: Side) -> Result<Held, BoxError> {
    let lock = side.ports.locks.try_lock(&side.lock_key()?).await?;
    Ok(vec![lock.ok_or("the lock is not free")?])
}

async fn wait_for_a_lock(side: Side) -> Result<Held, BoxError> {
    let (locks, key) = (&side.ports.locks, side.lock_key()?);
    Ok(vec![locks.lock(&key, Duration::from_secs(1)).await?])
}

async fn count_locks(side: Side) -> Result<Held, BoxError> {
    side.ports.locks.held_locks();
    Ok(NOTHING_HELD)
}
