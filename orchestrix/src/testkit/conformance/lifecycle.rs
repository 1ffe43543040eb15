//! Opening, closing, and several that have the same store open.

use super::checkpoints::at;
use super::concurrency::at_once_over;
use super::expectations::ensure_conflict;
use super::indexed::all_in;
use super::opened::Opened;
use super::read_models::{commit, ensure_checkpoint, ensure_documents, put};
use super::repeats::ensure_repeats;
use super::samples::{events, exact, ids, ids_of, some, stream, stream_of};
use super::subject::StoreUnderTest;
use super::tailing::wakes;
use super::violation::{Violation, ensure, ensure_eq};
use crate::message::MessageId;
use crate::store::{
    Append, DeadLetterRequest, DeadLetterSelection, ExpectedVersion, GlobalPosition, LockKey,
    ReadAll, ReadStream, TenantId,
};

/// Everything acknowledged is there after closing and opening, and what is appended then goes on behind it.
pub async fn reopening_keeps_events(subject: &dyn StoreUnderTest) -> Result<(), Violation> {
    let streams = [stream("1")?, stream("2")?, stream_of("elsewhere", "1")?];
    let mut before = Vec::new();
    for round in 0..4 {
        let store = Opened::open(subject).await?;
        ensure(
            store.log().await? == before,
            "the log as it was before closing",
            "another",
        )?;
        for stream in &streams {
            let append = Append::new(stream.clone(), exact(round * 3), events(3)?);
            store.append(append).await?;
        }
        let log = store.log().await?;
        ensure(
            log.starts_with(&before),
            "new events behind the old ones",
            ids(&log),
        )?;
        ensure_eq(
            "the number of events in the log",
            log.len(),
            before.len() + 9,
        )?;
        before = log;
        store.close().await?;
    }
    Ok(())
}

/// Appends are recognised as repeats after closing and opening.
pub async fn reopening_keeps_ids(subject: &dyn StoreUnderTest) -> Result<(), Violation> {
    let store = Opened::open(subject).await?;
    let append = Append::new(stream("1")?, ExpectedVersion::NoStream, events(2)?);
    let first = store.append(append.clone()).await?;
    store.close().await?;
    let store = Opened::open(subject).await?;
    ensure_repeats(store.append(append.clone()).await?, &first)?;
    ensure_eq(
        "the log's events",
        ids(&store.log().await?),
        ids_of(&append),
    )
}

/// Checkpoints are there after closing and opening.
pub async fn reopening_keeps_checkpoints(subject: &dyn StoreUnderTest) -> Result<(), Violation> {
    for position in 1..4 {
        let store = Opened::open(subject).await?;
        let found = store.checkpoints.load_checkpoint("mail").await?;
        ensure_eq("the checkpoint", found, at(position - 1))?;
        store
            .checkpoints
            .save_checkpoint("mail", found, at(position))
            .await?;
        store.close().await?;
    }
    Ok(())
}

/// Documents and their checkpoint are there after closing and opening.
pub async fn reopening_keeps_read_models(subject: &dyn StoreUnderTest) -> Result<(), Violation> {
    let store = Opened::open(subject).await?;
    store
        .read_models
        .commit(commit(
            0,
            7,
            vec![put("a", "1")?, put("b", "{ \"c\":1e400 }")?],
        ))
        .await?;
    store.close().await?;
    let store = Opened::open(subject).await?;
    ensure_checkpoint(&store, 7).await?;
    ensure_documents(&store, &[("a", "1"), ("b", "{ \"c\":1e400 }")]).await
}

/// Closing a second time does nothing, nor does closing what was never used.
pub async fn closing_twice_does_nothing(subject: &dyn StoreUnderTest) -> Result<(), Violation> {
    let store = Opened::open(subject).await?;
    store.append(some(&stream("1")?, 1)?).await?;
    for _ in 0..3 {
        store.clone().close().await?;
    }
    Ok(())
}

/// A call after the end is an error, not a panic and not an endless wait.
pub async fn calls_after_the_end_fail(subject: &dyn StoreUnderTest) -> Result<(), Violation> {
    let store = Opened::open(subject).await?;
    let stream = stream("1")?;
    store.append(some(&stream, 1)?).await?;
    store.clone().close().await?;
    store.refused(some(&stream, 1)?).await?;
    let read = store
        .events
        .read_stream(ReadStream::forward(stream.clone()))
        .await;
    ensure(
        read.is_err(),
        "reading a stream to fail",
        read.map(|events| events.len()),
    )?;
    let read = store
        .events
        .read_all(ReadAll::after(GlobalPosition::START))
        .await;
    ensure(read.is_err(), "reading all to fail", &read)?;
    let head = store.events.head().await;
    ensure(head.is_err(), "asking for the head to fail", &head)?;
    let found = store
        .events
        .find_event(&TenantId::default(), MessageId::new())
        .await;
    ensure(found.is_err(), "finding an event to fail", &found)?;
    let archived = store
        .events
        .archive_stream(&stream, ExpectedVersion::Any)
        .await;
    ensure(archived.is_err(), "archiving to fail", &archived)?;
    let key = LockKey::new(TenantId::default(), "report")?;
    let taken = store.locks.try_lock(&key).await;
    ensure(taken.is_err(), "taking a lock to fail", &taken)?;
    let loaded = store.checkpoints.load_checkpoint("mail").await;
    ensure(loaded.is_err(), "loading a checkpoint to fail", &loaded)?;
    let saved = store
        .checkpoints
        .save_checkpoint("mail", at(0), at(1))
        .await;
    ensure(saved.is_err(), "saving a checkpoint to fail", &saved)?;
    let letters = store
        .checkpoints
        .dead_letters("mail", &DeadLetterSelection::All, at(0), 1)
        .await;
    ensure(letters.is_err(), "listing dead letters to fail", &letters)?;
    let due = store.read_models.due_dead_letters("mail", 1).await;
    ensure(due.is_err(), "asking for due dead letters to fail", &due)?;
    let requested = store
        .checkpoints
        .request_dead_letters("mail", &DeadLetterSelection::All, DeadLetterRequest::Retry)
        .await;
    ensure(
        requested.is_err(),
        "a request for dead letters to fail",
        &requested,
    )?;
    let count = store.read_models.count_dead_letters("mail").await;
    ensure(count.is_err(), "counting dead letters to fail", &count)?;
    let scanned = store
        .read_models
        .scan("balance", &TenantId::default(), None, 1)
        .await;
    ensure(scanned.is_err(), "a scan to fail", &scanned)?;
    let keys = ["a".to_owned()];
    let found = store
        .read_models
        .documents("balance", &TenantId::default(), &keys)
        .await;
    ensure(found.is_err(), "asking for documents to fail", &found)?;
    let queried = store.read_models.query_documents(all_in("size")).await;
    ensure(queried.is_err(), "a query on documents to fail", &queried)?;
    let counted = store
        .read_models
        .count_documents("balance", &TenantId::default(), &[])
        .await;
    ensure(counted.is_err(), "counting documents to fail", &counted)?;
    let checkpoint = store.read_models.read_model_checkpoint("balances").await;
    ensure(
        checkpoint.is_err(),
        "asking for a projection's checkpoint to fail",
        &checkpoint,
    )?;
    let committed = store
        .read_models
        .commit(commit(0, 1, vec![put("a", "1")?]))
        .await;
    ensure(committed.is_err(), "a commit to fail", &committed)
}

/// What one has acknowledged, another that has the store open reads at once.
pub async fn what_one_acknowledges_another_reads(
    subject: &dyn StoreUnderTest,
) -> Result<(), Violation> {
    let (one, two) = (Opened::open(subject).await?, Opened::open(subject).await?);
    let stream = stream("1")?;
    let mut written = Vec::new();
    for n in 0..10 {
        let (writer, reader) = if n % 2 == 0 {
            (&one, &two)
        } else {
            (&two, &one)
        };
        let append = Append::new(stream.clone(), exact(n), events(1)?);
        written.extend(ids_of(&append));
        let appended = writer.append(append).await?;
        ensure_eq(
            "the stream's events",
            ids(&reader.stream(&stream).await?),
            written.clone(),
        )?;
        ensure_eq(
            "the log's events",
            ids(&reader.log().await?),
            written.clone(),
        )?;
        let head = reader.events.head().await?;
        ensure(
            head >= appended.position,
            format_args!("a head from {}", appended.position),
            head,
        )?;
        let found = reader.checkpoints.load_checkpoint("mail").await?;
        ensure_eq("the checkpoint", found, at(n))?;
        reader
            .checkpoints
            .save_checkpoint("mail", found, at(n + 1))
            .await?;
        let body = n.to_string();
        writer
            .read_models
            .commit(commit(n, n + 1, vec![put("a", &body)?]))
            .await?;
        ensure_checkpoint(reader, n + 1).await?;
        ensure_documents(reader, &[("a", &body)]).await?;
    }
    Ok(())
}

/// Of writers in two that have the store open, one wins, as within one.
pub async fn writers_of_two_conflict_as_within_one(
    subject: &dyn StoreUnderTest,
) -> Result<(), Violation> {
    let (one, two) = (Opened::open(subject).await?, Opened::open(subject).await?);
    let stream = stream("1")?;
    for round in 0..10 {
        let appends: Result<Vec<_>, Violation> = (0..8)
            .map(|_| Ok(Append::new(stream.clone(), exact(round), events(1)?)))
            .collect();
        let outcomes = at_once_over(&[&one, &two], appends?).await?;
        let winners = outcomes.iter().filter(|outcome| outcome.is_ok()).count();
        ensure(winners == 1, "one winner", &outcomes)?;
        for error in outcomes.into_iter().filter_map(Result::err) {
            ensure_conflict(&error, &stream, exact(round), round + 1)?;
        }
    }
    ensure_eq(
        "the number of events in the log",
        one.log().await?.len(),
        10,
    )
}

/// A waiting reader is woken by an append of another that has the store open.
pub async fn an_append_wakes_a_reader_of_another(
    subject: &dyn StoreUnderTest,
) -> Result<(), Violation> {
    let (writer, reader) = (Opened::open(subject).await?, Opened::open(subject).await?);
    wakes(&writer, reader.events.changes()).await
}
