//! Flaws in what conditions see.

use orchestrix::store::{
    Append, AppendCondition, AppendError, Appended, EventStore as _, ExpectedVersion, Filter,
    GlobalPosition, MemoryStore, ReadAll,
};

use super::append_flaws::{alone, one_by_one};
use super::mutant::{Mutant, Outcomes, without_condition};
use super::{Flaw, flaw};

pub(super) fn flaws() -> Vec<Flaw> {
    vec![
        flaw(
            "conditions are ignored",
            &[
                "a_matching_event_behind_the_position_refuses",
                "a_refused_condition_stores_nothing",
                "a_condition_sees_earlier_appends_of_its_call",
                "a_condition_on_everything_sees_every_event",
                "conditions_and_expectations_combine",
                "a_condition_covers_all_streams_of_an_append",
                "one_of_sixteen_deciders_wins",
                "one_of_many_with_overlapping_tags_wins",
                "nothing_slips_behind_a_condition",
                "a_condition_sees_archived_events",
            ],
            |mutant| mutant.appending(without_condition),
        ),
        flaw(
            "no condition is met",
            &[
                "a_condition_that_is_met_stores",
                "a_matching_event_up_to_the_position_does_not_refuse",
                "a_condition_does_not_see_later_appends_of_its_call",
                "deciders_about_other_tags_do_not_conflict",
            ],
            |mutant| {
                one_by_one(mutant, |store, append| async move {
                    match append.condition().cloned() {
                        Some(condition) => Err(refusal(&condition, condition.after.plus_one())),
                        None => alone(&store, append).await,
                    }
                })
            },
        ),
        flaw(
            "the position of a condition is seen again",
            &["a_matching_event_up_to_the_position_does_not_refuse"],
            |mutant| {
                looking(mutant, |condition| {
                    let before = condition.after.get().saturating_sub(1);
                    condition.after = GlobalPosition::new(before);
                })
            },
        ),
        flaw(
            "a condition looks one event too far on",
            &["items_of_a_condition_are_alternatives"],
            |mutant| {
                looking(mutant, |condition| {
                    condition.after = condition.after.plus_one()
                })
            },
        ),
        flaw(
            "a conflict tells the head",
            &[
                "a_matching_event_behind_the_position_refuses",
                "one_of_sixteen_deciders_wins",
            ],
            |mutant| {
                one_by_one(mutant, |store, append| async move {
                    match alone(&store, append).await {
                        Err(AppendError::ConditionConflict {
                            query,
                            after,
                            found,
                        }) => {
                            let found =
                                found.max(store.head().await.unwrap_or_default()).plus_one();
                            Err(AppendError::ConditionConflict {
                                query,
                                after,
                                found,
                            })
                        }
                        outcome => outcome,
                    }
                })
            },
        ),
        flaw(
            "a condition sees all tenants",
            &["a_condition_sees_only_its_tenant"],
            |mutant| {
                one_by_one(mutant, |store, append| async move {
                    match append.condition().cloned() {
                        Some(condition) => {
                            look(&store, &condition, Filter::all()).await?;
                            alone(&store, append).await
                        }
                        None => alone(&store, append).await,
                    }
                })
            },
        ),
        flaw(
            "conditions are checked before the call is stored",
            &["a_condition_sees_earlier_appends_of_its_call"],
            |mutant| mutant.append(check_all_first),
        ),
        flaw(
            "conditions are checked after the call is stored",
            &["a_condition_does_not_see_later_appends_of_its_call"],
            |mutant| mutant.append(store_conditional_last),
        ),
        flaw(
            "expectations do not count beside a condition",
            &["conditions_and_expectations_combine"],
            |mutant| {
                mutant.appending(|append| match append.condition() {
                    None => append,
                    Some(_) => {
                        let mut writes = append.writes().to_vec();
                        for write in &mut writes {
                            write.expected = ExpectedVersion::Any;
                        }
                        append.with_writes(writes)
                    }
                })
            },
        ),
        flaw(
            "a condition is for the first stream only",
            &["a_condition_covers_all_streams_of_an_append"],
            |mutant| one_by_one(mutant, store_the_rest_anyway),
        ),
    ]
}

/// Checks another condition than was asked for, and tells the one that was.
fn looking(mutant: Mutant, change: fn(&mut AppendCondition)) -> Mutant {
    mutant.append(move |store, appends| async move {
        let mut outcomes = Vec::new();
        for append in appends {
            outcomes.push(match append.condition().cloned() {
                None => alone(&store, append).await,
                Some(condition) => {
                    let mut other = condition.clone();
                    change(&mut other);
                    let outcome = alone(&store, append.unless(other.query, other.after)).await;
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

/// Refuses where an event matches behind the condition's position, as far as can be seen now.
pub(super) async fn look(
    store: &MemoryStore,
    condition: &AppendCondition,
    filter: Filter,
) -> Result<(), AppendError> {
    let filter = filter.query(condition.query.clone());
    let page = store
        .read_all(ReadAll::after(condition.after).filter(filter).limit(1))
        .await;
    match page.map(|page| page.events.first().map(|event| event.position)) {
        Ok(Some(found)) => Err(refusal(condition, found)),
        _ => Ok(()),
    }
}

pub(super) fn refusal(condition: &AppendCondition, found: GlobalPosition) -> AppendError {
    AppendError::ConditionConflict {
        query: condition.query.clone(),
        after: condition.after,
        found,
    }
}

trait Next {
    fn plus_one(self) -> Self;
}

impl Next for GlobalPosition {
    fn plus_one(self) -> Self {
        Self::new(self.get() + 1)
    }
}

async fn check_all_first(store: MemoryStore, appends: Vec<Append>) -> Outcomes {
    let mut checked = Vec::new();
    for append in appends {
        checked.push(match append.condition() {
            Some(condition) => look(&store, condition, Filter::all())
                .await
                .map(|()| append),
            None => Ok(append),
        });
    }
    let mut outcomes = Vec::new();
    for append in checked {
        outcomes.push(match append {
            Ok(append) => alone(&store, without_condition(append)).await,
            Err(error) => Err(error),
        });
    }
    outcomes
}

async fn store_conditional_last(store: MemoryStore, appends: Vec<Append>) -> Outcomes {
    let mut outcomes: Vec<Option<Result<Appended, AppendError>>> = Vec::new();
    for append in &appends {
        outcomes.push(match append.condition() {
            None => Some(alone(&store, append.clone()).await),
            Some(_) => None,
        });
    }
    let mut told = Vec::new();
    for (append, outcome) in appends.into_iter().zip(outcomes) {
        told.push(match outcome {
            Some(outcome) => outcome,
            None => alone(&store, append).await,
        });
    }
    told
}

async fn store_the_rest_anyway(
    store: MemoryStore,
    append: Append,
) -> Result<Appended, AppendError> {
    let outcome = alone(&store, append.clone()).await;
    if outcome.is_err() && append.writes().len() > 1 {
        let rest = append.writes()[1..].to_vec();
        alone(&store, without_condition(append.with_writes(rest))).await?;
    }
    outcome
}
