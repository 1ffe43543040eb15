//! Appends that write no documents: refused ones, and those that had been stored before.

use super::inlining::{Inlining, ensure_read_model_moved};
use super::samples::{events, exact, keyed, some, stream, stream_of};
use super::subject::StoreUnderTest;
use super::violation::{Violation, ensure, ensure_eq};
use crate::store::{
    Append, AppendError, DocumentWrite, EventQuery, ExpectedVersion, GlobalPosition, InlineWrite,
    Payload, StreamVersion,
};

/// An append that is refused for whatever reason changes no document and no progress.
pub async fn a_refused_append_writes_no_documents(
    subject: &dyn StoreUnderTest,
) -> Result<(), Violation> {
    let balances = Inlining::open(subject).await?;
    let a = stream("a")?;
    balances.step(&a, 0, Some("1")).await?;
    let writes = || balances.writes(&a, 1, Some("2"));
    // The read model is as it was seen; the stream is not, or something else is in the way.
    balances.store.append(some(&a, 1)?).await?;
    let conflict = Append::new(a.clone(), exact(1), events(1)?).with_inline(writes()?);
    balances.store.refused(conflict).await?;
    let condition = Append::new(a.clone(), exact(2), events(1)?)
        .unless(EventQuery::all(), GlobalPosition::START)
        .with_inline(writes()?);
    balances.store.refused(condition).await?;
    let half = Append::new(a.clone(), exact(2), events(1)?)
        .and(stream("b")?, exact(1), events(1)?)
        .with_inline(writes()?);
    balances.store.refused(half).await?;
    balances.ensure(&a, 1, Some("1")).await?;
    let version = balances.store.version(&a).await?;
    ensure_eq("the stream's version", version, StreamVersion::new(2))
}

/// Where the progress is elsewhere, nothing is stored.
pub async fn a_moved_progress_refuses_the_append(
    subject: &dyn StoreUnderTest,
) -> Result<(), Violation> {
    let balances = Inlining::open(subject).await?;
    let (a, name) = (stream("a")?, balances.read_model.clone());
    balances.store.append(some(&a, 3)?).await?;
    let from = async |from, expected: u64| {
        let append = keyed(Append::new(a.clone(), exact(3), events(1)?), "request")?;
        let append = append.with_inline(balances.writes(&a, from, Some("9"))?);
        let refused = balances.store.refused(append).await?;
        ensure_read_model_moved(&refused, &name, &a)?;
        ensure(refused.is_transient(), "it to be transient", &refused)?;
        balances.ensure(&a, expected, None).await
    };
    // There is none yet.
    from(1, 0).await?;
    let append = Append::new(a.clone(), exact(3), events(1)?);
    let mut staying = balances.writes(&a, 2, None)?;
    for write in &mut staying {
        (write.moves, write.write) = (false, None);
    }
    let refused = balances.store.refused(append.with_inline(staying)).await?;
    ensure_read_model_moved(&refused, &name, &a)?;
    let folded = balances.commit(0, (0, 1), &[(&a, 0, 2, None)])?;
    balances.store.read_models.commit(folded).await?;
    for elsewhere in [0, 1, 3] {
        from(elsewhere, 2).await?;
    }
    let version = balances.store.version(&a).await?;
    ensure_eq("the stream's version", version, StreamVersion::new(3))?;
    // One that stays is looked at, and stays; its key is still free.
    let append = keyed(Append::new(a.clone(), exact(3), events(1)?), "request")?;
    let mut staying = balances.writes(&a, 2, None)?;
    for write in &mut staying {
        (write.moves, write.write) = (false, None);
    }
    let appended = balances.store.append(append.with_inline(staying)).await?;
    ensure_eq("whether it is a repeat", appended.repeated, false)?;
    balances.ensure(&a, 2, None).await
}

/// What had been stored before is not written again, and needs no progress.
pub async fn a_repeat_writes_no_documents(subject: &dyn StoreUnderTest) -> Result<(), Violation> {
    let balances = Inlining::open(subject).await?;
    let a = stream("a")?;
    let first = keyed(balances.append(&a, 0, Some("1"))?, "request")?;
    balances.store.append(first.clone()).await?;
    balances.step(&a, 1, Some("2")).await?;
    // By their ids, and by their key.
    let by_key = keyed(balances.append(&a, 0, Some("9"))?, "request")?;
    let by_ids = Append::new(a.clone(), exact(0), first.writes()[0].events.clone());
    let by_ids = by_ids.with_inline(balances.writes(&a, 0, Some("9"))?);
    let as_seen_now = Append::new(a.clone(), exact(2), first.writes()[0].events.clone());
    let as_seen_now = as_seen_now.with_inline(balances.writes(&a, 2, Some("9"))?);
    for repeat in [first, by_key, by_ids, as_seen_now] {
        let appended = balances.store.append(repeat).await?;
        ensure_eq("whether it is a repeat", appended.repeated, true)?;
        balances.ensure(&a, 2, Some("2")).await?;
    }
    Ok(())
}

/// What does not fit the append is refused, and nothing is stored.
pub async fn inline_writes_that_do_not_fit_are_refused(
    subject: &dyn StoreUnderTest,
) -> Result<(), Violation> {
    type Spoil = fn(&mut InlineWrite) -> Result<(), Violation>;
    let balances = Inlining::open(subject).await?;
    let a = stream("a")?;
    balances.step(&a, 0, Some("1")).await?;
    let spoils: &[(&str, Spoil)] = &[
        ("another stream", |write| {
            write.stream = stream("b")?;
            Ok(())
        }),
        ("progress ahead of the stream", |write| {
            write.from = StreamVersion::new(2);
            Ok(())
        }),
        ("a build for a read model", |write| {
            write.read_model = "balances@1+inline~1".to_owned();
            Ok(())
        }),
        ("another key", |write| {
            with_document(write, |document| document.key = "b".to_owned())
        }),
        ("another tenant", |write| {
            let tenant = stream_of("acme", "a")?.tenant().clone();
            with_document(write, |document| document.tenant = tenant)
        }),
        ("no place in the index", |write| {
            with_document(write, |document| document.index_values.clear())
        }),
        ("a place without a document", |write| {
            with_document(write, |document| document.body = None)
        }),
        ("a binary document", |write| {
            let body = Payload::binary(vec![0, 159]);
            with_document(write, |document| document.body = Some(body))
        }),
        ("a document without progress", |write| {
            write.moves = false;
            Ok(())
        }),
    ];
    for (what, spoil) in spoils {
        let mut writes = balances.writes(&a, 1, Some("2"))?;
        writes.iter_mut().try_for_each(spoil)?;
        let append = Append::new(a.clone(), exact(1), events(1)?).with_inline(writes);
        let refused = balances.store.refused(append).await?;
        let is_failed = matches!(refused, AppendError::Failed { .. });
        ensure(is_failed, format_args!("Failed for {what}"), &refused)?;
    }
    let twice = balances.with_builds(&[0, 0]).append(&a, 1, Some("2"))?;
    balances.store.refused(twice).await?;
    for expected in [ExpectedVersion::Any, ExpectedVersion::StreamExists] {
        let writes = balances.writes(&a, 1, Some("2"))?;
        let append = Append::new(a.clone(), expected, events(1)?).with_inline(writes);
        balances.store.refused(append).await?;
    }
    balances.ensure(&a, 1, Some("1")).await?;
    ensure_eq("the log", balances.store.log().await?.len(), 1)
}

fn with_document(
    write: &mut InlineWrite,
    change: impl FnOnce(&mut DocumentWrite),
) -> Result<(), Violation> {
    write.write.as_mut().map(change);
    Ok(())
}
