//! Flaws in documents that are written with the events of an append, and in the progress that keeps them right.

use orchestrix::store::{
    Append, AppendError, CheckpointMove, EventStore as _, InlineWrite, MemoryStore,
    ReadModelCommit, ReadModelError, ReadModelStore as _, Rebuild, RebuildStore as _, StreamId,
    StreamVersion, TenantId,
};

use super::mutant::{Mutant, Outcomes, gap};
use super::{Flaw, flaw};

pub(super) fn flaws() -> Vec<Flaw> {
    [of_appends(), of_refusals(), of_builds(), of_progress()]
        .into_iter()
        .flatten()
        .collect()
}

fn of_appends() -> Vec<Flaw> {
    vec![
        flaw(
            "documents of appends are not written",
            &["an_append_writes_its_documents"],
            |mutant| mutant.appending(|append| append.with_inline(Vec::new())),
        ),
        flaw(
            "documents do not end with appends",
            &["an_append_ends_a_document"],
            |mutant| {
                inlining(mutant, |write| {
                    write.write.take_if(|document| document.body.is_none());
                })
            },
        ),
        flaw(
            "documents are written, then the events",
            &[
                "a_refused_append_writes_no_documents",
                "a_dropped_append_writes_all_or_nothing",
            ],
            |mutant| {
                one_by_one(mutant, |store, append| async move {
                    write_apart(&store, &append).await?;
                    gap().await;
                    only_events(&store, append).await
                })
            },
        ),
        flaw(
            "events are stored, then the documents",
            &[
                "documents_are_never_behind_their_events",
                "a_dropped_append_writes_all_or_nothing",
            ],
            |mutant| {
                one_by_one(mutant, |store, append| async move {
                    let appended = only_events(&store, append.clone()).await?;
                    gap().await;
                    write_apart(&store, &append).await?;
                    Ok(appended)
                })
            },
        ),
        flaw(
            "a repeat writes its documents again",
            &["a_repeat_writes_no_documents"],
            |mutant| {
                one_by_one(mutant, |store, append| async move {
                    let appended = alone(&store, append.clone()).await?;
                    if appended.repeated {
                        let append = as_seen_now(&store, append).await;
                        write_apart(&store, &append).await?;
                    }
                    Ok(appended)
                })
            },
        ),
        flaw(
            "only the first document of an append is written",
            &["an_append_over_read_models_is_written_whole"],
            |mutant| {
                mutant.appending(|append| {
                    let first = append.inline().iter().take(1).cloned().collect();
                    append.with_inline(first)
                })
            },
        ),
        flaw(
            "tenants share their progress",
            &[
                "inline_documents_are_apart_by_tenant",
                "progress_is_apart_by_name",
            ],
            |mutant| {
                mutant.stream_progress(|store, (collection, streams)| async move {
                    let streams: Vec<_> = streams.iter().map(of_lower_tenant).collect();
                    store.stream_progress(&collection, &streams).await
                })
            },
        ),
    ]
}

fn of_refusals() -> Vec<Flaw> {
    vec![
        flaw(
            "an append moves progress from wherever it is",
            &["a_moved_progress_refuses_the_append"],
            |mutant| {
                one_by_one(mutant, |store, append| async move {
                    let append = as_seen_now(&store, append).await;
                    alone(&store, append).await
                })
            },
        ),
        flaw(
            "where progress is elsewhere, the events are stored alone",
            &[
                "a_moved_progress_refuses_the_append",
                "an_append_over_read_models_is_written_whole",
            ],
            |mutant| {
                one_by_one(mutant, |store, append| async move {
                    match alone(&store, append.clone()).await {
                        Err(AppendError::ReadModelMoved { .. }) => {
                            only_events(&store, append).await
                        }
                        outcome => outcome,
                    }
                })
            },
        ),
        flaw(
            "progress that is elsewhere refuses the whole call",
            &["inline_appends_harm_no_neighbour"],
            |mutant| {
                mutant.append(|store, appends| async move {
                    let count = appends.len();
                    let trial = MemoryStore::new();
                    let moved = trial.append(appends.clone()).await.into_iter();
                    let mut moved = moved.filter(|outcome| {
                        matches!(outcome, Err(AppendError::ReadModelMoved { .. }))
                    });
                    match (count, moved.next()) {
                        (2.., Some(_)) => (0..count).map(|_| Err(failed())).collect(),
                        _ => store.append(appends).await,
                    }
                })
            },
        ),
        flaw(
            "what does not fit an append is left out",
            &["inline_writes_that_do_not_fit_are_refused"],
            |mutant| {
                mutant.appending(|append| {
                    match append.check(&orchestrix::store::Limits::default()) {
                        Ok(()) => append,
                        Err(_) => append.with_inline(Vec::new()),
                    }
                })
            },
        ),
    ]
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

type Outcome = Result<orchestrix::store::Appended, AppendError>;

/// Changes each inline write before it is done.
fn inlining(mutant: Mutant, change: fn(&mut InlineWrite)) -> Mutant {
    mutant.appending(move |append| {
        let mut inline = append.inline().to_vec();
        inline.iter_mut().for_each(change);
        append.with_inline(inline)
    })
}

/// Does something else with each append.
fn one_by_one<F>(mutant: Mutant, instead: fn(MemoryStore, Append) -> F) -> Mutant
where
    F: Future<Output = Outcome> + Send + 'static,
{
    mutant.append(move |store, appends| async move {
        let mut outcomes = Outcomes::new();
        for append in appends {
            outcomes.push(instead(store.clone(), append).await);
        }
        outcomes
    })
}

async fn alone(store: &MemoryStore, append: Append) -> Outcome {
    let mut outcomes = store.append(vec![append]).await;
    outcomes.pop().unwrap_or_else(|| Err(failed()))
}

async fn only_events(store: &MemoryStore, append: Append) -> Outcome {
    alone(store, append.with_inline(Vec::new())).await
}

/// Writes the documents of an append without its events.
async fn write_apart(store: &MemoryStore, append: &Append) -> Result<(), AppendError> {
    for write in append.inline() {
        let of_commit = |error: ReadModelError| AppendError::Failed {
            source: error.into(),
        };
        let name = &write.read_model;
        let at = store.read_model_checkpoint(name).await.map_err(of_commit)?;
        let commit = ReadModelCommit {
            checkpoint: CheckpointMove {
                build: write.build,
                ..CheckpointMove::new(name, at, at)
            },
            collection: name.clone(),
            indexes: write.indexes.clone(),
            writes: write.write.iter().cloned().collect(),
            progress: write.progress(append.writes()).into_iter().collect(),
        };
        store.commit(commit).await.map_err(of_commit)?;
    }
    Ok(())
}

/// The same append, from where the progress is.
async fn as_seen_now(store: &MemoryStore, append: Append) -> Append {
    let mut inline = append.inline().to_vec();
    for write in &mut inline {
        let places = store.inline_places(&write.read_model, &write.stream).await;
        for place in places.unwrap_or_default() {
            if place.build == write.build {
                write.from = place.progress;
            }
        }
    }
    append.with_inline(inline)
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

fn of_lower_tenant(stream: &StreamId) -> StreamId {
    let tenant = stream.tenant().as_str().trim().to_lowercase();
    match TenantId::new(tenant) {
        Ok(tenant) => stream.clone().with_tenant(tenant),
        Err(_) => stream.clone(),
    }
}

fn failed() -> AppendError {
    AppendError::Failed {
        source: "not done".into(),
    }
}
