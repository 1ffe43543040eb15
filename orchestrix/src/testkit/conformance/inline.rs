//! Documents that are written in the transaction of an append.

use super::inlining::{Inlining, ensure_read_model_moved};
use super::samples::{events, exact, some, stream, stream_of};
use super::subject::StoreUnderTest;
use super::violation::{Violation, ensure, ensure_eq};
use crate::store::{Append, AppendError, ExpectedVersion};

/// An append is there with its documents, their places and the progress of its stream; before, there is nothing.
pub async fn an_append_writes_its_documents(subject: &dyn StoreUnderTest) -> Result<(), Violation> {
    let balances = Inlining::open(subject).await?;
    let (a, b) = (stream("a")?, stream("b")?);
    balances.ensure(&a, 0, None).await?;
    balances.step(&a, 0, Some("1")).await?;
    balances.step(&b, 0, Some("7")).await?;
    balances.step(&a, 1, Some("2")).await?;
    balances.ensure(&a, 2, Some("2")).await?;
    balances.ensure(&b, 1, Some("7")).await?;
    // Several events at once, behind some that were appended without.
    balances.store.append(some(&a, 2)?).await?;
    let append = Append::new(a.clone(), exact(4), events(3)?);
    let writes = balances.writes(&a, 2, Some("7"))?;
    balances.store.append(append.with_inline(writes)).await?;
    balances.ensure(&a, 7, Some("7")).await?;
    balances.ensure(&b, 1, Some("7")).await?;
    // Progress alone.
    let mut writes = balances.writes(&a, 7, None)?;
    writes.iter_mut().for_each(|write| write.write = None);
    let append = Append::new(a.clone(), exact(7), events(1)?);
    balances.store.append(append.with_inline(writes)).await?;
    balances.ensure(&a, 8, Some("7")).await
}

/// A document ends with an append, and can come back.
pub async fn an_append_ends_a_document(subject: &dyn StoreUnderTest) -> Result<(), Violation> {
    let balances = Inlining::open(subject).await?;
    let (a, b) = (stream("a")?, stream("b")?);
    balances.step(&a, 0, Some("1")).await?;
    balances.step(&b, 0, Some("1")).await?;
    balances.step(&a, 1, None).await?;
    balances.ensure(&a, 2, None).await?;
    balances.ensure(&b, 1, Some("1")).await?;
    // One that is not there ends, too.
    balances.step(&a, 2, None).await?;
    balances.step(&a, 3, Some("4")).await?;
    balances.ensure(&a, 4, Some("4")).await
}

/// Appends of one call are apart, and later ones see what earlier ones wrote.
pub async fn inline_appends_harm_no_neighbour(
    subject: &dyn StoreUnderTest,
) -> Result<(), Violation> {
    let balances = Inlining::open(subject).await?;
    let [a, b, c, d] = [stream("a")?, stream("b")?, stream("c")?, stream("d")?];
    // A build that is not there.
    let others = balances.of("others@1+inline").with_builds(&[3]);
    let moved = others.append(&b, 0, Some("9"))?;
    let appends = vec![
        some(&c, 1)?,
        balances.append(&a, 0, Some("1"))?,
        moved,
        some(&b, 1)?,
        balances.append(&a, 1, Some("2"))?,
        balances
            .append(&b, 1, Some("9"))?
            .with_inline(balances.writes(&b, 0, Some("3"))?),
        some(&c, 1)?,
        // In conflict, beside one that is not.
        balances.append(&a, 0, Some("9"))?,
        balances.append(&d, 0, Some("4"))?,
    ];
    let outcomes = balances.store.events.append(appends).await;
    let done: Vec<_> = outcomes.iter().map(Result::is_ok).collect();
    ensure_eq(
        "which appends are done",
        done,
        [true, true, false, true, true, true, true, false, true],
    )?;
    if let Some(Err(refused)) = outcomes.get(2) {
        ensure_read_model_moved(refused, "others@1+inline", &b)?;
    }
    balances.ensure(&a, 2, Some("2")).await?;
    balances.ensure(&b, 2, Some("3")).await?;
    balances.ensure(&c, 0, None).await?;
    balances.ensure(&d, 1, Some("4")).await?;
    ensure_eq(
        "the events in the log",
        balances.store.log().await?.len(),
        7,
    )
}

/// An append over streams and read models writes all of its documents, or none.
pub async fn an_append_over_read_models_is_written_whole(
    subject: &dyn StoreUnderTest,
) -> Result<(), Violation> {
    let balances = Inlining::open(subject).await?;
    let totals = balances.of("totals@1+inline");
    let (a, b) = (stream("a")?, stream("b")?);
    let append = |from_of_last| {
        let append = Append::new(b.clone(), exact(0), events(2)?);
        let append = append.and(a.clone(), ExpectedVersion::NoStream, events(1)?);
        let mut writes = totals.writes(&b, 0, Some("1"))?;
        writes.extend(balances.writes(&b, 0, Some("2"))?);
        writes.extend(balances.writes(&a, 0, Some("3"))?);
        writes.extend(totals.writes(&a, from_of_last, Some("4"))?);
        Ok::<_, Violation>(append.with_inline(writes))
    };
    // The last one is elsewhere.
    let behind = totals.commit(0, (0, 1), &[(&a, 0, 1, None)])?;
    totals.store.read_models.commit(behind).await?;
    let refused = balances.store.refused(append(0)?).await?;
    ensure_read_model_moved(&refused, "totals@1+inline", &a)?;
    for (read_model, of, progress) in [(&totals, &b, 0), (&balances, &b, 0), (&balances, &a, 0)] {
        read_model.ensure(of, progress, None).await?;
    }
    ensure_eq("the log", balances.store.log().await?.len(), 0)?;
    // The progress of one goes on from further ahead than the stream was.
    let unfit = balances.store.refused(append(1)?).await?;
    ensure(
        matches!(unfit, AppendError::Failed { .. }),
        "Failed",
        &unfit,
    )?;
    let others = balances.of("others@1+inline");
    let append = Append::new(b.clone(), exact(0), events(2)?).and(
        a.clone(),
        ExpectedVersion::NoStream,
        events(1)?,
    );
    let mut writes = others.writes(&b, 0, Some("1"))?;
    writes.extend(balances.writes(&b, 0, Some("2"))?);
    writes.extend(balances.writes(&a, 0, Some("3"))?);
    balances.store.append(append.with_inline(writes)).await?;
    others.ensure(&b, 2, Some("1")).await?;
    balances.ensure(&b, 2, Some("2")).await?;
    balances.ensure(&a, 1, Some("3")).await
}

/// Streams of one name in two tenants have progress and documents of their own.
pub async fn inline_documents_are_apart_by_tenant(
    subject: &dyn StoreUnderTest,
) -> Result<(), Violation> {
    let balances = Inlining::open(subject).await?;
    let tenants = ["acme", "Acme", "acme ", "other"];
    for (tenant, n) in tenants.iter().zip(1..) {
        let stream = stream_of(tenant, "a")?;
        balances.ensure(&stream, 0, None).await?;
        for version in 0..n {
            let body = (10 * n + version).to_string();
            balances.step(&stream, version, Some(&body)).await?;
        }
    }
    for (tenant, n) in tenants.iter().zip(1..) {
        let body = (10 * n + n - 1).to_string();
        let stream = stream_of(tenant, "a")?;
        balances.ensure(&stream, n, Some(&body)).await?;
    }
    balances.ensure(&stream("a")?, 0, None).await
}
