//! Flaws in giving up read models and builds, and in deleting their documents.

use orchestrix::store::{
    CheckpointMove, DocumentWrite, GlobalPosition, MemoryStore, ReadModelCommit, ReadModelError,
    ReadModelStore as _, Rebuild, RebuildStore as _, SwitchBuild,
};

use super::dead_letter_flaws::known;
use super::switch_flaws::{park, staying};
use super::{Flaw, flaw};

pub(super) fn flaws() -> Vec<Flaw> {
    [of_deleting(), of_read_models(), of_builds()]
        .into_iter()
        .flatten()
        .collect()
}

fn of_deleting() -> Vec<Flaw> {
    vec![
        flaw(
            "all documents are deleted at once",
            &["dropped_documents_are_deleted_in_batches"],
            |mutant| {
                mutant.purge_dropped(|store, (name, _)| async move {
                    store.purge_dropped(&name, usize::MAX).await
                })
            },
        ),
        flaw(
            "more documents are told to be deleted than there were",
            &["dropped_documents_are_deleted_in_batches"],
            |mutant| {
                mutant.purge_dropped(|store, (name, limit)| async move {
                    let purged = store.purge_dropped(&name, limit).await?;
                    Ok(if purged > 0 { limit as u64 } else { 0 })
                })
            },
        ),
        flaw(
            "no documents are deleted",
            &[
                "dropped_documents_are_deleted_in_batches",
                "a_dropped_build_leaves_what_is_read",
                "a_dropped_read_model_is_gone_at_once",
            ],
            |mutant| mutant.purge_dropped(|_, _| async { Ok(0) }),
        ),
        flaw(
            "what was not dropped is deleted, too",
            &["what_was_not_dropped_is_not_purged"],
            |mutant| {
                mutant.purge_dropped(|store, (name, limit)| async move {
                    let is_dropped = store.upkeep().await?.dropped.contains(&name);
                    if !is_dropped && Rebuild::of_collection(&name).is_none() {
                        store.drop_read_model(&name).await?;
                    }
                    store.purge_dropped(&name, limit).await
                })
            },
        ),
        flaw(
            "what is being built is deleted, too",
            &["what_was_not_dropped_is_not_purged"],
            |mutant| {
                mutant.purge_dropped(|store, (name, limit)| async move {
                    if Rebuild::of_collection(&name).is_some() {
                        store.drop_read_model(&name).await?;
                    }
                    store.purge_dropped(&name, limit).await
                })
            },
        ),
        flaw(
            "the documents that are read are deleted with the old ones",
            &[
                "dropped_documents_are_deleted_in_batches",
                "the_new_build_takes_commits",
                "a_dropped_read_model_comes_back_anew",
                "a_read_model_is_dropped_with_its_build",
            ],
            |mutant| {
                mutant.purge_dropped(|store, (name, limit)| async move {
                    let purged = store.purge_dropped(&name, limit).await?;
                    clear(&store, name.split('~').next().unwrap_or(&name)).await?;
                    Ok(purged)
                })
            },
        ),
    ]
}

fn of_read_models() -> Vec<Flaw> {
    vec![
        flaw(
            "nothing is given up",
            &[
                "a_dropped_read_model_is_gone_at_once",
                "a_dropped_build_leaves_what_is_read",
                "a_read_model_is_dropped_with_its_build",
            ],
            |mutant| mutant.drop_read_model(|_, _| async { Ok(()) }),
        ),
        flaw(
            "a read model that is given up keeps its dead letters",
            &["a_dropped_read_model_is_gone_at_once"],
            |mutant| {
                mutant.drop_read_model(|store, name| async move {
                    let letters = known(&store, &name).await?;
                    store.drop_read_model(&name).await?;
                    park(&store, &name, letters).await
                })
            },
        ),
        flaw(
            "a read model that is given up keeps its checkpoint",
            &[
                "a_dropped_read_model_is_gone_at_once",
                "a_read_model_is_dropped_with_its_build",
            ],
            |mutant| {
                mutant.drop_read_model(|store, name| async move {
                    let at = store.read_model_checkpoint(&name).await?;
                    store.drop_read_model(&name).await?;
                    go_on(&store, &name, at).await
                })
            },
        ),
        flaw(
            "a read model with a build of this kind is another's",
            &["a_dropped_read_model_is_gone_at_once"],
            |mutant| {
                mutant.drop_read_model(|store, name| async move {
                    let name_of = name.split('@').next().unwrap_or_default().to_owned();
                    for other in store.read_models(&format!("{name_of}@")).await? {
                        store.drop_read_model(&other).await?;
                    }
                    store.drop_read_model(&name).await
                })
            },
        ),
        flaw(
            "what comes back has the number of the old one",
            &["a_dropped_read_model_comes_back_anew"],
            |mutant| {
                mutant
                    .read_model_build(|store, name| async move {
                        Ok(store.read_model_build(&name).await?.saturating_sub(1))
                    })
                    .commit(|store, mut commit| async move {
                        let name = &*commit.checkpoint.subscription;
                        let actual = store.read_model_build(name).await?;
                        if commit.checkpoint.build + 1 == actual {
                            commit.checkpoint.build = actual;
                        }
                        store.commit(commit).await
                    })
            },
        ),
        flaw(
            "a read model that is given up leaves its build under way",
            &["a_read_model_is_dropped_with_its_build"],
            |mutant| {
                mutant.drop_read_model(|store, name| async move {
                    let known = store.upkeep().await?.rebuilds;
                    let under_way = known.iter().any(|known| known.read_model == name);
                    store.drop_read_model(&name).await?;
                    if under_way {
                        store.begin_rebuild(&name).await?;
                    }
                    Ok(())
                })
            },
        ),
    ]
}

fn of_builds() -> Vec<Flaw> {
    vec![
        flaw(
            "with a build its read model is given up",
            &[
                "a_dropped_build_leaves_what_is_read",
                "dropping_a_build_that_is_not_under_way_does_nothing",
            ],
            |mutant| {
                mutant.drop_read_model(|store, name| async move {
                    let of_build = Rebuild::of_collection(&name);
                    let read_model = of_build.map_or(&*name, |(read_model, _)| read_model);
                    store.drop_read_model(read_model).await
                })
            },
        ),
        flaw(
            "a build that has taken its place is given up by its name",
            &["dropping_a_build_that_is_not_under_way_does_nothing"],
            |mutant| {
                mutant.drop_read_model(|store, name| async move {
                    if let Some((read_model, build)) = Rebuild::of_collection(&name)
                        && store.read_model_build(read_model).await? == build
                    {
                        store.drop_read_model(read_model).await?;
                    }
                    store.drop_read_model(&name).await
                })
            },
        ),
        flaw(
            "the checkpoint of a build outlives it",
            &[
                "commits_of_a_build_race_with_giving_it_up",
                "a_dropped_build_leaves_what_is_read",
            ],
            |mutant| {
                mutant.read_model_checkpoint(|store, name| async move {
                    let known = store.upkeep().await?;
                    match Rebuild::of_collection(&name).is_some() && known.rebuilds.is_empty() {
                        true => Ok(GlobalPosition::new(8)),
                        false => store.read_model_checkpoint(&name).await,
                    }
                })
            },
        ),
        flaw(
            "a build that is given up takes its place",
            &["a_dropped_build_leaves_what_is_read"],
            |mutant| {
                mutant.drop_read_model(|store, name| async move {
                    if let Some((read_model, build)) = Rebuild::of_collection(&name) {
                        let switch = SwitchBuild {
                            read_model: read_model.to_owned(),
                            build,
                            at: store.read_model_checkpoint(&name).await?,
                            fence: None,
                        };
                        if !matches!(store.switch_build(switch).await, Ok(true)) {
                            store.drop_read_model(&name).await?;
                        }
                        return Ok(());
                    }
                    store.drop_read_model(&name).await
                })
            },
        ),
    ]
}

/// Deletes the documents that are read.
async fn clear(store: &MemoryStore, read_model: &str) -> Result<(), ReadModelError> {
    let tenant = Default::default();
    let all = store.scan(read_model, &tenant, None, usize::MAX).await?;
    let writes = all.into_iter().map(|document| DocumentWrite {
        index_values: Vec::new(),
        tenant: tenant.clone(),
        key: document.key,
        body: None,
    });
    let commit = ReadModelCommit {
        progress: Vec::new(),
        indexes: Vec::new(),
        checkpoint: staying(store, read_model).await?,
        collection: read_model.to_owned(),
        writes: writes.collect(),
    };
    store.commit(commit).await
}

/// Moves the checkpoint from the start.
async fn go_on(
    store: &MemoryStore,
    read_model: &str,
    to: GlobalPosition,
) -> Result<(), ReadModelError> {
    let checkpoint = CheckpointMove {
        position: to,
        ..staying(store, read_model).await?
    };
    let commit = ReadModelCommit {
        progress: Vec::new(),
        indexes: Vec::new(),
        checkpoint,
        collection: read_model.to_owned(),
        writes: Vec::new(),
    };
    store.commit(commit).await
}
