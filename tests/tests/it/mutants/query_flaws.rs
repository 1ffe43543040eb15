//! Flaws in which events a condition is about.

use orchestrix::store::{AppendError, EventQuery, QueryItem, Tag};

use super::append_flaws::{alone, one_by_one};
use super::condition_flaws::refusal;
use super::mutant::{Mutant, without_condition};
use super::{Flaw, flaw};

pub(super) fn flaws() -> Vec<Flaw> {
    vec![
        flaw(
            "a condition has one item",
            &["items_of_a_condition_are_alternatives"],
            |mutant| {
                asking(mutant, |query| {
                    query.items().first().cloned().into_iter().collect()
                })
            },
        ),
        flaw(
            "any tag of an item will do",
            &["tags_of_an_item_are_all_needed"],
            |mutant| {
                asking(mutant, |query| {
                    let items = query.items().iter();
                    items
                        .flat_map(|item| match item.tags() {
                            [] => vec![item.clone()],
                            tags => tags
                                .iter()
                                .map(|tag| item_of(item, [tag.clone()]))
                                .collect(),
                        })
                        .collect()
                })
            },
        ),
        flaw(
            "the first type of an item counts",
            &["types_of_an_item_are_alternatives"],
            |mutant| {
                asking(mutant, |query| {
                    let items = query.items().iter();
                    let first = |item: &QueryItem| item.type_names().first().cloned();
                    items
                        .map(|item| {
                            QueryItem::tagged(item.tags().iter().cloned()).event_types(first(item))
                        })
                        .collect()
                })
            },
        ),
        flaw(
            "types do not count",
            &[
                "types_of_an_item_are_alternatives",
                "an_item_of_types_only_matches_by_type",
            ],
            |mutant| {
                asking(mutant, |query| {
                    let items = query.items().iter();
                    items
                        .map(|item| QueryItem::tagged(item.tags().iter().cloned()))
                        .collect()
                })
            },
        ),
        flaw(
            "items without tags take nothing",
            &[
                "an_item_of_types_only_matches_by_type",
                "a_condition_on_everything_sees_every_event",
            ],
            |mutant| {
                one_by_one(mutant, |store, append| async move {
                    let condition = append.condition().cloned();
                    match condition {
                        Some(condition)
                            if !condition
                                .query
                                .items()
                                .iter()
                                .any(|item| !item.tags().is_empty()) =>
                        {
                            alone(&store, without_condition(append)).await
                        }
                        _ => alone(&store, append).await,
                    }
                })
            },
        ),
    ]
}

/// Asks for other items, at least one.
fn asking(mutant: Mutant, change: fn(&EventQuery) -> Vec<QueryItem>) -> Mutant {
    mutant.append(move |store, appends| async move {
        let mut outcomes = Vec::new();
        for append in appends {
            outcomes.push(match append.condition().cloned() {
                None => alone(&store, append).await,
                Some(condition) => {
                    let items = change(&condition.query).into_iter();
                    let query = items.fold(EventQuery::all(), EventQuery::or);
                    let outcome = alone(&store, append.unless(query, condition.after)).await;
                    outcome.map_err(|error| match error {
                        AppendError::ConditionConflict { found, .. } => refusal(&condition, found),
                        error => error,
                    })
                }
            });
        }
        outcomes
    })
}

fn item_of(item: &QueryItem, tags: [Tag; 1]) -> QueryItem {
    QueryItem::tagged(tags).event_types(item.type_names().iter().cloned())
}
