//! Read models that are built anew beside the ones that are read.

use std::sync::Arc;

use tokio::sync::Barrier;
use tokio::task::JoinSet;

use super::building::Building;
use super::built::ensure_not_building;
use super::checkpoints::ensure_moved;
use super::read_models::{delete, put};
use super::subject::StoreUnderTest;
use super::violation::{Violation, ensure, ensure_eq};
use crate::store::{CheckpointError, Fence, ReadModelCommit, ReadModelError, TenantId};

/// A rebuild has the number behind the one that is read; while it is under way, asking again gives that one.
pub async fn a_rebuild_has_the_next_number(subject: &dyn StoreUnderTest) -> Result<(), Violation> {
    let balances = Building::open(subject).await?;
    balances.write(0, (0, 5), &[("a", "1")]).await?;
    for _ in 0..3 {
        ensure_eq("the number of the build", balances.begin().await?, 1)?;
    }
    let other = balances.of("balances@10");
    ensure_eq("the number of another's build", other.begin().await?, 1)?;
    balances.ensure_live(0, 5, &[("a", "1")]).await?;
    balances.build(1, (0, 5), &[("a", "2")]).await?;
    ensure_eq("the number of the build", balances.begin().await?, 1)?;
    balances.switch(1, 5).await?;
    ensure_eq("the number of the next", balances.begin().await?, 2)?;
    balances.ensure_live(1, 5, &[("a", "2")]).await?;
    other.ensure_live(0, 0, &[]).await
}

/// Of many that ask at once for a rebuild, all get the same.
pub async fn rebuilds_begun_at_once_are_one(subject: &dyn StoreUnderTest) -> Result<(), Violation> {
    const ASKING: usize = 8;
    let balances = Building::open(subject).await?;
    for round in 1..=8 {
        let start = Arc::new(Barrier::new(ASKING));
        let mut asking = JoinSet::new();
        for _ in 0..ASKING {
            let (balances, start) = (balances.clone(), start.clone());
            asking.spawn(async move {
                start.wait().await;
                let begun = balances.store.read_models;
                begun.begin_rebuild(&balances.read_model).await
            });
        }
        for build in asking.join_all().await {
            ensure_eq("the number of the build", build?, round)?;
        }
        let name = &*balances.read_model;
        let upkeep = balances.store.read_models.upkeep().await?;
        ensure(upkeep.rebuilds.len() == 1, "one rebuild", &upkeep)?;
        ensure_eq("its name", upkeep.rebuilds[0].read_model.as_str(), name)?;
        balances.switch(round, 0).await?;
    }
    Ok(())
}

/// Until it takes its place, a build is seen under its own name only; then its documents are read in place of the old ones,
/// and its checkpoint is the read model's.
pub async fn a_build_is_seen_from_its_switch_on(
    subject: &dyn StoreUnderTest,
) -> Result<(), Violation> {
    let balances = Building::open(subject).await?;
    let old = [("a", "1"), ("b", "1")];
    balances.write(0, (0, 5), &old).await?;
    let other = balances.of("balances");
    other.write(0, (0, 3), &[("a", "9")]).await?;
    balances.begin().await?;
    balances.build(1, (0, 4), &[("b", "2")]).await?;
    balances.build(1, (4, 8), &[("c", "2")]).await?;
    balances.ensure_live(0, 5, &old).await?;
    let built = balances.of(&balances.collection(1));
    built.ensure_live(0, 8, &[("b", "2"), ("c", "2")]).await?;
    balances.switch(1, 8).await?;
    let new = [("b", "2"), ("c", "2")];
    balances.ensure_live(1, 8, &new).await?;
    // The name of the build is nobody's any more.
    built.ensure_at(0).await?;
    // And so again.
    balances.begin().await?;
    balances.build(2, (0, 9), &[("d", "3")]).await?;
    balances.ensure_live(1, 8, &new).await?;
    balances.switch(2, 9).await?;
    balances.ensure_live(2, 9, &[("d", "3")]).await?;
    other.ensure_live(0, 3, &[("a", "9")]).await
}

/// While the build that is read is further, the new one does not take its place, and nothing changes.
pub async fn a_build_that_is_behind_is_not_switched(
    subject: &dyn StoreUnderTest,
) -> Result<(), Violation> {
    let balances = Building::open(subject).await?;
    let old = [("a", "1")];
    balances.write(0, (0, 5), &old).await?;
    balances.begin().await?;
    balances.build(1, (0, 4), &[("a", "2")]).await?;
    for _ in 0..2 {
        let switched = balances.try_switch(1, 4, None).await?;
        ensure_eq("whether it was switched", switched, false)?;
        balances.ensure_live(0, 5, &old).await?;
        balances.ensure_upkeep(&[("balances@1", 1, 4)], &[]).await?;
    }
    // Both go on; where it is as far, it takes its place.
    balances.write(0, (5, 6), &[("b", "1")]).await?;
    balances.build(1, (4, 6), &[("b", "2")]).await?;
    balances.switch(1, 6).await?;
    balances.ensure_live(1, 6, &[("a", "2"), ("b", "2")]).await
}

/// A build that is elsewhere than is said, or is not under way, or whose lease does not hold, does not take its place, and
/// nothing changes.
pub async fn a_refused_switch_changes_nothing(
    subject: &dyn StoreUnderTest,
) -> Result<(), Violation> {
    let balances = Building::open(subject).await?;
    let (old, name) = ([("a", "1")], &*balances.read_model);
    balances.write(0, (0, 3), &old).await?;
    let refused = balances.try_switch(1, 0, None).await;
    ensure_not_building(&refused, name, 1)?;
    balances.begin().await?;
    balances.build(1, (0, 4), &[("a", "2")]).await?;
    let unchanged = async || {
        balances.ensure_live(0, 3, &old).await?;
        balances.ensure_upkeep(&[("balances@1", 1, 4)], &[]).await?;
        balances.of(&balances.collection(1)).ensure_at(4).await
    };
    for position in [0, 3, 5, 9] {
        match balances.try_switch(1, position, None).await {
            Err(ReadModelError::Checkpoint(error)) => {
                ensure_moved(&error, &balances.collection(1), position, 4)?;
            }
            other => return Err(Violation::new("Moved", format_args!("{other:?}"))),
        }
        unchanged().await?;
    }
    for build in [0, 2, 7] {
        let refused = balances.try_switch(build, 4, None).await;
        ensure_not_building(&refused, name, build)?;
        unchanged().await?;
    }
    let refused = balances.of("accounts@1").try_switch(1, 0, None).await;
    ensure_not_building(&refused, "accounts@1", 1)?;
    // A lease that never was, one of another token, one that was given back, and one that was passed on.
    let held = balances.fence("one", "held").await?;
    let returned = balances.fence("one", "returned").await?;
    balances.release("one", "returned").await?;
    let passed = balances.fence("one", "passed").await?;
    balances.release("one", "passed").await?;
    balances.fence("two", "passed").await?;
    let never = Fence {
        lease: Arc::from("never"),
        token: 1,
    };
    let other = Fence {
        token: held.token + 1,
        ..held.clone()
    };
    for fence in [never, other, returned, passed] {
        match balances.try_switch(1, 4, Some(fence.clone())).await {
            Err(ReadModelError::Checkpoint(CheckpointError::Fenced { lease, .. })) => {
                ensure_eq("the lease", lease.as_str(), &*fence.lease)?;
            }
            other => return Err(Violation::new("Fenced", format_args!("{other:?}"))),
        }
        unchanged().await?;
    }
    let switched = balances.try_switch(1, 4, Some(held)).await?;
    ensure_eq("whether it was switched", switched, true)?;
    balances.ensure_live(1, 4, &[("a", "2")]).await
}

/// Tenants that share a read model each have their own documents, in the old build and in the new one.
pub async fn tenants_are_apart_through_a_switch(
    subject: &dyn StoreUnderTest,
) -> Result<(), Violation> {
    let balances = Building::open(subject).await?;
    let tenants = ["one", "two", "three"].map(TenantId::new);
    let [one, two, three] = tenants;
    let (one, two, three) = (one?, two?, three?);
    let of = |commit: ReadModelCommit, bodies: [(&TenantId, &str); 2]| {
        let writes = bodies.into_iter().map(|(tenant, body)| {
            let mut write = put("a", body)?;
            write.tenant = tenant.clone();
            Ok(write)
        });
        let writes = writes.collect::<Result<Vec<_>, Violation>>()?;
        Ok::<_, Violation>(ReadModelCommit { writes, ..commit })
    };
    let live = of(balances.live(0, (0, 5), &[])?, [(&one, "1"), (&two, "2")])?;
    balances.store.read_models.commit(live).await?;
    balances.begin().await?;
    let built = of(
        balances.built(1, (0, 5), &[])?,
        [(&two, "20"), (&three, "30")],
    )?;
    balances.store.read_models.commit(built).await?;
    balances.ensure_documents(&one, &[("a", "1")]).await?;
    balances.ensure_documents(&two, &[("a", "2")]).await?;
    balances.ensure_documents(&three, &[]).await?;
    balances.switch(1, 5).await?;
    balances.ensure_documents(&one, &[]).await?;
    balances.ensure_documents(&two, &[("a", "20")]).await?;
    balances.ensure_documents(&three, &[("a", "30")]).await?;
    balances.purge_all().await?;
    let mut gone = delete("a");
    gone.tenant = two.clone();
    let commit = ReadModelCommit {
        writes: vec![gone],
        ..balances.live(1, (5, 6), &[])?
    };
    balances.store.read_models.commit(commit).await?;
    balances.ensure_documents(&two, &[]).await?;
    balances.ensure_documents(&three, &[("a", "30")]).await
}

/// Reopening keeps what is being built, what is to be deleted, and which build is read.
pub async fn reopening_keeps_rebuilds(subject: &dyn StoreUnderTest) -> Result<(), Violation> {
    let balances = Building::open(subject).await?;
    balances.write(0, (0, 2), &[("a", "1")]).await?;
    balances.rebuild(3, &[("a", "2")]).await?;
    balances.begin().await?;
    balances.build(2, (0, 2), &[("b", "3")]).await?;
    balances.store.close().await?;
    let balances = Building::open(subject).await?;
    balances.ensure_live(1, 3, &[("a", "2")]).await?;
    balances
        .ensure_upkeep(&[("balances@1", 2, 2)], &["balances@1"])
        .await?;
    balances.build(2, (2, 3), &[("c", "3")]).await?;
    balances.switch(2, 3).await?;
    balances.ensure_live(2, 3, &[("b", "3"), ("c", "3")]).await
}
