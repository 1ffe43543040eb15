//! Flaws in documents that are written with the events of an append.

use orchestrix::store::{
    Append, AppendError, CheckpointMove, EventStore as _, InlineWrite, MemoryStore,
    ReadModelCommit, ReadModelError, ReadModelStore as _, StreamId, TenantId,
};

use super::mutant::{Mutant, Outcomes, gap};
use super::{Flaw, flaw};

pub(super) fn flaws() -> Vec<Flaw> {
    [of_appends(), of_refusals()]
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

pub(super) type Outcome = Result<orchestrix::store::Appended, AppendError>;

/// Changes each inline write before it is done.
fn inlining(mutant: Mutant, change: fn(&mut InlineWrite)) -> Mutant {
    mutant.appending(move |append| {
        let mut inline = append.inline().to_vec();
        inline.iter_mut().for_each(change);
        append.with_inline(inline)
    })
}

/// Does something else with each append.
pub(super) fn one_by_one<F>(mutant: Mutant, instead: fn(MemoryStore, Append) -> F) -> Mutant
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

pub(super) async fn alone(store: &MemoryStore, append: Append) -> Outcome {
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
