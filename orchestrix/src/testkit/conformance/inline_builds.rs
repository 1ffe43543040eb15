//! Appends that write documents of a read model that is built anew.

use super::checkpoints::at;
use super::inlining::{Inlining, ensure_read_model_moved};
use super::samples::{some, stream};
use super::subject::StoreUnderTest;
use super::violation::{Violation, ensure_eq};
use crate::store::{InlinePlace, Payload, StreamId, StreamVersion, SwitchBuild};

/// While a build is under way, an append writes to both, or is refused.
pub async fn an_append_follows_the_build_under_way(
    subject: &dyn StoreUnderTest,
) -> Result<(), Violation> {
    let balances = Inlining::open(subject).await?;
    let a = stream("a")?;
    balances.step(&a, 0, Some("1")).await?;
    ensure_places(&balances, &a, &[(0, 1, Some("1"))]).await?;
    begin(&balances).await?;
    ensure_places(&balances, &a, &[(0, 1, Some("1")), (1, 0, None)]).await?;
    // Who has not seen the build, or has seen another.
    for builds in [&[0][..], &[1], &[0, 2], &[2]] {
        refuse(&balances.with_builds(builds), &a, 1).await?;
    }
    let mut writes = balances.with_builds(&[0]).writes(&a, 1, Some("2"))?;
    writes.extend(balances.with_builds(&[1]).writes(&a, 0, Some("22"))?);
    let append = balances.append(&a, 1, None)?.with_inline(writes);
    balances.store.append(append).await?;
    ensure_places(&balances, &a, &[(0, 2, Some("2")), (1, 2, Some("22"))]).await?;
    balances.ensure(&a, 2, Some("2")).await?;
    let built = balances.of("balances@1+inline~1");
    built.ensure(&a, 2, Some("22")).await?;
    switch(&balances, 0).await?;
    let balances = balances.with_builds(&[1]);
    balances.ensure(&a, 2, Some("22")).await?;
    ensure_places(&balances, &a, &[(1, 2, Some("22"))]).await?;
    // Who has not seen the switch.
    for builds in [&[0][..], &[0, 1], &[1, 2]] {
        refuse(&balances.with_builds(builds), &a, 2).await?;
    }
    balances.step(&a, 2, Some("3")).await?;
    balances.ensure(&a, 3, Some("3")).await
}

/// A build has progress of its own, which is the read model's from its switch on; one that is given up takes it along.
pub async fn a_build_has_progress_of_its_own(
    subject: &dyn StoreUnderTest,
) -> Result<(), Violation> {
    let balances = Inlining::open(subject).await?;
    let (a, b) = (stream("a")?, stream("b")?);
    let live = balances.commit(0, (0, 5), &[(&a, 0, 3, Some("1")), (&b, 0, 1, Some("1"))])?;
    balances.store.read_models.commit(live).await?;
    begin(&balances).await?;
    let built = balances.of("balances@1+inline~1");
    built.ensure(&a, 0, None).await?;
    let page = built.commit(0, (0, 5), &[(&a, 0, 2, Some("2"))])?;
    built.store.read_models.commit(page).await?;
    built.ensure(&a, 2, Some("2")).await?;
    balances.ensure(&a, 3, Some("1")).await?;
    switch(&balances, 5).await?;
    let balances = balances.with_builds(&[1]);
    balances.ensure(&a, 2, Some("2")).await?;
    balances.ensure(&b, 0, None).await?;
    let read_models = &balances.store.read_models;
    read_models.drop_read_model(&balances.read_model).await?;
    let next = read_models.read_model_build(&balances.read_model).await?;
    let balances = balances.with_builds(&[next]);
    balances.ensure(&a, 0, None).await?;
    balances.store.append(some(&a, 2)?).await?;
    refuse(&balances.with_builds(&[1]), &a, 2).await
}

/// What is deleted of a dropped collection is its progress, too, so many at a time.
pub async fn dropped_progress_is_deleted_in_batches(
    subject: &dyn StoreUnderTest,
) -> Result<(), Violation> {
    let balances = Inlining::open(subject).await?;
    let streams: Vec<StreamId> = (0..25)
        .map(|n| stream(&format!("k{n:02}")))
        .collect::<Result<_, _>>()?;
    let folded = |body| -> Vec<_> { streams.iter().map(|one| (one, 0, 1, body)).collect() };
    let live = balances.commit(0, (0, 5), &folded(Some("1")))?;
    balances.store.read_models.commit(live).await?;
    begin(&balances).await?;
    let built = balances.of("balances@1+inline~1");
    // Streams without documents have progress, too.
    let page = built.commit(0, (0, 5), &folded(None))?;
    built.store.read_models.commit(page).await?;
    let read_models = &balances.store.read_models;
    let purge = |limit| read_models.purge_dropped(&built.read_model, limit);
    ensure_eq("what was deleted of a build", purge(10).await?, 0)?;
    read_models.drop_read_model(&built.read_model).await?;
    for expected in [10, 10, 5, 0] {
        ensure_eq("what was deleted", purge(10).await?, expected)?;
    }
    let dropped = read_models.upkeep().await?.dropped;
    ensure_eq("what is to be deleted", dropped, Vec::<String>::new())?;
    for stream in &streams {
        built.ensure(stream, 0, None).await?;
        balances.ensure(stream, 1, Some("1")).await?;
    }
    Ok(())
}

async fn begin(balances: &Inlining) -> Result<(), Violation> {
    let begun = balances
        .store
        .read_models
        .begin_rebuild(&balances.read_model);
    ensure_eq("the build that is begun", begun.await?, 1)
}

async fn switch(balances: &Inlining, position: u64) -> Result<(), Violation> {
    let switch = SwitchBuild {
        read_model: balances.read_model.clone(),
        build: 1,
        at: at(position),
        fence: None,
    };
    let switched = balances.store.read_models.switch_build(switch).await?;
    ensure_eq("whether the build is switched", switched, true)
}

/// An append that names these builds of the read model is refused, and stores nothing.
async fn refuse(balances: &Inlining, stream: &StreamId, version: u64) -> Result<(), Violation> {
    let append = balances.append(stream, version, Some("9"))?;
    let refused = balances.store.refused(append).await?;
    ensure_read_model_moved(&refused, &balances.read_model, stream)?;
    let found = balances.store.version(stream).await?;
    ensure_eq("the stream's version", found, StreamVersion::new(version))
}

async fn ensure_places(
    balances: &Inlining,
    stream: &StreamId,
    expected: &[(u64, u64, Option<&str>)],
) -> Result<(), Violation> {
    let read_models = &balances.store.read_models;
    let name = &balances.read_model;
    let found = read_models.inline_places(name, stream).await?;
    let expected = expected.iter().map(|(build, progress, body)| {
        Ok(InlinePlace {
            build: *build,
            progress: StreamVersion::new(*progress),
            document: body.map(Payload::from_json_text).transpose()?,
        })
    });
    let expected: Vec<_> = expected.collect::<Result<_, Violation>>()?;
    let what = format!("where {stream} is in the builds of {name}");
    ensure_eq(what, found, expected)
}
