//! Flaws in conditions that show when several decide at once.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use orchestrix::store::{Append, AppendError, Appended, Filter, MemoryStore};
use tokio::sync::Mutex;

use super::append_flaws::{alone, one_by_one};
use super::condition_flaws::{look, refusal};
use super::mutant::{Mutant, gap, without_condition};
use super::{Flaw, flaw};

pub(super) fn flaws() -> Vec<Flaw> {
    vec![
        flaw(
            "the condition is checked, then the events are written",
            &[
                "one_of_sixteen_deciders_wins",
                "one_of_many_with_overlapping_tags_wins",
                "nothing_slips_behind_a_condition",
            ],
            |mutant| one_by_one(mutant, check_then_act),
        ),
        flaw(
            "decisions exclude each other, not other appends",
            &["nothing_slips_behind_a_condition"],
            exclude_decisions_only,
        ),
        flaw(
            "decisions at once conflict",
            &["deciders_about_other_tags_do_not_conflict"],
            refuse_the_second,
        ),
    ]
}

async fn check_then_act(store: MemoryStore, append: Append) -> Result<Appended, AppendError> {
    if let Some(condition) = append.condition() {
        look(&store, condition, Filter::all()).await?;
        gap().await;
    }
    alone(&store, without_condition(append)).await
}

fn exclude_decisions_only(mutant: Mutant) -> Mutant {
    let deciding: Arc<Mutex<()>> = Arc::default();
    mutant.append(move |store, appends| {
        let deciding = deciding.clone();
        async move {
            let mut outcomes = Vec::new();
            for append in appends {
                let decides = append.condition().is_some();
                let _turn = match decides {
                    true => Some(deciding.lock().await),
                    false => None,
                };
                if !decides {
                    // So that it comes in between.
                    tokio::task::yield_now().await;
                }
                outcomes.push(check_then_act(store.clone(), append).await);
            }
            outcomes
        }
    })
}

fn refuse_the_second(mutant: Mutant) -> Mutant {
    let busy = Arc::new(AtomicBool::new(false));
    mutant.append(move |store, appends| {
        let busy = busy.clone();
        async move {
            let mut outcomes = Vec::new();
            for append in appends {
                outcomes.push(match append.condition() {
                    Some(condition) if busy.swap(true, Ordering::AcqRel) => {
                        Err(refusal(condition, condition.after))
                    }
                    Some(_) => {
                        gap().await;
                        let outcome = alone(&store, append).await;
                        busy.store(false, Ordering::Release);
                        outcome
                    }
                    None => alone(&store, append).await,
                });
            }
            outcomes
        }
    })
}
