//! Flaws in the progress of streams, and in the builds that have it.

use orchestrix::store::{
    Append, InlineWrite, MemoryStore, ReadModelCommit, ReadModelError, ReadModelStore as _,
    Rebuild, RebuildStore as _, StreamVersion, TenantId,
};

use super::inline_flaws::{alone, one_by_one};
use super::mutant::gap;
use super::{Flaw, flaw};

pub(super) fn flaws() -> Vec<Flaw> {
    [of_builds(), of_progress()].into_iter().flatten().collect()
}

fn of_builds() -> Vec<Flaw> {
    vec![
        flaw(
            "a build under way is not told",
            &["an_append_follows_the_build_under_way"],
            |mutant| {
                mutant.inline_places(|store, (read_model, stream)| async move {
                    let mut places = store.inline_places(&read_model, &stream).await?;
                    places.truncate(1);
                    Ok(places)
                })
            },
        ),
        flaw(
            "an append is done to whatever builds there are",
            &["an_append_follows_the_build_under_way"],
            |mutant| {
                one_by_one(mutant, |store, append| async move {
                    let append = to_what_there_is(&store, append).await;
                    alone(&store, append).await
                })
            },
        ),
        flaw(
            "builds share the progress of their read model",
            &["a_build_has_progress_of_its_own"],
            |mutant| {
                mutant.stream_progress(|store, (collection, streams)| async move {
                    let read_model = Rebuild::of_collection(&collection);
                    let name = read_model.map_or(&*collection, |(read_model, _)| read_model);
                    store.stream_progress(name, &streams).await
                })
            },
        ),
        flaw(
            "progress that is deleted is not told",
            &["dropped_progress_is_deleted_in_batches"],
            |mutant| {
                mutant.purge_dropped(|store, (collection, limit)| async move {
                    let tenant = TenantId::default();
                    let documents = store.count_documents(&collection, &tenant, &[]).await?;
                    let purged = store.purge_dropped(&collection, limit).await?;
                    Ok(purged.min(documents))
                })
            },
        ),
    ]
}

fn of_progress() -> Vec<Flaw> {
    vec![
        flaw(
            "a commit moves no progress",
            &["a_commit_moves_progress"],
            |mutant| {
                mutant.commit(|store, mut commit| async move {
                    commit.progress.clear();
                    store.commit(commit).await
                })
            },
        ),
        flaw(
            "a commit moves progress from wherever it is",
            &[
                "a_moved_progress_refuses_the_commit",
                "an_append_or_a_commit_folds_an_event",
            ],
            |mutant| {
                mutant.commit(|store, commit| async move {
                    let commit = commit_as_seen_now(&store, commit).await?;
                    store.commit(commit).await
                })
            },
        ),
        flaw(
            "a commit looks at progress, then moves it",
            &["an_append_or_a_commit_folds_an_event"],
            |mutant| {
                mutant.commit(|store, commit| async move {
                    let seen = commit_as_seen_now(&store, commit.clone()).await?;
                    if seen.progress != commit.progress {
                        return store.commit(commit).await;
                    }
                    gap().await;
                    let commit = commit_as_seen_now(&store, commit).await?;
                    store.commit(commit).await
                })
            },
        ),
        flaw(
            "a commit whose progress is elsewhere moves its checkpoint",
            &["a_moved_progress_refuses_the_commit"],
            |mutant| {
                mutant.commit(|store, commit| async move {
                    let outcome = store.commit(commit.clone()).await;
                    if let Err(ReadModelError::ProgressMoved { .. }) = outcome {
                        let checkpoint = ReadModelCommit {
                            writes: Vec::new(),
                            progress: Vec::new(),
                            ..commit
                        };
                        store.commit(checkpoint).await?;
                    }
                    outcome
                })
            },
        ),
        flaw(
            "progress is kept without the case of its read model",
            &["progress_is_apart_by_name"],
            |mutant| {
                mutant.stream_progress(|store, (collection, streams)| async move {
                    let collection = collection.to_lowercase();
                    store.stream_progress(&collection, &streams).await
                })
            },
        ),
    ]
}

/// The same append, to the builds that there are.
async fn to_what_there_is(store: &MemoryStore, append: Append) -> Append {
    let mut all = Vec::new();
    for write in append.inline().iter().take(1) {
        let places = store.inline_places(&write.read_model, &write.stream).await;
        for place in places.unwrap_or_default() {
            all.push(InlineWrite {
                build: place.build,
                from: place.progress,
                ..write.clone()
            });
        }
    }
    append.with_inline(all)
}

async fn commit_as_seen_now(
    store: &MemoryStore,
    mut commit: ReadModelCommit,
) -> Result<ReadModelCommit, ReadModelError> {
    for moved in &mut commit.progress {
        let of = [moved.stream.clone()];
        let found = store.stream_progress(&commit.collection, &of).await?;
        moved.from = found.first().copied().unwrap_or(StreamVersion::NONE);
    }
    Ok(commit)
}
