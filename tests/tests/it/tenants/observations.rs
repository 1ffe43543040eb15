//! What a tenant can see, also by what comes of its own calls; each is told as text, with nothing in it that differs from
//! world to world.

use std::time::Duration;

use orchestrix::error::BoxError;
use orchestrix::store::{
    Append, DeadLetterRequest, DeadLetterSelection, Document, EventQuery, EventStoreExt as _,
    ExpectedVersion, Filter, GlobalPosition, ReadAll, ReadStream, StreamVersion,
};

use super::matrix::Row;
use super::side::{CHARGE, CHARGED, FRESH, KEPT, OLD, Side};

macro_rules! observations {
    ($($observation:ident)*) => {
        /// Everything that a tenant can see.
        pub(super) const OBSERVATIONS: &[Row<String>] = &[$(Row {
            name: stringify!($observation),
            call: |side| Box::pin($observation(side)),
        },)*];
    };
}

observations! {
    streams_forward streams_backward streams_with_archived the_log the_log_by_tags the_log_by_time
    events_by_id
    an_append_whatever_is_there an_append_to_no_stream an_append_to_what_exists
    an_append_to_a_version an_append_over_streams a_repeat an_append_of_new_ids
    a_known_key a_new_key outcomes_of_keys a_condition a_condition_on_everything
    archiving an_append_to_the_archived_stream
    documents a_scan a_query a_count a_commit
    checkpoints
    dead_letters dead_letters_of_a_stream due_dead_letters a_count_of_dead_letters
    a_request_for_dead_letters
    what_is_scheduled a_schedule a_schedule_again a_cancellation
    a_lock a_wait_for_a_lock
    followed an_append_with_a_document
}

async fn streams(side: &Side, read: fn(ReadStream) -> ReadStream) -> Result<String, BoxError> {
    let mut told = String::new();
    for key in [KEPT, OLD, FRESH] {
        let read = read(ReadStream::forward(side.stream(key)?));
        let events = side.ports.events.read_stream(read).await?;
        told += &format!("{key}: {}\n", side.events_told(&events));
    }
    Ok(told)
}

async fn streams_forward(side: Side) -> Result<String, BoxError> {
    streams(&side, |read| read).await
}

async fn streams_backward(side: Side) -> Result<String, BoxError> {
    streams(&side, |read| ReadStream::backward(read.stream).limit(3)).await
}

async fn streams_with_archived(side: Side) -> Result<String, BoxError> {
    streams(&side, ReadStream::with_archived).await
}

/// The tenant's events since its world began.
async fn log(side: &Side, filter: Filter) -> Result<String, BoxError> {
    let filter = filter.tenant(side.tenant.clone());
    let read = ReadAll::after(side.world.began).filter(filter).limit(2);
    let mut events = side.ports.events.stream_all(read);
    let mut told = Vec::new();
    while let Some(event) = futures_util::StreamExt::next(&mut events).await {
        told.push(event?);
    }
    Ok(side.events_told(&told))
}

async fn the_log(side: Side) -> Result<String, BoxError> {
    log(&side, Filter::all()).await
}

async fn the_log_by_tags(side: Side) -> Result<String, BoxError> {
    let tag = side.tag()?;
    log(&side, Filter::all().tags([tag])).await
}

async fn the_log_by_time(side: Side) -> Result<String, BoxError> {
    let filter = Filter::all().since(jiff::Timestamp::UNIX_EPOCH);
    log(
        &side,
        filter.until(jiff::Timestamp::MAX).categories(["thing"]),
    )
    .await
}

async fn events_by_id(side: Side) -> Result<String, BoxError> {
    let mut told = String::new();
    for id in side.world.ids {
        let found = side.ports.events.find_event(&side.tenant, id).await?;
        told += &format!("{}\n", side.events_told(found.as_slice()));
    }
    Ok(told)
}

/// What comes of the tenant's append.
async fn outcome(side: &Side, append: Append) -> Result<String, BoxError> {
    Ok(side.outcome_told(&side.append(append).await?))
}

/// What comes of an append of the fifth event.
async fn appending(side: &Side, key: &str, expected: ExpectedVersion) -> Result<String, BoxError> {
    let append = Append::new(side.stream(key)?, expected, vec![side.event(4)?]);
    outcome(side, append).await
}

async fn an_append_whatever_is_there(side: Side) -> Result<String, BoxError> {
    appending(&side, KEPT, ExpectedVersion::Any).await
}

async fn an_append_to_no_stream(side: Side) -> Result<String, BoxError> {
    appending(&side, FRESH, ExpectedVersion::NoStream).await
}

async fn an_append_to_what_exists(side: Side) -> Result<String, BoxError> {
    appending(&side, FRESH, ExpectedVersion::StreamExists).await
}

async fn an_append_to_a_version(side: Side) -> Result<String, BoxError> {
    appending(&side, KEPT, ExpectedVersion::Exact(StreamVersion::new(2))).await
}

async fn an_append_over_streams(side: Side) -> Result<String, BoxError> {
    let kept = Append::new(
        side.stream(KEPT)?,
        ExpectedVersion::Any,
        vec![side.event(4)?],
    );
    let fresh = side.stream(FRESH)?;
    let both = kept.and(fresh, ExpectedVersion::NoStream, vec![side.event(5)?]);
    outcome(&side, both).await
}

/// The tenant's first append again; the first outcome, also if its stream was archived.
async fn a_repeat(side: Side) -> Result<String, BoxError> {
    let kept = vec![side.event(0)?, side.event(1)?, side.event(3)?];
    let longer = Append::new(side.stream(KEPT)?, ExpectedVersion::NoStream, kept);
    outcome(&side, longer).await
}

async fn an_append_of_new_ids(side: Side) -> Result<String, BoxError> {
    let events = vec![side.event(3)?, side.event(4)?, side.event(5)?];
    let other = Append::new(side.stream("other")?, ExpectedVersion::Any, events);
    outcome(&side, other).await
}

async fn keyed(side: &Side, key: &str) -> Result<String, BoxError> {
    let append = Append::new(
        side.stream("other")?,
        ExpectedVersion::Any,
        vec![side.event(4)?],
    );
    outcome(side, append.with_idempotency_key(side.key(key)?)).await
}

async fn a_known_key(side: Side) -> Result<String, BoxError> {
    let known = keyed(&side, CHARGED).await?;
    // Whether it was known shows in the log, too.
    Ok(known + &the_log(side).await?)
}

async fn a_new_key(side: Side) -> Result<String, BoxError> {
    keyed(&side, CHARGE).await
}

async fn outcomes_of_keys(side: Side) -> Result<String, BoxError> {
    let mut told = String::new();
    for key in [CHARGED, CHARGE] {
        let events = &side.ports.events;
        told += &match events.outcome_of(&side.tenant, &side.key(key)?).await? {
            Some(appended) => side.outcome_told(&Ok(appended)),
            None => format!("{key} is free\n"),
        };
    }
    Ok(told)
}

async fn conditional(side: &Side, query: EventQuery) -> Result<String, BoxError> {
    let append = Append::new(
        side.stream("other")?,
        ExpectedVersion::Any,
        vec![side.event(4)?],
    );
    outcome(side, append.unless(query, side.knows)).await
}

async fn a_condition(side: Side) -> Result<String, BoxError> {
    let tag = side.tag()?;
    conditional(&side, EventQuery::tagged([tag])).await
}

async fn a_condition_on_everything(side: Side) -> Result<String, BoxError> {
    conditional(&side, EventQuery::all()).await
}

async fn archiving(side: Side) -> Result<String, BoxError> {
    let (kept, expected) = (
        side.stream(KEPT)?,
        ExpectedVersion::Exact(StreamVersion::new(2)),
    );
    Ok(
        match side.ports.events.archive_stream(&kept, expected).await {
            Ok(version) => format!("archived at {version}"),
            Err(error) => side.outcome_told(&Err(error)),
        },
    )
}

/// The old one is archived; the kept one is not, unless somebody does it.
async fn an_append_to_the_archived_stream(side: Side) -> Result<String, BoxError> {
    let old = appending(&side, OLD, ExpectedVersion::Any).await?;
    Ok(old + &appending(&side, KEPT, ExpectedVersion::StreamExists).await?)
}

fn documents_told(mut documents: Vec<Document>) -> String {
    documents.sort_unstable_by(|a, b| a.key.cmp(&b.key));
    let told = documents.iter().map(|document| {
        let body = document.body.as_json().unwrap_or("no JSON");
        format!("{} = {body}", document.key)
    });
    told.collect::<Vec<_>>().join(", ")
}

async fn documents(side: Side) -> Result<String, BoxError> {
    let keys = ["a", "b", "c"].map(str::to_owned);
    let read_models = &side.ports.read_models;
    let found = read_models
        .documents(&side.collection(), &side.tenant, &keys)
        .await?;
    Ok(documents_told(found))
}

async fn a_scan(side: Side) -> Result<String, BoxError> {
    let (read_models, collection) = (&side.ports.read_models, side.collection());
    let all = read_models
        .scan(&collection, &side.tenant, None, 10)
        .await?;
    let behind = read_models
        .scan(&collection, &side.tenant, Some("a"), 10)
        .await?;
    Ok(format!(
        "{}; {}",
        documents_told(all),
        documents_told(behind)
    ))
}

async fn a_query(side: Side) -> Result<String, BoxError> {
    let found = side
        .ports
        .read_models
        .query_documents(side.documents_by_size())
        .await?;
    let (documents, places): (Vec<_>, Vec<_>) = found
        .into_iter()
        .map(|found| (found.document, found.value))
        .unzip();
    Ok(format!("{}; {places:?}", documents_told(documents)))
}

async fn a_count(side: Side) -> Result<String, BoxError> {
    let (read_models, query) = (&side.ports.read_models, side.documents_by_size());
    let indexed = read_models
        .count_documents(&query.collection, &side.tenant, &query.conditions)
        .await?;
    let all = read_models
        .count_documents(&query.collection, &side.tenant, &[])
        .await?;
    Ok(format!("{indexed} of {all}"))
}

async fn a_commit(side: Side) -> Result<String, BoxError> {
    let committed = side.commit(1, &[("a", Some("9"))]).await.is_ok();
    Ok(format!(
        "committed: {committed}; {}",
        documents(side).await?
    ))
}

async fn followed(side: Side) -> Result<String, BoxError> {
    let (read_models, stream) = (&side.ports.read_models, side.stream(FRESH)?);
    let streams = [stream.clone()];
    let name = side.followed();
    let progress = read_models.stream_progress(&name, &streams).await?;
    let places = read_models.inline_places(&name, &stream).await?;
    Ok(format!("{progress:?}: {places:?}"))
}

async fn an_append_with_a_document(side: Side) -> Result<String, BoxError> {
    let appended = side.append(side.followed_append(FRESH)?).await?;
    let version = appended.map(|done| done.streams[0].last_version);
    let told = version.map_or_else(|refused| refused.to_string(), |at| at.to_string());
    Ok(format!(
        "{}: {}",
        told.contains("conflict"),
        followed(side).await?
    ))
}

async fn checkpoints(side: Side) -> Result<String, BoxError> {
    let subscription = side.subscription();
    let saved = side
        .ports
        .checkpoints
        .load_checkpoint(&subscription)
        .await?;
    let committed = subscription + "-documents";
    let committed = side
        .ports
        .read_models
        .read_model_checkpoint(&committed)
        .await?;
    Ok(format!("at {saved} and {committed}"))
}

/// Those of one stream, or all.
async fn dead_letters_told(
    side: &Side,
    selection: DeadLetterSelection,
) -> Result<String, BoxError> {
    let (checkpoints, subscription) = (&side.ports.checkpoints, side.subscription());
    let start = GlobalPosition::START;
    let letters = checkpoints
        .dead_letters(&subscription, &selection, start, 10)
        .await?;
    Ok(side.letters_told(&letters))
}

async fn dead_letters(side: Side) -> Result<String, BoxError> {
    dead_letters_told(&side, DeadLetterSelection::All).await
}

async fn dead_letters_of_a_stream(side: Side) -> Result<String, BoxError> {
    let stream = side.stream(KEPT)?;
    dead_letters_told(&side, DeadLetterSelection::Stream(stream)).await
}

async fn due_dead_letters(side: Side) -> Result<String, BoxError> {
    let (checkpoints, subscription) = (&side.ports.checkpoints, side.subscription());
    let due = checkpoints.due_dead_letters(&subscription, 10).await?;
    Ok(side.letters_told(&due))
}

async fn a_count_of_dead_letters(side: Side) -> Result<String, BoxError> {
    let (checkpoints, subscription) = (&side.ports.checkpoints, side.subscription());
    let count = checkpoints.count_dead_letters(&subscription).await?;
    Ok(count.to_string())
}

async fn a_request_for_dead_letters(side: Side) -> Result<String, BoxError> {
    let (checkpoints, subscription) = (&side.ports.checkpoints, side.subscription());
    let (all, skip) = (DeadLetterSelection::All, DeadLetterRequest::Skip);
    let requested = checkpoints
        .request_dead_letters(&subscription, &all, skip)
        .await?;
    Ok(format!("{requested}: {}", dead_letters(side).await?))
}

async fn what_is_scheduled(side: Side) -> Result<String, BoxError> {
    side.schedules_told().await
}

async fn scheduling(side: &Side, key: &str) -> Result<String, BoxError> {
    let mut scheduled = side.scheduled(key)?;
    scheduled.name = "Another".to_owned();
    let outcome = side.ports.schedules.schedule(scheduled).await;
    Ok(format!(
        "{:?}\n{}",
        outcome.is_ok(),
        side.schedules_told().await?
    ))
}

async fn a_schedule(side: Side) -> Result<String, BoxError> {
    scheduling(&side, FRESH).await
}

async fn a_schedule_again(side: Side) -> Result<String, BoxError> {
    scheduling(&side, KEPT).await
}

async fn a_cancellation(side: Side) -> Result<String, BoxError> {
    let kept = side.scheduled(KEPT)?;
    let schedules = &side.ports.schedules;
    let cancelled = schedules.cancel_scheduled(&side.tenant, &kept.id).await?;
    Ok(format!("{cancelled}\n{}", side.schedules_told().await?))
}

async fn a_lock(side: Side) -> Result<String, BoxError> {
    match side.ports.locks.try_lock(&side.lock_key()?).await? {
        Some(lock) => {
            let held = lock.is_held().await?;
            lock.release().await?;
            Ok(format!("taken, held: {held}"))
        }
        None => Ok("others hold it".to_owned()),
    }
}

async fn a_wait_for_a_lock(side: Side) -> Result<String, BoxError> {
    let (locks, key) = (&side.ports.locks, side.lock_key()?);
    match locks.lock(&key, Duration::from_millis(5)).await {
        Ok(lock) => lock
            .release()
            .await
            .map(|()| "taken".to_owned())
            .map_err(Into::into),
        Err(error) if error.is_transient() => Ok("others hold it".to_owned()),
        Err(error) => Err(error.into()),
    }
}
