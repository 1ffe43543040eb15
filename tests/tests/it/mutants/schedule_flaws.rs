//! Flaws in what is to be done at a time.

use jiff::Timestamp;
use orchestrix::store::{
    MemoryStore, Payload, ScheduleOutcome, ScheduleStore, ScheduleStoreError, Scheduled, TenantId,
};

use super::mutant::gap;
use super::{Flaw, flaw};

type Claimed = Result<Vec<Scheduled>, ScheduleStoreError>;

pub(super) fn flaws() -> Vec<Flaw> {
    [of_keeping(), of_listing(), of_claiming(), of_ending()]
        .into_iter()
        .flatten()
        .collect()
}

/// Everything that waits, of all tenants, without claiming it for long.
async fn all(store: &MemoryStore) -> Claimed {
    store
        .claim_scheduled(Timestamp::MAX, Timestamp::MIN, usize::MAX)
        .await
}

fn of_keeping() -> Vec<Flaw> {
    vec![
        flaw(
            "times are kept in seconds",
            &[
                "what_is_scheduled_is_kept_as_it_is",
                "what_is_due_is_claimed_in_order",
            ],
            |mutant| {
                mutant.schedule(|store, mut scheduled| async move {
                    let seconds = scheduled.due.as_second();
                    scheduled.due = Timestamp::from_second(seconds).unwrap_or(scheduled.due);
                    scheduled.next_attempt = scheduled.due;
                    store.schedule(scheduled).await
                })
            },
        ),
        flaw(
            "JSON that is scheduled is written anew",
            &["what_is_scheduled_is_kept_as_it_is"],
            |mutant| {
                mutant.schedule(|store, mut scheduled| async move {
                    let value: Result<serde_json::Value, _> = scheduled.payload.read();
                    if let Ok(payload) = value.and_then(|value| Payload::of(&value)) {
                        scheduled.payload = payload;
                    }
                    store.schedule(scheduled).await
                })
            },
        ),
        flaw(
            "the last one scheduled under an id counts",
            &[
                "a_schedule_again_changes_nothing",
                "a_schedule_id_is_taken_by_its_request",
            ],
            |mutant| {
                mutant.schedule(|store, scheduled| async move {
                    let (tenant, id) = (&scheduled.tenant, &scheduled.id);
                    store.cancel_scheduled(tenant, id).await?;
                    store.schedule(scheduled).await
                })
            },
        ),
        flaw(
            "whatever waits under an id is taken for the same",
            &["a_schedule_id_is_taken_by_its_request"],
            |mutant| {
                mutant.schedule(|store, scheduled| async move {
                    let due = scheduled.due;
                    match store.schedule(scheduled).await {
                        Err(ScheduleStoreError::Taken { .. }) => {
                            Ok(ScheduleOutcome::Waiting { due })
                        }
                        outcome => outcome,
                    }
                })
            },
        ),
        flaw(
            "nothing is cancelled",
            &[
                "a_cancelled_schedule_is_gone",
                "schedules_are_listed_by_tenant_and_id",
                "a_claim_of_what_was_cancelled_changes_nothing",
            ],
            |mutant| mutant.cancel_scheduled(|_, _| async { Ok(false) }),
        ),
        flaw(
            "what is cancelled counts as fired",
            &["a_cancelled_schedule_is_gone"],
            |mutant| {
                mutant.cancel_scheduled(|store, (tenant, id)| async move {
                    for one in all(&store).await? {
                        if (&one.tenant, &one.id) == (&tenant, &id) {
                            return store.fired(&one, Timestamp::MAX).await;
                        }
                    }
                    Ok(false)
                })
            },
        ),
    ]
}

fn of_listing() -> Vec<Flaw> {
    vec![
        flaw(
            "what all tenants scheduled is listed",
            &["schedules_are_listed_by_tenant_and_id"],
            |mutant| {
                mutant.scheduled(|store, (_, after, limit)| async move {
                    let mut listed = all(&store).await?;
                    listed.sort_by(|a, b| a.id.cmp(&b.id));
                    let after = after.as_ref();
                    listed.retain(|one| after.is_none_or(|after| one.id > *after));
                    listed.truncate(limit);
                    Ok(listed)
                })
            },
        ),
        flaw(
            "schedules are listed by time",
            &["schedules_are_listed_by_tenant_and_id"],
            |mutant| {
                mutant.scheduled(|store, (tenant, after, limit)| async move {
                    let mut listed = store.scheduled(&tenant, None, usize::MAX).await?;
                    listed.sort_by_key(|one| one.due);
                    let after = after.as_ref();
                    let behind =
                        after.and_then(|after| listed.iter().position(|one| one.id == *after));
                    let rest = listed.split_off(behind.map_or(0, |at| at + 1));
                    Ok(rest.into_iter().take(limit).collect())
                })
            },
        ),
        flaw(
            "the list of what is scheduled has a place too few",
            &["what_is_scheduled_is_kept_as_it_is"],
            |mutant| {
                mutant.scheduled(|store, (tenant, after, limit)| async move {
                    let mut listed = store.scheduled(&tenant, after.as_ref(), limit).await?;
                    if listed.len() > 1 {
                        listed.pop();
                    }
                    Ok(listed)
                })
            },
        ),
        flaw(
            "the next time is that of the default tenant",
            &["the_next_time_is_told"],
            |mutant| {
                mutant.next_scheduled(|store, ()| async move {
                    let default = TenantId::default();
                    let listed = store.scheduled(&default, None, usize::MAX).await?;
                    Ok(listed.iter().map(|one| one.next_attempt).min())
                })
            },
        ),
        flaw(
            "the next time is when the next is due",
            &["the_next_time_is_told"],
            |mutant| {
                mutant.next_scheduled(|store, ()| async move {
                    let Some(first) = store.next_scheduled().await? else {
                        return Ok(None);
                    };
                    let default = TenantId::default();
                    let listed = store.scheduled(&default, None, usize::MAX).await?;
                    let due = listed.iter().map(|one| one.due).min();
                    Ok(Some(due.map_or(first, |due| due.min(first))))
                })
            },
        ),
        flaw(
            "something is always next",
            &["a_cancelled_schedule_is_gone", "what_was_fired_stays_fired"],
            |mutant| {
                mutant.next_scheduled(|store, ()| async move {
                    Ok(store.next_scheduled().await?.or(Some(Timestamp::MAX)))
                })
            },
        ),
    ]
}

fn of_claiming() -> Vec<Flaw> {
    vec![
        flaw(
            "what is due is claimed without an order",
            &["what_is_due_is_claimed_in_order"],
            |mutant| {
                mutant.claim_scheduled(|store, (now, until, limit)| async move {
                    let mut claimed = store.claim_scheduled(now, until, limit).await?;
                    claimed.reverse();
                    Ok(claimed)
                })
            },
        ),
        flaw(
            "all that is due is claimed at once",
            &["what_is_due_is_claimed_in_order"],
            |mutant| {
                mutant.claim_scheduled(|store, (now, until, _)| async move {
                    store.claim_scheduled(now, until, usize::MAX).await
                })
            },
        ),
        flaw(
            "claims are made a second too early",
            &[
                "what_is_due_is_claimed_in_order",
                "a_claim_holds_until_its_time",
                "what_is_postponed_comes_again",
            ],
            |mutant| {
                mutant.claim_scheduled(|store, (now, until, limit)| async move {
                    let early = now + std::time::Duration::from_secs(1);
                    store.claim_scheduled(early, until, limit).await
                })
            },
        ),
        flaw(
            "what is claimed is claimed again",
            &["a_claim_holds_until_its_time", "claims_at_once_are_apart"],
            |mutant| {
                mutant.claim_scheduled(|store, (now, _, limit)| async move {
                    store.claim_scheduled(now, now, limit).await
                })
            },
        ),
        flaw(
            "what is due is read, then claimed",
            &["claims_at_once_are_apart"],
            |mutant| mutant.claim_scheduled(read_then_claimed),
        ),
        flaw(
            "a claim holds for ever",
            &["a_claim_holds_until_its_time"],
            |mutant| {
                mutant.claim_scheduled(|store, (now, _, limit)| async move {
                    store.claim_scheduled(now, Timestamp::MAX, limit).await
                })
            },
        ),
        flaw(
            "a claim is not extended",
            &["a_claim_that_is_extended_holds_longer"],
            |mutant| mutant.extend_scheduled(|_, _| async { Ok(true) }),
        ),
        flaw(
            "a claim is extended once",
            &["a_claim_that_is_extended_holds_longer"],
            |mutant| {
                mutant.extend_scheduled(|store, (claimed, until)| async move {
                    let until =
                        until.min(claimed.next_attempt + std::time::Duration::from_secs(10));
                    store.extend_scheduled(&claimed, until).await
                })
            },
        ),
        flaw(
            "who extends a claim forgets why it failed before",
            &["a_claim_that_is_extended_holds_longer"],
            |mutant| {
                mutant.extend_scheduled(|store, (claimed, until)| async move {
                    store.postpone_scheduled(&claimed, until, "").await
                })
            },
        ),
        flaw(
            "a stale claim may be extended",
            &["a_claim_that_is_extended_holds_longer"],
            |mutant| {
                mutant.extend_scheduled(|store, (claimed, until)| async move {
                    match of_now(&store, &claimed).await? {
                        Some(now) => store.extend_scheduled(&now, until).await,
                        None => Ok(false),
                    }
                })
            },
        ),
        flaw(
            "an error of what is scheduled is lost",
            &["what_is_postponed_comes_again"],
            |mutant| {
                mutant.postpone_scheduled(|store, (claimed, until, _)| async move {
                    store.postpone_scheduled(&claimed, until, "").await
                })
            },
        ),
        flaw(
            "what failed waits for the end of its claim",
            &["what_is_postponed_comes_again", "the_next_time_is_told"],
            |mutant| {
                mutant.postpone_scheduled(|store, (claimed, _, error)| async move {
                    let until = claimed.next_attempt;
                    store.postpone_scheduled(&claimed, until, &error).await
                })
            },
        ),
        flaw(
            "a stale claim may postpone",
            &[
                "a_claim_holds_until_its_time",
                "a_claim_of_what_was_cancelled_changes_nothing",
            ],
            |mutant| {
                mutant.postpone_scheduled(|store, (claimed, until, error)| async move {
                    match of_now(&store, &claimed).await? {
                        Some(now) => store.postpone_scheduled(&now, until, &error).await,
                        None => Ok(false),
                    }
                })
            },
        ),
    ]
}

fn of_ending() -> Vec<Flaw> {
    vec![
        flaw(
            "a stale claim may fire",
            &[
                "a_claim_holds_until_its_time",
                "a_claim_of_what_was_cancelled_changes_nothing",
            ],
            |mutant| {
                mutant.fired(|store, (claimed, at)| async move {
                    match of_now(&store, &claimed).await? {
                        Some(now) => store.fired(&now, at).await,
                        None => Ok(false),
                    }
                })
            },
        ),
        flaw(
            "what was fired is not remembered",
            &["what_was_fired_stays_fired", "fired_ids_are_forgotten"],
            |mutant| {
                mutant.fired(|store, (claimed, at)| async move {
                    let fired = store.fired(&claimed, at).await?;
                    store.forget_fired(Timestamp::MAX, usize::MAX).await?;
                    Ok(fired)
                })
            },
        ),
        flaw(
            "it is not remembered when something was fired",
            &["what_was_fired_stays_fired", "fired_ids_are_forgotten"],
            |mutant| {
                mutant.fired(|store, (claimed, _)| async move {
                    store.fired(&claimed, Timestamp::UNIX_EPOCH).await
                })
            },
        ),
        flaw(
            "what was fired comes again",
            &["the_next_time_is_told", "what_was_fired_stays_fired"],
            |mutant| mutant.fired(|_, _| async { Ok(true) }),
        ),
        flaw(
            "ids that were fired are all forgotten at once",
            &["fired_ids_are_forgotten"],
            |mutant| {
                mutant.forget_fired(|store, (before, _)| async move {
                    store.forget_fired(before, usize::MAX).await
                })
            },
        ),
        flaw(
            "ids that were fired are forgotten whatever their time",
            &["fired_ids_are_forgotten"],
            |mutant| {
                mutant.forget_fired(|store, (_, limit)| async move {
                    store.forget_fired(Timestamp::MAX, limit).await
                })
            },
        ),
    ]
}

/// What waits under the id of a claim, as if it were claimed.
async fn of_now(
    store: &MemoryStore,
    claimed: &Scheduled,
) -> Result<Option<Scheduled>, ScheduleStoreError> {
    let listed = store.scheduled(&claimed.tenant, None, usize::MAX).await?;
    Ok(listed.into_iter().find(|one| one.id == claimed.id))
}

async fn read_then_claimed(
    store: MemoryStore,
    (now, until, limit): (Timestamp, Timestamp, usize),
) -> Claimed {
    let due = all(&store).await?.into_iter();
    let due: Vec<_> = due.filter(|one| one.due <= now).take(limit).collect();
    gap().await;
    for one in &due {
        store.postpone_scheduled(one, until, "").await?;
    }
    Ok(due)
}
