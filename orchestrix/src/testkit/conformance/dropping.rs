//! Read models and builds that are given up, and what becomes of their documents.

use super::building::{Building, parking};
use super::built::{ensure_not_building, ensure_rebuilt};
use super::parking::Parking;
use super::subject::StoreUnderTest;
use super::violation::{Violation, ensure_eq};
use crate::store::{ReadModelError, TenantId};

/// The documents of an old build are deleted so many at a time, until there are none and it is forgotten; those that are read,
/// and those of others, stay.
pub async fn dropped_documents_are_deleted_in_batches(
    subject: &dyn StoreUnderTest,
) -> Result<(), Violation> {
    let balances = Building::open(subject).await?;
    let keys: Vec<String> = (0..250).map(|n| format!("k{n:03}")).collect();
    let many: Vec<_> = keys.iter().map(|key| (&**key, "1")).collect();
    let others = ["balances@10", "balances", "balances@"].map(|name| balances.of(name));
    for other in &others {
        other.write(0, (0, 5), &[("a", "9")]).await?;
    }
    balances.write(0, (0, 5), &many).await?;
    balances.rebuild(5, &many).await?;
    balances.rebuild(5, &many[..7]).await?;
    balances
        .ensure_upkeep(&[], &["balances@1", "balances@1~1"])
        .await?;
    let purge = |collection, limit| balances.store.read_models.purge_dropped(collection, limit);
    for expected in [100, 100, 50, 0, 0] {
        let purged = purge("balances@1", 100).await?;
        ensure_eq("the documents that were deleted", purged, expected)?;
    }
    balances.ensure_upkeep(&[], &["balances@1~1"]).await?;
    let purged = balances.purge("balances@1~1", 33).await?;
    ensure_eq("the documents that were deleted", purged, 250)?;
    balances.ensure_upkeep(&[], &[]).await?;
    balances.ensure_live(2, 5, &many[..7]).await?;
    for other in &others {
        other.ensure_live(0, 5, &[("a", "9")]).await?;
    }
    Ok(())
}

/// Documents that are read, or are being built, are not deleted.
pub async fn what_was_not_dropped_is_not_purged(
    subject: &dyn StoreUnderTest,
) -> Result<(), Violation> {
    let balances = Building::open(subject).await?;
    balances.write(0, (0, 5), &[("a", "1")]).await?;
    balances.begin().await?;
    balances.build(1, (0, 5), &[("a", "2")]).await?;
    let purge = async || {
        for collection in ["balances@1", "balances@1~1", "balances@1~2", "never@1"] {
            let purged = balances.purge(collection, 10).await?;
            ensure_eq("the documents that were deleted", purged, 0)?;
        }
        Ok::<_, Violation>(())
    };
    purge().await?;
    balances.ensure_live(0, 5, &[("a", "1")]).await?;
    balances.switch(1, 5).await?;
    balances.purge_all().await?;
    purge().await?;
    balances.ensure_live(1, 5, &[("a", "2")]).await
}

/// A new build never has the number of one whose documents are still being deleted.
pub async fn a_rebuild_shares_no_number_with_what_is_being_deleted(
    subject: &dyn StoreUnderTest,
) -> Result<(), Violation> {
    let balances = Building::open(subject).await?;
    balances.write(0, (0, 5), &[("a", "1")]).await?;
    let mut given_up = Vec::new();
    for expected in 1..=3 {
        let build = balances.begin().await?;
        ensure_eq("the number of the build", build, expected)?;
        balances.build(build, (0, 4), &[("a", "2")]).await?;
        let collection = balances.collection(build);
        balances.drop(&collection).await?;
        given_up.push(collection);
    }
    let given_up: Vec<_> = given_up.iter().map(|name| &**name).collect();
    balances.ensure_upkeep(&[], &given_up).await?;
    ensure_eq("the number of the build", balances.begin().await?, 4)?;
    balances.build(4, (0, 5), &[("b", "4")]).await?;
    balances.switch(4, 5).await?;
    balances.purge_all().await?;
    balances.ensure_live(4, 5, &[("b", "4")]).await
}

/// A read model that is given up is gone at once: its documents, its checkpoint, its dead letters. Others stay.
pub async fn a_dropped_read_model_is_gone_at_once(
    subject: &dyn StoreUnderTest,
) -> Result<(), Violation> {
    let balances = Building::open(subject).await?;
    let other = balances.of("balances@2");
    for each in [&balances, &other] {
        each.write(0, (0, 5), &[("a", "1")]).await?;
        let letters = letters_of(each, &each.read_model);
        let commit = parking(each.live(0, (5, 6), &[])?, &letters.failed(6, "a")?);
        each.store.read_models.commit(commit).await?;
    }
    balances.drop("balances@1").await?;
    balances.ensure_at(0).await?;
    balances.ensure_documents(&TenantId::default(), &[]).await?;
    letters_of(&balances, "balances@1")
        .ensure_letters(&[])
        .await?;
    balances.ensure_upkeep(&[], &["balances@1"]).await?;
    other.ensure_live(0, 6, &[("a", "1")]).await?;
    let letters = letters_of(&other, "balances@2").all().await?;
    ensure_eq("the number of its dead letters", letters.len(), 1)?;
    ensure_eq(
        "what is deleted",
        balances.purge("balances@1", 10).await?,
        1,
    )?;
    balances.ensure_upkeep(&[], &[]).await?;
    other.ensure_live(0, 6, &[("a", "1")]).await
}

/// A read model that comes back begins anew, with another build, and what is deleted of the old one is none of its documents;
/// who was about to commit to the old one is refused.
pub async fn a_dropped_read_model_comes_back_anew(
    subject: &dyn StoreUnderTest,
) -> Result<(), Violation> {
    let balances = Building::open(subject).await?;
    balances.write(0, (0, 5), &[("a", "1"), ("b", "1")]).await?;
    for build in 1..=3 {
        balances.drop("balances@1").await?;
        balances.ensure_live(build, 0, &[]).await?;
        for between in [(0, 6), (5, 6)] {
            let late = balances.live(build - 1, between, &[("b", "9")])?;
            let late = balances.store.read_models.commit(late).await;
            let refused = match late {
                Err(ReadModelError::Checkpoint(refused)) => Err(refused),
                other => return Err(Violation::new("Rebuilt", format_args!("{other:?}"))),
            };
            let builds = (build - 1, build);
            ensure_rebuilt(&refused, "balances@1", builds)?;
        }
        balances.write(build, (0, 3), &[("a", "2")]).await?;
        balances.ensure_live(build, 3, &[("a", "2")]).await?;
        // Sometimes nothing is deleted in between.
        if build > 1 {
            balances.purge_all().await?;
        }
        balances.ensure_live(build, 3, &[("a", "2")]).await?;
    }
    ensure_eq("the number of a rebuild", balances.begin().await?, 4)
}

/// A build that is given up is as if it had never been begun, and what is read stays as it is.
pub async fn a_dropped_build_leaves_what_is_read(
    subject: &dyn StoreUnderTest,
) -> Result<(), Violation> {
    let balances = Building::open(subject).await?;
    let live = [("a", "1")];
    let letters = letters_of(&balances, "balances@1");
    let letter = [letters.failed(2, "a")?];
    let commit = parking(balances.live(0, (0, 5), &live)?, &letter[0]);
    balances.store.read_models.commit(commit).await?;
    for _ in 0..2 {
        let build = balances.begin().await?;
        let built = balances.collection(build);
        let letters_of_build = letters_of(&balances, &built);
        let commit = balances.built(build, (0, 5), &[("a", "2"), ("b", "2")])?;
        let commit = parking(commit, &letters_of_build.failed(3, "b")?);
        balances.store.read_models.commit(commit).await?;
        balances.drop(&built).await?;
        balances.ensure_upkeep(&[], &[&*built]).await?;
        let refused = balances.try_switch(build, 5, None).await;
        ensure_not_building(&refused, "balances@1", build)?;
        letters_of_build.ensure_letters(&[]).await?;
        letters.ensure_letters(&letter).await?;
        balances.of(&built).ensure_at(0).await?;
        balances.ensure_live(0, 5, &live).await?;
        ensure_eq("what is deleted", balances.purge(&built, 10).await?, 2)?;
        balances.ensure_upkeep(&[], &[]).await?;
        balances.ensure_live(0, 5, &live).await?;
    }
    // One that has the number of another has none of its documents.
    let build = balances.begin().await?;
    balances.build(build, (0, 5), &[("c", "3")]).await?;
    balances.switch(build, 5).await?;
    balances.ensure_live(build, 5, &[("c", "3")]).await
}

/// A build that has taken its place, or was given up already, is not given up by its name: that would be what is read.
pub async fn dropping_a_build_that_is_not_under_way_does_nothing(
    subject: &dyn StoreUnderTest,
) -> Result<(), Violation> {
    let balances = Building::open(subject).await?;
    balances.write(0, (0, 5), &[("a", "1")]).await?;
    balances.drop("balances@1~1").await?;
    balances.ensure_upkeep(&[], &[]).await?;
    let build = balances.rebuild(5, &[("a", "2")]).await?;
    balances.purge_all().await?;
    balances.drop(&balances.collection(build)).await?;
    balances.ensure_upkeep(&[], &[]).await?;
    balances.purge_all().await?;
    balances.ensure_live(build, 5, &[("a", "2")]).await?;
    // Twice, with its documents deleted in between: the next one has the name for itself.
    let given_up = balances.begin().await?;
    balances.build(given_up, (0, 5), &[("b", "3")]).await?;
    balances.drop(&balances.collection(given_up)).await?;
    balances.purge_all().await?;
    balances.drop(&balances.collection(given_up)).await?;
    balances.ensure_upkeep(&[], &[]).await?;
    let next = balances.rebuild(5, &[("c", "4")]).await?;
    balances.ensure_live(next, 5, &[("c", "4")]).await?;
    balances.purge_all().await?;
    balances.ensure_live(next, 5, &[("c", "4")]).await
}

/// With a read model its build that is under way is given up, too, and what comes back is neither of them.
pub async fn a_read_model_is_dropped_with_its_build(
    subject: &dyn StoreUnderTest,
) -> Result<(), Violation> {
    let balances = Building::open(subject).await?;
    balances.write(0, (0, 5), &[("a", "1")]).await?;
    // One is still being deleted, another is under way.
    for _ in 0..2 {
        let build = balances.begin().await?;
        balances.build(build, (0, 5), &[("a", "2")]).await?;
        balances.drop(&balances.collection(build)).await?;
    }
    let under_way = balances.begin().await?;
    balances.build(under_way, (0, 5), &[("b", "3")]).await?;
    balances.drop("balances@1").await?;
    let all = ["balances@1", "balances@1~1", "balances@1~2", "balances@1~3"];
    balances.ensure_upkeep(&[], &all).await?;
    balances.ensure_documents(&TenantId::default(), &[]).await?;
    balances.ensure_at(0).await?;
    balances.of("balances@1~3").ensure_at(0).await?;
    let build = balances.store.read_models.read_model_build("balances@1");
    let build = build.await?;
    balances.write(build, (0, 2), &[("c", "4")]).await?;
    balances.purge_all().await?;
    balances.ensure_upkeep(&[], &[]).await?;
    balances.ensure_live(build, 2, &[("c", "4")]).await
}

/// The dead letters of a read model, or of a build.
fn letters_of(of: &Building, subscription: &str) -> Parking {
    let [_, of_read_models] = Parking::over(&of.store);
    of_read_models.of(subscription)
}
