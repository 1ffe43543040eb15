//! Flaws in checkpoints and read models.

use orchestrix::store::{
    CheckpointError, CheckpointMove, CheckpointStore as _, Document, DocumentWrite, GlobalPosition,
    MemoryStore, Payload, ReadModelCommit, ReadModelError, ReadModelStore as _, TenantId,
};

use super::event_flaws::normalised;
use super::mutant::{Mutant, gap};
use super::{Flaw, flaw};

pub(super) fn flaws() -> Vec<Flaw> {
    [of_checkpoints(), of_commits(), of_documents()]
        .into_iter()
        .flatten()
        .collect()
}

fn of_checkpoints() -> Vec<Flaw> {
    vec![
        flaw(
            "checkpoints are saved from wherever they are",
            &["a_moved_checkpoint_is_refused", "one_of_many_savers_wins"],
            |mutant| {
                mutant.save_checkpoint(|store, (name, _, position)| async move {
                    let actual = store.load_checkpoint(&name).await?;
                    store.save_checkpoint(&name, actual, position).await
                })
            },
        ),
        flaw(
            "a checkpoint is checked, then saved",
            &["one_of_many_savers_wins"],
            |mutant| {
                mutant.save_checkpoint(|store, (subscription, expected, position)| async move {
                    let actual = store.load_checkpoint(&subscription).await?;
                    if actual != expected {
                        return Err(CheckpointError::Moved {
                            subscription,
                            expected,
                            actual,
                        });
                    }
                    gap().await;
                    let actual = store.load_checkpoint(&subscription).await?;
                    store.save_checkpoint(&subscription, actual, position).await
                })
            },
        ),
        flaw(
            "an unknown subscription is an error",
            &["an_unknown_subscription_is_at_the_start"],
            |mutant| {
                mutant.load_checkpoint(|store, subscription| async move {
                    match store.load_checkpoint(&subscription).await? {
                        GlobalPosition::START => Err(CheckpointError::Failed {
                            subscription,
                            source: "no row".into(),
                        }),
                        position => Ok(position),
                    }
                })
            },
        ),
        flaw(
            "no checkpoint is saved",
            &["a_saved_checkpoint_is_loaded"],
            |mutant| mutant.save_checkpoint(|_, _| async { Ok(()) }),
        ),
        flaw(
            "checkpoints only move forward",
            &["a_checkpoint_can_move_back"],
            |mutant| {
                mutant.save_checkpoint(|store, (name, expected, position)| async move {
                    store
                        .save_checkpoint(&name, expected, position.max(expected))
                        .await
                })
            },
        ),
        flaw(
            "subscriptions are compared without their case",
            &["checkpoints_are_apart_by_name"],
            |mutant| {
                mutant.save_checkpoint(|store, (name, expected, position)| async move {
                    store
                        .save_checkpoint(&name.to_lowercase(), expected, position)
                        .await
                })
            },
        ),
    ]
}

fn of_commits() -> Vec<Flaw> {
    vec![
        flaw(
            "a refused commit leaves its documents",
            &[
                "a_moved_checkpoint_refuses_the_commit",
                "one_of_many_committers_wins",
            ],
            |mutant| {
                mutant.commit(|store, commit| async move {
                    write_documents(&store, &commit).await?;
                    store.commit(commit).await
                })
            },
        ),
        flaw(
            "a commit writes documents, then the checkpoint",
            &["a_dropped_commit_is_whole_or_absent"],
            |mutant| {
                mutant.commit(|store, commit| async move {
                    let CheckpointMove {
                        subscription,
                        expected,
                        ..
                    } = commit.checkpoint.clone();
                    let actual = store.read_model_checkpoint(&subscription).await?;
                    if actual != expected {
                        return Err(ReadModelError::Checkpoint(CheckpointError::Moved {
                            subscription,
                            expected,
                            actual,
                        }));
                    }
                    write_documents(&store, &commit).await?;
                    gap().await;
                    let checkpoint = ReadModelCommit {
                        writes: Vec::new(),
                        ..commit
                    };
                    store.commit(checkpoint).await
                })
            },
        ),
        flaw(
            "a commit leaves the checkpoint where it is",
            &["a_commit_writes_documents_and_checkpoint"],
            |mutant| {
                committing(mutant, |commit| {
                    if !commit.writes.is_empty() {
                        commit.checkpoint.position = commit.checkpoint.expected;
                    }
                })
            },
        ),
        flaw(
            "a projection's checkpoint is told too low",
            &[
                "a_commit_writes_documents_and_checkpoint",
                "projections_have_their_own_checkpoints",
            ],
            |mutant| {
                mutant.read_model_checkpoint(|store, name| async move {
                    let position = store.read_model_checkpoint(&name).await?;
                    Ok(GlobalPosition::new(position.get().saturating_sub(1)))
                })
            },
        ),
        flaw(
            "a commit without writes does nothing",
            &["a_commit_without_writes_moves_the_checkpoint"],
            |mutant| {
                mutant.commit(|store, commit| async move {
                    match commit.writes.is_empty() {
                        true => Ok(()),
                        false => store.commit(commit).await,
                    }
                })
            },
        ),
        flaw(
            "projections are compared without their case",
            &["projections_have_their_own_checkpoints"],
            |mutant| {
                committing(mutant, |commit| {
                    let subscription = &mut commit.checkpoint.subscription;
                    *subscription = subscription.to_lowercase();
                })
            },
        ),
        flaw(
            "documents are written once",
            &["documents_are_overwritten"],
            |mutant| {
                mutant.commit(|store, mut commit| async move {
                    let keys: Vec<_> = commit
                        .writes
                        .iter()
                        .map(|write| write.key.clone())
                        .collect();
                    let tenant = TenantId::default();
                    let stored = store.documents(&commit.collection, &tenant, &keys).await?;
                    commit
                        .writes
                        .retain(|write| stored.iter().all(|document| document.key != write.key));
                    store.commit(commit).await
                })
            },
        ),
        flaw(
            "documents are never deleted",
            &[
                "documents_are_deleted",
                "a_thousand_documents_in_one_commit",
            ],
            |mutant| {
                committing(mutant, |commit| {
                    commit.writes.retain(|write| write.body.is_some())
                })
            },
        ),
    ]
}

fn of_documents() -> Vec<Flaw> {
    vec![
        flaw(
            "absent documents are null",
            &["absent_documents_are_left_out"],
            |mutant| {
                mutant.documents(|store, (collection, tenant, keys)| async move {
                    let mut found = store.documents(&collection, &tenant, &keys).await?;
                    for key in keys {
                        if found.iter().all(|document| document.key != key) {
                            let body = Payload::from_stored_text("null".into());
                            found.push(Document { key, body });
                        }
                    }
                    Ok(found)
                })
            },
        ),
        flaw(
            "tenants share their documents",
            &["documents_are_apart_by_tenant"],
            |mutant| {
                committing(mutant, |commit| {
                    commit
                        .writes
                        .iter_mut()
                        .for_each(|write| write.tenant = TenantId::default());
                })
            },
        ),
        flaw(
            "collections are compared without their case",
            &["documents_are_apart_by_collection"],
            |mutant| {
                committing(mutant, |commit| {
                    commit.collection = commit.collection.to_lowercase()
                })
                .scan(|store, (collection, tenant, after, limit)| async move {
                    store
                        .scan(&collection.to_lowercase(), &tenant, after.as_deref(), limit)
                        .await
                })
            },
        ),
        flaw(
            "a scan is in the order of a dictionary",
            &["a_scan_is_in_the_order_of_bytes"],
            |mutant| {
                mutant.scan(|store, (collection, tenant, after, limit)| async move {
                    let mut all = store.scan(&collection, &tenant, None, usize::MAX).await?;
                    let order = |key: &str| (key.to_lowercase(), key.to_owned());
                    all.sort_by_key(|document| order(&document.key));
                    if let Some(after) = after {
                        all.retain(|document| order(&document.key) > order(&after));
                    }
                    all.truncate(limit);
                    Ok(all)
                })
            },
        ),
        flaw(
            "a scan is in the order of UTF-16",
            &["a_scan_is_in_the_order_of_bytes"],
            |mutant| {
                mutant.scan(|store, (collection, tenant, after, limit)| async move {
                    let mut all = store.scan(&collection, &tenant, None, usize::MAX).await?;
                    let order = |key: &str| key.encode_utf16().collect::<Vec<_>>();
                    all.sort_by_key(|document| order(&document.key));
                    if let Some(after) = after {
                        all.retain(|document| order(&document.key) > order(&after));
                    }
                    all.truncate(limit);
                    Ok(all)
                })
            },
        ),
        flaw(
            "a scan begins at the key",
            &["a_scan_is_read_in_pages"],
            |mutant| {
                mutant.scan(|store, (collection, tenant, after, limit)| async move {
                    let mut all = store.scan(&collection, &tenant, None, usize::MAX).await?;
                    all.retain(|document| {
                        after.as_ref().is_none_or(|after| document.key >= *after)
                    });
                    all.truncate(limit);
                    Ok(all)
                })
            },
        ),
        flaw(
            "blanks around a key are dropped",
            &["hostile_keys_are_kept_apart"],
            |mutant| {
                committing(mutant, |commit| {
                    commit
                        .writes
                        .iter_mut()
                        .for_each(|write| write.key = write.key.trim().to_owned());
                })
            },
        ),
        flaw(
            "a call finds at most 400 documents",
            &["a_thousand_documents_in_one_commit"],
            |mutant| {
                mutant.documents(|store, (collection, tenant, keys)| async move {
                    let mut found = store.documents(&collection, &tenant, &keys).await?;
                    found.truncate(400);
                    Ok(found)
                })
            },
        ),
        flaw(
            "binary bodies are taken for JSON",
            &["a_binary_body_is_refused"],
            |mutant| {
                committing(mutant, |commit| {
                    for write in &mut commit.writes {
                        let text = write.body.as_ref().filter(|body| body.is_binary());
                        let text = text.map(|body| String::from_utf8_lossy(body.as_bytes()).into());
                        write.body = text
                            .map(Payload::from_stored_text)
                            .or_else(|| write.body.take());
                    }
                })
            },
        ),
        flaw(
            "bodies are normalised",
            &["bodies_come_back_to_the_byte"],
            |mutant| {
                committing(mutant, |commit| {
                    for DocumentWrite { body, .. } in &mut commit.writes {
                        let normal = body.as_ref().and_then(normalised);
                        *body = normal.or_else(|| body.take());
                    }
                })
            },
        ),
    ]
}

/// Changes commits before they are done.
fn committing(mutant: Mutant, change: fn(&mut ReadModelCommit)) -> Mutant {
    mutant.commit(move |store, mut commit| {
        change(&mut commit);
        async move { store.commit(commit).await }
    })
}

/// Writes the documents of a commit and leaves the checkpoint where it is.
async fn write_documents(
    store: &MemoryStore,
    commit: &ReadModelCommit,
) -> Result<(), ReadModelError> {
    let subscription = &commit.checkpoint.subscription;
    let actual = store.read_model_checkpoint(subscription).await?;
    let documents = ReadModelCommit {
        checkpoint: CheckpointMove::new(subscription, actual, actual),
        ..commit.clone()
    };
    store.commit(documents).await
}
