//! Flaws in what is told about builds of read models, and in what begins them.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use orchestrix::store::{
    CheckpointMove, DocumentWrite, GlobalPosition, MemoryStore, ReadModelCommit, ReadModelError,
    ReadModelStore as _, Rebuild, RebuildStore as _, SwitchBuild, TenantId,
};

use super::mutant::gap;
use super::{Flaw, flaw};

pub(super) fn flaws() -> Vec<Flaw> {
    [of_beginnings(), of_listings(), of_tenants()]
        .into_iter()
        .flatten()
        .collect()
}

fn of_beginnings() -> Vec<Flaw> {
    vec![
        flaw(
            "each who asks gets a build of its own",
            &[
                "a_rebuild_has_the_next_number",
                "rebuilds_begun_at_once_are_one",
            ],
            |mutant| {
                let asked = Arc::new(AtomicU64::new(0));
                mutant.begin_rebuild(move |store, read_model| {
                    let before = asked.fetch_add(1, Ordering::Relaxed);
                    async move { Ok(store.begin_rebuild(&read_model).await? + before) }
                })
            },
        ),
        flaw(
            "it is looked whether a build is under way, then it is begun",
            &["rebuilds_begun_at_once_are_one"],
            |mutant| {
                mutant.begin_rebuild(|store, read_model| async move {
                    let known = store.upkeep().await?.rebuilds;
                    if let Some(known) = known.iter().find(|one| one.read_model == read_model) {
                        return Ok(known.build);
                    }
                    gap().await;
                    if let Some(begun) = store.upkeep().await?.rebuilds.first() {
                        store
                            .drop_read_model(&collection(&read_model, begun.build))
                            .await?;
                    }
                    store.begin_rebuild(&read_model).await
                })
            },
        ),
        flaw(
            "asking again begins anew",
            &["a_rebuild_has_the_next_number"],
            |mutant| {
                mutant.begin_rebuild(|store, read_model| async move {
                    for known in store.upkeep().await?.rebuilds {
                        if known.read_model == read_model {
                            let name = collection(&read_model, known.build);
                            store.drop_read_model(&name).await?;
                        }
                    }
                    store.begin_rebuild(&read_model).await
                })
            },
        ),
        flaw(
            "what is being deleted is forgotten when a build begins",
            &["a_rebuild_shares_no_number_with_what_is_being_deleted"],
            |mutant| {
                mutant.begin_rebuild(|store, read_model| async move {
                    for dropped in store.upkeep().await?.dropped {
                        while store.purge_dropped(&dropped, 100).await? > 0 {}
                    }
                    store.begin_rebuild(&read_model).await
                })
            },
        ),
    ]
}

fn of_listings() -> Vec<Flaw> {
    vec![
        flaw(
            "the first build is the only one that is told",
            &[
                "a_build_is_seen_from_its_switch_on",
                "reopening_keeps_rebuilds",
                "the_new_build_takes_commits",
            ],
            |mutant| {
                mutant.read_model_build(|_, _| async { Ok(0) }).commit(
                    |store, mut commit| async move {
                        if commit.checkpoint.build > 0 {
                            commit.checkpoint.build = 0;
                        }
                        store.commit(commit).await
                    },
                )
            },
        ),
        flaw(
            "builds are listed at the start",
            &["rebuilds_are_listed_with_their_positions"],
            |mutant| {
                mutant.upkeep(|store, ()| async move {
                    let mut upkeep = store.upkeep().await?;
                    for rebuild in &mut upkeep.rebuilds {
                        rebuild.position = GlobalPosition::START;
                    }
                    Ok(upkeep)
                })
            },
        ),
        flaw(
            "only the first build is listed",
            &["rebuilds_are_listed_with_their_positions"],
            |mutant| {
                mutant.upkeep(|store, ()| async move {
                    let mut upkeep = store.upkeep().await?;
                    upkeep.rebuilds.truncate(1);
                    Ok(upkeep)
                })
            },
        ),
        flaw(
            "what is to be deleted is not listed",
            &[
                "rebuilds_are_listed_with_their_positions",
                "dropped_documents_are_deleted_in_batches",
                "reopening_keeps_rebuilds",
            ],
            |mutant| {
                mutant.upkeep(|store, ()| async move {
                    let mut upkeep = store.upkeep().await?;
                    upkeep.dropped.clear();
                    Ok(upkeep)
                })
            },
        ),
        flaw(
            "builds are forgotten when it is closed",
            &["reopening_keeps_rebuilds"],
            |mutant| {
                mutant.close(|store, _| async move {
                    for known in store.upkeep().await?.rebuilds {
                        let name = collection(&known.read_model, known.build);
                        store.drop_read_model(&name).await?;
                    }
                    Ok(())
                })
            },
        ),
        flaw(
            "prefixes are patterns",
            &["read_models_are_listed_by_prefix"],
            |mutant| {
                mutant.read_models(|store, prefix| async move {
                    let literal = prefix.split(['%', '*']).next().unwrap_or_default();
                    store.read_models(literal).await
                })
            },
        ),
        flaw(
            "read models at the start are listed",
            &["read_models_are_listed_by_prefix"],
            |mutant| {
                mutant.read_models(|store, prefix| async move {
                    let mut names = store.read_models(&prefix).await?;
                    let at_the_start = "a@3".to_owned();
                    if at_the_start.starts_with(&prefix) {
                        names.push(at_the_start);
                        names.sort();
                    }
                    Ok(names)
                })
            },
        ),
        flaw(
            "read models are listed as they come",
            &["read_models_are_listed_by_prefix"],
            |mutant| {
                mutant.read_models(|store, prefix| async move {
                    let mut names = store.read_models(&prefix).await?;
                    names.reverse();
                    Ok(names)
                })
            },
        ),
        flaw(
            "prefixes are compared without their case",
            &["read_models_are_listed_by_prefix"],
            |mutant| {
                mutant.read_models(|store, prefix| async move {
                    let mut names = store.read_models("").await?;
                    let prefix = prefix.to_lowercase();
                    names.retain(|name| name.to_lowercase().starts_with(&prefix));
                    Ok(names)
                })
            },
        ),
    ]
}

fn of_tenants() -> Vec<Flaw> {
    vec![flaw(
        "a switch keeps the documents of tenants that the build has none for",
        &["tenants_are_apart_through_a_switch"],
        |mutant| mutant.switch_build(|store, switch| async move { keeping(&store, switch).await }),
    )]
}

/// What one tenant had of the old build, it has of the new one, too.
async fn keeping(store: &MemoryStore, switch: SwitchBuild) -> Result<bool, ReadModelError> {
    let Ok(tenant) = TenantId::new("one") else {
        return store.switch_build(switch).await;
    };
    let (name, build, at) = (switch.read_model.clone(), switch.build, switch.at);
    let old = store.scan(&name, &tenant, None, 100).await?;
    let switched = store.switch_build(switch).await?;
    let writes = old.into_iter().map(|document| DocumentWrite {
        index_values: Vec::new(),
        tenant: tenant.clone(),
        key: document.key,
        body: Some(document.body),
    });
    let checkpoint = CheckpointMove {
        build,
        ..CheckpointMove::new(&*name, at, at)
    };
    let commit = ReadModelCommit {
        progress: Vec::new(),
        indexes: Vec::new(),
        checkpoint,
        collection: name,
        writes: writes.collect(),
    };
    store.commit(commit).await?;
    Ok(switched)
}

/// The name of a build.
pub(super) fn collection(read_model: &str, build: u64) -> String {
    Rebuild::collection(read_model, build)
}
