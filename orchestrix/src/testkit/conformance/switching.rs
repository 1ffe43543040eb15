//! Who writes to a read model while another build of it takes the place of the one that is read.

use super::building::{Building, parking};
use super::built::{ensure_not_building, ensure_rebuilt};
use super::opened::Opened;
use super::parking::Parking;
use super::subject::StoreUnderTest;
use super::violation::Violation;
use crate::store::{DeadLetter, ReadModelCommit, ReadModelError};

/// Who has documents of the old build in hand cannot commit them after the switch, wherever the checkpoint is, with or without
/// dead letters; nor move the checkpoint.
pub async fn the_old_build_takes_no_more_commits(
    subject: &dyn StoreUnderTest,
) -> Result<(), Violation> {
    let balances = Building::open(subject).await?;
    let letter = letter(&balances, 4)?;
    balances.write(0, (0, 5), &[("a", "1")]).await?;
    for build in 1..=3 {
        let number = build.to_string();
        let documents = [("a", &*number)];
        balances.rebuild(5, &documents).await?;
        // Also with a number that was never given out.
        for old in (0..build).chain([build + 1]) {
            for between in [(5, 5), (5, 6), (0, 6), (9, 10)] {
                let late = balances.live(old, between, &[("a", "9"), ("b", "9")])?;
                refused_as_rebuilt(&balances, late.clone(), (old, build)).await?;
                let with_letter = parking(late.clone(), &letter);
                refused_as_rebuilt(&balances, with_letter, (old, build)).await?;
                let moved = balances.store.checkpoints.move_checkpoint(late.checkpoint);
                ensure_rebuilt(&moved.await, &balances.read_model, (old, build))?;
                balances.ensure_live(build, 5, &documents).await?;
                letters_of(&balances.store, &balances.read_model)
                    .ensure_letters(&[])
                    .await?;
            }
        }
    }
    Ok(())
}

/// Who knows the number of the new build goes on with its documents, with and without dead letters.
pub async fn the_new_build_takes_commits(subject: &dyn StoreUnderTest) -> Result<(), Violation> {
    let balances = Building::open(subject).await?;
    balances.write(0, (0, 5), &[("a", "1"), ("d", "1")]).await?;
    let old = [("a", "2"), ("b", "2")];
    balances.rebuild(6, &old).await?;
    balances.write(1, (6, 7), &[("b", "3")]).await?;
    let letter = letter(&balances, 8)?;
    let commit = balances.live(1, (7, 9), &[("c", "3")])?;
    let committed = balances.store.read_models.commit(parking(commit, &letter));
    committed.await?;
    let new = [("a", "2"), ("b", "3"), ("c", "3")];
    balances.ensure_live(1, 9, &new).await?;
    let letters = letters_of(&balances.store, &balances.read_model);
    letters.ensure_letters(&[letter]).await?;
    // What is deleted of the old build takes nothing of it along.
    balances.purge_all().await?;
    balances.ensure_live(1, 9, &new).await
}

/// The build's dead letters take the place of the old ones.
pub async fn dead_letters_are_switched_with_their_build(
    subject: &dyn StoreUnderTest,
) -> Result<(), Violation> {
    let balances = Building::open(subject).await?;
    let other = letters_of(&balances.store, "accounts@1");
    let of_other = [other.failed(2, "a")?];
    other.park(&of_other).await?;
    let live = letters_of(&balances.store, &balances.read_model);
    let built = letters_of(&balances.store, &balances.collection(1));
    let old = [live.failed(2, "a")?, live.waiting(4, "a")?];
    let commit = balances.live(0, (0, 5), &[])?;
    let commit = old.iter().fold(commit, parking);
    balances.store.read_models.commit(commit).await?;
    balances.begin().await?;
    let new = [built.failed(3, "b")?, built.failed(4, "a")?];
    let commit = balances.built(1, (0, 5), &[])?;
    let commit = new.iter().fold(commit, parking);
    balances.store.read_models.commit(commit).await?;
    live.ensure_letters(&old).await?;
    built.ensure_letters(&new).await?;
    balances.switch(1, 5).await?;
    let new = new.map(|letter| DeadLetter {
        subscription: balances.read_model.clone(),
        ..letter
    });
    live.ensure_letters(&new).await?;
    live.ensure_due(&[]).await?;
    built.ensure_letters(&[]).await?;
    other.ensure_letters(&of_other).await?;
    // And none in the place of some.
    balances.begin().await?;
    balances.build(2, (0, 5), &[]).await?;
    balances.switch(2, 5).await?;
    live.ensure_letters(&[]).await
}

/// Under the name of a build nothing is written that is not under way: neither before it was begun, nor after it has taken its
/// place or was given up. What is late would be written among the documents that are read.
pub async fn only_a_build_under_way_takes_documents(
    subject: &dyn StoreUnderTest,
) -> Result<(), Violation> {
    let balances = Building::open(subject).await?;
    let letter = letter(&balances, 4)?;
    balances.write(0, (0, 5), &[("a", "1")]).await?;
    let refused = async |build, position| {
        for between in [(0, 6), (position, 6), (position, position)] {
            let late = balances.built(build, between, &[("a", "9"), ("b", "9")])?;
            let with_letter = parking(late.clone(), &letter);
            for commit in [late, with_letter] {
                let outcome = balances.store.read_models.commit(commit).await;
                ensure_not_building(&outcome, &balances.read_model, build)?;
            }
        }
        let built = balances.collection(build);
        balances.of(&built).ensure_at(0).await?;
        letters_of(&balances.store, &built)
            .ensure_letters(&[])
            .await
    };
    refused(1, 5).await?;
    balances.begin().await?;
    refused(2, 5).await?;
    balances.build(1, (0, 5), &[("a", "2")]).await?;
    balances.switch(1, 5).await?;
    refused(1, 5).await?;
    balances.ensure_live(1, 5, &[("a", "2")]).await?;
    balances.begin().await?;
    balances.build(2, (0, 5), &[("a", "3")]).await?;
    balances.drop(&balances.collection(2)).await?;
    refused(2, 5).await?;
    balances.purge_all().await?;
    refused(2, 5).await?;
    balances.ensure_live(1, 5, &[("a", "2")]).await
}

async fn refused_as_rebuilt(
    balances: &Building,
    commit: ReadModelCommit,
    builds: (u64, u64),
) -> Result<(), Violation> {
    match balances.store.read_models.commit(commit).await {
        Err(ReadModelError::Checkpoint(refused)) => {
            ensure_rebuilt(&Err(refused), &balances.read_model, builds)
        }
        other => Err(Violation::new("Rebuilt", format_args!("{other:?}"))),
    }
}

/// An event that failed.
pub(super) fn letter(balances: &Building, position: u64) -> Result<DeadLetter, Violation> {
    letters_of(&balances.store, &balances.read_model).failed(position, "a")
}

/// The dead letters of a read model.
pub(super) fn letters_of(store: &Opened, subscription: &str) -> Parking {
    let [_, of_read_models] = Parking::over(store);
    of_read_models.of(subscription)
}
