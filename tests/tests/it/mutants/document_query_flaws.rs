//! Flaws in indexes over documents, and in queries on them.

use std::ops::Bound;

use orchestrix::store::{
    CheckpointMove, DocumentQuery, FoundDocument, IndexCondition, IndexRange, MemoryStore,
    ReadModelCommit, ReadModelError, ReadModelStore as _, TenantId,
};

use super::mutant::Mutant;
use super::{Flaw, flaw};

pub(super) fn flaws() -> Vec<Flaw> {
    [
        of_conditions(),
        of_orders(),
        of_counts(),
        of_places(),
        of_unindexed(),
    ]
    .into_iter()
    .flatten()
    .collect()
}

/// A store that is asked something else than it was.
fn asking(mutant: Mutant, change: fn(&mut DocumentQuery)) -> Mutant {
    mutant.query_documents(move |store, mut query| {
        change(&mut query);
        async move { store.query_documents(query).await }
    })
}

/// A store that tells something else than it found.
fn telling(mutant: Mutant, change: fn(&mut Vec<FoundDocument>, &DocumentQuery)) -> Mutant {
    mutant.query_documents(move |store, query| async move {
        let mut found = store.query_documents(query.clone()).await?;
        change(&mut found, &query);
        Ok(found)
    })
}

/// A store that commits something else than it was given.
fn committing(mutant: Mutant, change: fn(&mut ReadModelCommit)) -> Mutant {
    mutant.commit(move |store, mut commit| {
        change(&mut commit);
        async move { store.commit(commit).await }
    })
}

fn of_conditions() -> Vec<Flaw> {
    vec![
        flaw(
            "bounds are part of what is between them",
            &["documents_are_found_by_their_places"],
            |mutant| {
                asking(mutant, |query| {
                    for condition in &mut query.conditions {
                        if let IndexRange::Between(from, to) = &mut condition.range {
                            for bound in [from, to] {
                                if let Bound::Excluded(place) = bound {
                                    *bound = Bound::Included(std::mem::take(place));
                                }
                            }
                        }
                    }
                })
            },
        ),
        flaw(
            "of several places the first is looked at",
            &["documents_are_found_by_their_places"],
            |mutant| {
                asking(mutant, |query| {
                    for condition in &mut query.conditions {
                        if let IndexRange::OneOf(places) | IndexRange::NoneOf(places) =
                            &mut condition.range
                        {
                            places.truncate(1);
                        }
                    }
                })
            },
        ),
        flaw(
            "one condition is looked at",
            &["all_conditions_must_hold"],
            |mutant| asking(mutant, |query| query.conditions.truncate(1)),
        ),
        flaw(
            "one condition on each index is looked at",
            &["all_conditions_must_hold"],
            |mutant| {
                asking(mutant, |query| {
                    let mut seen = Vec::new();
                    query.conditions.retain(|condition| {
                        let first = !seen.contains(&condition.index);
                        seen.push(condition.index.clone());
                        first
                    });
                })
            },
        ),
        flaw(
            "places end at a zero",
            &["documents_are_found_by_their_places"],
            |mutant| {
                asking(mutant, |query| {
                    for condition in &mut query.conditions {
                        if let IndexRange::OneOf(places) = &mut condition.range {
                            for place in places {
                                let end = place.iter().position(|byte| *byte == 0);
                                place.truncate(end.unwrap_or(place.len()));
                            }
                        }
                    }
                })
            },
        ),
    ]
}

fn of_orders() -> Vec<Flaw> {
    vec![
        flaw(
            "documents come by their keys",
            &["found_documents_are_in_order"],
            |mutant| {
                telling(mutant, |found, _| {
                    found.sort_by(|a, b| a.document.key.cmp(&b.document.key))
                })
            },
        ),
        flaw(
            "documents at one place come by their keys either way",
            &["found_documents_are_in_order"],
            |mutant| {
                telling(mutant, |found, query| {
                    if query.order.index.is_some() {
                        found.sort_by(|a, b| {
                            let places = a.value.cmp(&b.value);
                            let places = if query.order.descending {
                                places.reverse()
                            } else {
                                places
                            };
                            places.then(a.document.key.cmp(&b.document.key))
                        });
                    }
                })
            },
        ),
        flaw(
            "the places in the order are not told",
            &["found_documents_are_in_order", "a_query_is_read_in_pages"],
            |mutant| {
                telling(mutant, |found, _| {
                    found.iter_mut().for_each(|found| found.value.clear())
                })
            },
        ),
        flaw(
            "a query goes on behind all documents at the last place",
            &["a_query_is_read_in_pages"],
            |mutant| {
                asking(mutant, |query| {
                    let descending = query.order.descending;
                    if let (Some(after), Some(_)) = (&mut query.after, &query.order.index) {
                        after.key = if descending {
                            String::new()
                        } else {
                            "\u{10ffff}".to_owned()
                        };
                    }
                })
            },
        ),
        flaw(
            "a query begins where it ended",
            &["a_query_is_read_in_pages"],
            |mutant| asking(mutant, |query| query.after = None),
        ),
        flaw(
            "a query finds one more than it may",
            &["found_documents_are_in_order"],
            |mutant| asking(mutant, |query| query.limit += 1),
        ),
    ]
}

fn of_counts() -> Vec<Flaw> {
    vec![
        flaw(
            "all documents are counted",
            &["documents_are_counted"],
            |mutant| {
                mutant.count_documents(|store, (collection, tenant, _)| async move {
                    store.count_documents(&collection, &tenant, &[]).await
                })
            },
        ),
        flaw(
            "one page is counted",
            &["documents_are_counted"],
            |mutant| {
                mutant.count_documents(|store, (collection, tenant, conditions)| async move {
                    let count = store.count_documents(&collection, &tenant, &conditions);
                    Ok(count.await?.min(10))
                })
            },
        ),
        flaw(
            "the documents of all tenants are counted",
            &["places_are_apart"],
            |mutant| {
                mutant.count_documents(|store, (collection, tenant, conditions)| async move {
                    let mut all = 0;
                    for tenant in [tenant, TenantId::default()] {
                        all += store
                            .count_documents(&collection, &tenant, &conditions)
                            .await?;
                    }
                    Ok(all)
                })
            },
        ),
    ]
}

/// Leaves old places where they are, as documents of another name.
async fn keep_old_places(
    store: MemoryStore,
    commit: ReadModelCommit,
) -> Result<(), ReadModelError> {
    let mut first = commit.clone();
    first.writes.retain(|write| write.body.is_some());
    store.commit(first).await
}

fn of_places() -> Vec<Flaw> {
    vec![
        flaw(
            "deleted documents stay in the indexes",
            &[
                "places_move_with_their_documents",
                "places_move_beside_dead_letters",
            ],
            |mutant| mutant.commit(keep_old_places),
        ),
        flaw(
            "places are never changed",
            &[
                "places_move_with_their_documents",
                "places_move_beside_dead_letters",
                "a_thousand_documents_are_indexed_in_one_commit",
            ],
            |mutant| {
                mutant.commit(|store, mut commit| async move {
                    let tenant = TenantId::default();
                    for write in commit
                        .writes
                        .iter_mut()
                        .filter(|write| write.body.is_some())
                    {
                        for (at, index) in commit.indexes.iter().enumerate() {
                            let mut query = every_place(&commit.collection, &tenant);
                            query.order.index = Some(index.clone());
                            let found = store.query_documents(query).await?;
                            let mut found = found.into_iter();
                            let before = found.find(|found| found.document.key == write.key);
                            if let (Some(before), Some(place)) =
                                (before, write.index_values.get_mut(at))
                            {
                                *place = before.value;
                            }
                        }
                    }
                    store.commit(commit).await
                })
            },
        ),
        flaw(
            "documents stay in indexes that a commit does not name",
            &["documents_leave_indexes"],
            |mutant| {
                mutant.commit(|store, mut commit| async move {
                    if commit.indexes.iter().all(|index| index != "colour")
                        && commit.indexes.len() > 1
                    {
                        commit.indexes.push("colour".to_owned());
                        for write in &mut commit.writes {
                            write.index_values.push(b"2".to_vec());
                        }
                    }
                    store.commit(commit).await
                })
            },
        ),
        flaw(
            "documents without a place are found too",
            &["documents_without_a_place_are_not_found"],
            |mutant| {
                asking(mutant, |query| {
                    let any = IndexRange::NoneOf(Vec::new());
                    query.conditions.retain(|condition| condition.range != any);
                })
            },
        ),
        flaw(
            "places that are missing are empty",
            &["a_commit_that_does_not_fit_its_indexes_is_refused"],
            |mutant| {
                committing(mutant, |commit| {
                    for write in &mut commit.writes {
                        let places = if write.body.is_some() {
                            commit.indexes.len()
                        } else {
                            0
                        };
                        write.index_values.resize(places, Vec::new());
                    }
                })
            },
        ),
        flaw(
            "a refused commit moves its places",
            &["a_refused_commit_moves_no_places"],
            |mutant| {
                mutant.commit(|store, commit| async move {
                    let subscription = &commit.checkpoint.subscription;
                    let actual = store.read_model_checkpoint(subscription).await?;
                    let anyway = ReadModelCommit {
                        checkpoint: CheckpointMove::new(subscription, actual, actual),
                        ..commit.clone()
                    };
                    store.commit(anyway).await?;
                    store.commit(commit).await
                })
            },
        ),
        flaw(
            "places beside dead letters are lost",
            &["places_move_beside_dead_letters"],
            |mutant| {
                committing(mutant, |commit| {
                    if !commit.checkpoint.parked.is_empty() {
                        commit.indexes.clear();
                        commit
                            .writes
                            .iter_mut()
                            .for_each(|write| write.index_values.clear());
                    }
                })
            },
        ),
        flaw(
            "indexes are compared without their case",
            &["places_are_apart"],
            |mutant| {
                let mutant = committing(mutant, |commit| {
                    for index in &mut commit.indexes {
                        *index = index.to_lowercase();
                    }
                });
                asking(mutant, |query| {
                    for condition in &mut query.conditions {
                        condition.index = condition.index.to_lowercase();
                    }
                    if let Some(index) = &mut query.order.index {
                        *index = index.to_lowercase();
                    }
                })
            },
        ),
        flaw(
            "a hundred documents of a commit are indexed",
            &["a_thousand_documents_are_indexed_in_one_commit"],
            |mutant| committing(mutant, |commit| commit.writes.truncate(100)),
        ),
        flaw(
            "places are forgotten with the store",
            &["reopening_keeps_places"],
            Mutant::forgetting,
        ),
    ]
}

/// Asks for all documents.
fn every_place(collection: &str, tenant: &TenantId) -> DocumentQuery {
    DocumentQuery {
        collection: collection.to_owned(),
        tenant: tenant.clone(),
        conditions: Vec::new(),
        order: Default::default(),
        after: None,
        limit: usize::MAX,
    }
}

fn of_unindexed() -> Vec<Flaw> {
    vec![
        flaw(
            "no index lacks a document",
            &[
                "indexes_that_lack_documents_are_told",
                "indexes_lack_documents_of_any_tenant",
                "a_build_has_indexes_of_its_own",
            ],
            |mutant| mutant.unindexed(|_, _| async { Ok(Vec::new()) }),
        ),
        flaw(
            "every index lacks documents",
            &[
                "indexes_that_lack_documents_are_told",
                "a_build_has_indexes_of_its_own",
            ],
            |mutant| mutant.unindexed(|_, (_, indexes)| async { Ok(indexes) }),
        ),
        flaw(
            "an index lacks documents when it has none of them",
            &["indexes_that_lack_documents_are_told"],
            |mutant| {
                mutant.unindexed(|store, (collection, indexes)| async move {
                    let mut unindexed = store.unindexed(&collection, &indexes).await?;
                    // Those in which there is something.
                    let mut empty = Vec::new();
                    for index in unindexed.drain(..) {
                        let any = [IndexCondition {
                            index: index.clone(),
                            range: IndexRange::NoneOf(Vec::new()),
                        }];
                        let tenant = TenantId::default();
                        if store.count_documents(&collection, &tenant, &any).await? == 0 {
                            empty.push(index);
                        }
                    }
                    Ok(empty)
                })
            },
        ),
        flaw(
            "indexes are told in another order",
            &["indexes_that_lack_documents_are_told"],
            |mutant| {
                mutant.unindexed(|store, (collection, indexes)| async move {
                    let mut unindexed = store.unindexed(&collection, &indexes).await?;
                    unindexed.sort();
                    Ok(unindexed)
                })
            },
        ),
        flaw(
            "only the documents of one tenant are looked at",
            &["indexes_lack_documents_of_any_tenant"],
            |mutant| {
                mutant.unindexed(|store, (collection, indexes)| async move {
                    let tenant = TenantId::default();
                    let all = store.count_documents(&collection, &tenant, &[]).await?;
                    let mut lacking = Vec::new();
                    for index in indexes {
                        let any = [IndexCondition {
                            index: index.clone(),
                            range: IndexRange::NoneOf(Vec::new()),
                        }];
                        if store.count_documents(&collection, &tenant, &any).await? < all {
                            lacking.push(index);
                        }
                    }
                    Ok(lacking)
                })
            },
        ),
    ]
}
