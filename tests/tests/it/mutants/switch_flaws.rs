//! Flaws in what becomes of commits, checkpoints and dead letters when a build takes its place.

use orchestrix::store::{
    CheckpointError, CheckpointMove, CheckpointStore as _, DeadLetter, GlobalPosition, MemoryStore,
    ReadModelCommit, ReadModelError, ReadModelStore as _, Rebuild, RebuildStore as _, SwitchBuild,
};

use super::dead_letter_flaws::known;
use super::mutant::gap;
use super::{Flaw, flaw};

pub(super) fn flaws() -> Vec<Flaw> {
    [of_refusals(), of_what_is_switched(), of_commits()]
        .into_iter()
        .flatten()
        .collect()
}

fn of_refusals() -> Vec<Flaw> {
    vec![
        flaw(
            "a build takes its place however far it is behind",
            &["a_build_that_is_behind_is_not_switched"],
            |mutant| {
                mutant.switch_build(|store, switch| async move {
                    let name = &*switch.read_model;
                    let live = store.read_model_checkpoint(name).await?;
                    if live > switch.at {
                        let build = store.read_model_build(name).await?;
                        store.commit(moving(name, build, live, switch.at)).await?;
                    }
                    store.switch_build(switch).await
                })
            },
        ),
        flaw(
            "a build that is behind is given up",
            &["a_build_that_is_behind_is_not_switched"],
            |mutant| {
                mutant.switch_build(|store, switch| async move {
                    let name = Rebuild::collection(&switch.read_model, switch.build);
                    let switched = store.switch_build(switch).await?;
                    if !switched {
                        store.drop_read_model(&name).await?;
                    }
                    Ok(switched)
                })
            },
        ),
        flaw(
            "a build takes its place wherever it is",
            &[
                "a_refused_switch_changes_nothing",
                "commits_of_a_build_race_with_its_switch",
            ],
            |mutant| {
                mutant.switch_build(|store, mut switch| async move {
                    let name = Rebuild::collection(&switch.read_model, switch.build);
                    switch.at = store.read_model_checkpoint(&name).await?;
                    store.switch_build(switch).await
                })
            },
        ),
        flaw(
            "any number is taken for the build that is under way",
            &["a_refused_switch_changes_nothing"],
            |mutant| {
                mutant.switch_build(|store, mut switch| async move {
                    for known in store.upkeep().await?.rebuilds {
                        if known.read_model == switch.read_model {
                            switch.build = known.build;
                        }
                    }
                    store.switch_build(switch).await
                })
            },
        ),
        flaw(
            "a build that is not there is no error",
            &["a_refused_switch_changes_nothing"],
            |mutant| {
                mutant.switch_build(|store, switch| async move {
                    match store.switch_build(switch).await {
                        Err(ReadModelError::NotBuilding { .. }) => Ok(false),
                        other => other,
                    }
                })
            },
        ),
        flaw(
            "a switch needs no lease",
            &["a_refused_switch_changes_nothing"],
            |mutant| {
                mutant.switch_build(|store, mut switch| async move {
                    switch.fence = None;
                    store.switch_build(switch).await
                })
            },
        ),
    ]
}

fn of_what_is_switched() -> Vec<Flaw> {
    vec![
        flaw(
            "a switch leaves the checkpoint where it was",
            &["a_build_is_seen_from_its_switch_on"],
            |mutant| {
                mutant.switch_build(|store, switch| async move {
                    let SwitchBuild {
                        read_model,
                        build,
                        at,
                        ..
                    } = switch.clone();
                    let before = store.read_model_checkpoint(&read_model).await?;
                    let switched = store.switch_build(switch).await?;
                    if switched {
                        store.commit(moving(&read_model, build, at, before)).await?;
                    }
                    Ok(switched)
                })
            },
        ),
        flaw(
            "a switch is only said to be done",
            &[
                "a_build_is_seen_from_its_switch_on",
                "tenants_are_apart_through_a_switch",
                "a_rebuild_has_the_next_number",
            ],
            |mutant| mutant.switch_build(|_, _| async { Ok(true) }),
        ),
        flaw(
            "dead letters of the old build stay",
            &["dead_letters_are_switched_with_their_build"],
            |mutant| {
                mutant.switch_build(|store, switch| async move {
                    let name = switch.read_model.clone();
                    let old = known(&store, &name).await?;
                    let switched = store.switch_build(switch).await?;
                    park(&store, &name, old).await?;
                    Ok(switched)
                })
            },
        ),
        flaw(
            "dead letters of the new build are lost",
            &["dead_letters_are_switched_with_their_build"],
            |mutant| {
                mutant.switch_build(|store, switch| async move {
                    let name = switch.read_model.clone();
                    let switched = store.switch_build(switch).await?;
                    let mut settling = staying(&store, &name).await?;
                    let letters = known(&store, &name).await?.into_iter();
                    settling.settled = letters.map(|letter| letter.position).collect();
                    store.move_checkpoint(settling).await?;
                    Ok(switched)
                })
            },
        ),
    ]
}

fn of_commits() -> Vec<Flaw> {
    vec![
        flaw(
            "commits do not look which build they are of",
            &[
                "the_old_build_takes_no_more_commits",
                "a_dropped_read_model_comes_back_anew",
                "commits_of_the_old_build_race_with_the_switch",
            ],
            |mutant| {
                mutant.commit(|store, mut commit| async move {
                    let name = &*commit.checkpoint.subscription;
                    commit.checkpoint.build = store.read_model_build(name).await?;
                    store.commit(commit).await
                })
            },
        ),
        flaw(
            "commits with dead letters do not look which build they are of",
            &[
                "the_old_build_takes_no_more_commits",
                "commits_of_the_old_build_race_with_the_switch",
            ],
            |mutant| {
                mutant.commit(|store, mut commit| async move {
                    let moved = &mut commit.checkpoint;
                    if !moved.parked.is_empty() || !moved.settled.is_empty() {
                        moved.build = store.read_model_build(&moved.subscription).await?;
                    }
                    store.commit(commit).await
                })
            },
        ),
        flaw(
            "checkpoints do not look which build they are of",
            &["the_old_build_takes_no_more_commits"],
            |mutant| {
                mutant.move_checkpoint(|store, mut moved| async move {
                    let build = store.read_model_build(&moved.subscription).await;
                    moved.build = build.map_err(|error| CheckpointError::Failed {
                        subscription: moved.subscription.clone(),
                        source: error.into(),
                    })?;
                    store.move_checkpoint(moved).await
                })
            },
        ),
        flaw(
            "it is looked which build a commit is of, then it is done",
            &["commits_of_the_old_build_race_with_the_switch"],
            |mutant| {
                mutant.commit(|store, mut commit| async move {
                    let name = commit.checkpoint.subscription.clone();
                    if store.read_model_build(&name).await? == commit.checkpoint.build {
                        gap().await;
                        commit.checkpoint.build = store.read_model_build(&name).await?;
                    }
                    store.commit(commit).await
                })
            },
        ),
        flaw(
            "a commit elsewhere is told before one of the old build",
            &["the_old_build_takes_no_more_commits"],
            |mutant| {
                mutant.commit(|store, commit| async move {
                    let moved = &commit.checkpoint;
                    let actual = store.read_model_checkpoint(&moved.subscription).await?;
                    if actual != moved.expected && moved.build > 0 {
                        return Err(ReadModelError::Checkpoint(CheckpointError::Moved {
                            subscription: moved.subscription.clone(),
                            expected: moved.expected,
                            actual,
                        }));
                    }
                    store.commit(commit).await
                })
            },
        ),
        flaw(
            "commits of a new build are refused",
            &["the_new_build_takes_commits"],
            |mutant| {
                mutant.commit(|store, mut commit| async move {
                    commit.checkpoint.build = 0;
                    store.commit(commit).await
                })
            },
        ),
        flaw(
            "what is late for a build goes among the documents that are read",
            &[
                "only_a_build_under_way_takes_documents",
                "commits_of_a_build_race_with_its_switch",
            ],
            |mutant| mutant.commit(|store, commit| async move { late(&store, commit).await }),
        ),
        flaw(
            "what is late for a build with dead letters goes among the documents that are read",
            &["only_a_build_under_way_takes_documents"],
            |mutant| {
                mutant.commit(|store, commit| async move {
                    match commit.checkpoint.parked.is_empty() {
                        true => store.commit(commit).await,
                        false => late(&store, commit).await,
                    }
                })
            },
        ),
    ]
}

/// Takes a commit of a build that has taken its place for one of the read model.
async fn late(store: &MemoryStore, mut commit: ReadModelCommit) -> Result<(), ReadModelError> {
    let name = commit.checkpoint.subscription.clone();
    if let Some((read_model, build)) = Rebuild::of_collection(&name)
        && store.read_model_build(read_model).await? == build
    {
        commit.checkpoint = CheckpointMove {
            build,
            subscription: read_model.to_owned(),
            ..commit.checkpoint
        };
        commit.collection = read_model.to_owned();
    }
    store.commit(commit).await
}

/// Only the checkpoint moves.
fn moving(
    read_model: &str,
    build: u64,
    from: GlobalPosition,
    to: GlobalPosition,
) -> ReadModelCommit {
    ReadModelCommit {
        progress: Vec::new(),
        indexes: Vec::new(),
        checkpoint: CheckpointMove {
            build,
            ..CheckpointMove::new(read_model, from, to)
        },
        collection: read_model.to_owned(),
        writes: Vec::new(),
    }
}

/// A move of the checkpoint to where it is, of the build that is read.
pub(super) async fn staying(
    store: &MemoryStore,
    read_model: &str,
) -> Result<CheckpointMove, ReadModelError> {
    let at = store.read_model_checkpoint(read_model).await?;
    Ok(CheckpointMove {
        build: store.read_model_build(read_model).await?,
        ..CheckpointMove::new(read_model, at, at)
    })
}

/// Keeps dead letters, where the checkpoint is.
pub(super) async fn park(
    store: &MemoryStore,
    read_model: &str,
    letters: Vec<DeadLetter>,
) -> Result<(), ReadModelError> {
    let parked = letters.into_iter().map(|letter| DeadLetter {
        subscription: read_model.to_owned(),
        ..letter
    });
    let moved = CheckpointMove {
        parked: parked.collect(),
        ..staying(store, read_model).await?
    };
    Ok(store.move_checkpoint(moved).await?)
}
