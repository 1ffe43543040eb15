//! What is to be done at a time: claimed, postponed, done.

use std::collections::HashSet;

use jiff::Timestamp;
use tokio::task::JoinSet;

use super::opened::Opened;
use super::schedules::{at, list, remind};
use super::subject::StoreUnderTest;
use super::violation::{Violation, ensure, ensure_eq, present};
use crate::store::{ScheduleId, ScheduleOutcome, Scheduled, TenantId};

/// What is due is claimed, of all tenants, by time and id, and no more than asked for; what is not due is not.
pub async fn what_is_due_is_claimed_in_order(
    subject: &dyn StoreUnderTest,
) -> Result<(), Violation> {
    let store = Opened::open(subject).await?;
    let schedules = &store.schedules;
    for (n, (id, due)) in [("d", 3), ("c", 2), ("b", 2), ("a", 4), ("e", 1)]
        .into_iter()
        .enumerate()
    {
        let mut one = remind(id, at(due))?;
        one.tenant = TenantId::new(["red", "blue"][n % 2])?;
        schedules.schedule(one).await?;
    }
    let early = schedules.claim_scheduled(before(at(1)), at(99), 10).await?;
    ensure_eq("what is claimed too early", early, Vec::new())?;
    let mut claimed = schedules.claim_scheduled(at(3), at(99), 3).await?;
    ensure_eq("how many are claimed", claimed.len(), 3)?;
    claimed.extend(schedules.claim_scheduled(at(3), at(99), 3).await?);
    ensure_eq("what is claimed", ids(&claimed), vec!["e", "b", "c", "d"])?;
    for one in &claimed {
        let told = (one.attempts, one.next_attempt, one.error.clone());
        ensure_eq("attempts, time and error", told, (1, at(99), None))?;
    }
    ensure_eq("the due time", claimed[0].due, at(1))?;
    ensure_eq("a tenant", claimed[0].tenant.as_str(), "red")
}

/// Nobody else claims what was claimed, until the claim's time is over.
pub async fn a_claim_holds_until_its_time(subject: &dyn StoreUnderTest) -> Result<(), Violation> {
    let store = Opened::open(subject).await?;
    let schedules = &store.schedules;
    schedules.schedule(remind("a", at(1))?).await?;
    let first = schedules.claim_scheduled(at(5), at(10), 10).await?;
    ensure_eq("how many are claimed", first.len(), 1)?;
    let again = schedules
        .claim_scheduled(before(at(10)), at(20), 10)
        .await?;
    ensure_eq("what is claimed before that", again, Vec::new())?;
    let second = schedules.claim_scheduled(at(10), at(20), 10).await?;
    let second = present(second.first(), "what was claimed by one who died")?;
    ensure_eq("its attempts", second.attempts, 2)?;
    // The first one has come back.
    let stale = [
        schedules.fired(&first[0], at(11)).await?,
        schedules
            .postpone_scheduled(&first[0], at(11), "late")
            .await?,
    ];
    ensure_eq("whether a stale claim counts", stale, [false, false])?;
    ensure_eq("what waits", list(&store).await?, vec![second.clone()])?;
    let done = schedules.fired(second, at(12)).await?;
    ensure(done, "the claim that holds to count", "a refusal")
}

/// A claim that is extended holds until its new time, and is told as next then; its attempts and its error stay. One that was
/// claimed anew, fired or cancelled is not extended.
pub async fn a_claim_that_is_extended_holds_longer(
    subject: &dyn StoreUnderTest,
) -> Result<(), Violation> {
    let store = Opened::open(subject).await?;
    let schedules = &store.schedules;
    schedules.schedule(remind("a", at(1))?).await?;
    let failed = schedules.claim_scheduled(at(1), at(10), 10).await?;
    let failed = present(failed.first(), "what is due")?;
    schedules.postpone_scheduled(failed, at(2), "no").await?;
    let first = schedules.claim_scheduled(at(2), at(10), 10).await?;
    let first = present(first.first(), "what was postponed")?;
    for until in [20, 30] {
        let extended = schedules.extend_scheduled(first, at(until)).await?;
        ensure(extended, "a claim to be extended", "a refusal")?;
        let next = schedules.next_scheduled().await?;
        ensure_eq("the next time", next, Some(at(until)))?;
        let early = before(at(until));
        let early = schedules.claim_scheduled(early, at(99), 10).await?;
        ensure_eq("what is claimed before that", early, Vec::new())?;
    }
    let mut extended = first.clone();
    extended.next_attempt = at(30);
    ensure_eq("what waits", list(&store).await?, vec![extended])?;
    let second = schedules.claim_scheduled(at(30), at(40), 10).await?;
    let second = present(second.first(), "what is not extended any more")?;
    ensure_eq("its attempts", second.attempts, 3)?;
    let stale = schedules.extend_scheduled(first, at(99)).await?;
    ensure(!stale, "a stale claim not to be extended", "it was")?;
    ensure_eq("what waits", list(&store).await?, vec![second.clone()])?;
    schedules.fired(second, at(41)).await?;
    let fired = schedules.extend_scheduled(second, at(99)).await?;
    ensure(!fired, "what was fired not to be extended", "it was")?;
    let other = remind("b", at(1))?;
    schedules.schedule(other.clone()).await?;
    let claimed = schedules.claim_scheduled(at(2), at(10), 10).await?;
    let claimed = present(claimed.first(), "what is due")?;
    schedules.cancel_scheduled(&other.tenant, &other.id).await?;
    let cancelled = schedules.extend_scheduled(claimed, at(99)).await?;
    ensure(
        !cancelled,
        "what was cancelled not to be extended",
        "it was",
    )?;
    ensure_eq("the next time", schedules.next_scheduled().await?, None)
}

/// Of many that claim at once each gets others, and all are claimed.
pub async fn claims_at_once_are_apart(subject: &dyn StoreUnderTest) -> Result<(), Violation> {
    let store = Opened::open(subject).await?;
    for n in 0..64 {
        let one = remind(&n.to_string(), at(n % 3))?;
        store.schedules.schedule(one).await?;
    }
    let mut claims = JoinSet::new();
    for _ in 0..8 {
        let schedules = store.schedules.clone();
        claims.spawn(async move {
            let mut all = Vec::new();
            // Some may find the others' rows locked, and leave them.
            for _ in 0..8 {
                all.extend(schedules.claim_scheduled(at(9), at(99), 4).await?);
            }
            Ok::<_, Violation>(all)
        });
    }
    let mut claimed = Vec::new();
    while let Some(all) = claims.join_next().await {
        claimed.extend(all.map_err(|error| Violation::new("a task to end", error))??);
    }
    let left = store.schedules.claim_scheduled(at(9), at(99), 100).await?;
    claimed.extend(left);
    let apart: HashSet<_> = claimed.iter().map(|one| one.id.clone()).collect();
    ensure_eq(
        "how many are claimed",
        (claimed.len(), apart.len()),
        (64, 64),
    )
}

/// The next time is the first of all: of what is due, of what is claimed, of what was postponed.
pub async fn the_next_time_is_told(subject: &dyn StoreUnderTest) -> Result<(), Violation> {
    let store = Opened::open(subject).await?;
    let schedules = &store.schedules;
    let next = async |expected| -> Result<(), Violation> {
        ensure_eq("the next time", schedules.next_scheduled().await?, expected)
    };
    next(None).await?;
    let mut other = remind("b", at(5))?;
    other.tenant = TenantId::new("other")?;
    schedules.schedule(other).await?;
    next(Some(at(5))).await?;
    schedules.schedule(remind("a", at(3))?).await?;
    next(Some(at(3))).await?;
    let claimed = schedules.claim_scheduled(at(3), at(4), 10).await?;
    let claimed = present(claimed.first(), "what is due")?;
    next(Some(at(4))).await?;
    schedules.postpone_scheduled(claimed, at(9), "no").await?;
    next(Some(at(5))).await?;
    let claimed = schedules.claim_scheduled(at(9), at(20), 10).await?;
    for one in &claimed {
        schedules.fired(one, at(9)).await?;
    }
    next(None).await
}

/// What was postponed is claimed again at its new time, with its error, and as often as it was begun.
pub async fn what_is_postponed_comes_again(subject: &dyn StoreUnderTest) -> Result<(), Violation> {
    let store = Opened::open(subject).await?;
    let schedules = &store.schedules;
    schedules.schedule(remind("a", at(1))?).await?;
    for (attempt, time) in [(1, 1), (2, 20), (3, 40)] {
        let now = at(time);
        let early = schedules.claim_scheduled(before(now), at(99), 10).await?;
        ensure_eq("what is claimed too early", early, Vec::new())?;
        let claimed = schedules.claim_scheduled(now, at(99), 10).await?;
        let claimed = present(claimed.first(), "what was postponed")?;
        ensure_eq("its attempts", claimed.attempts, attempt)?;
        ensure_eq("when it was due", claimed.due, at(1))?;
        let error = (attempt > 1).then(|| format!("no. {} \u{1f980}", attempt - 1));
        ensure_eq("its error", claimed.error.clone(), error)?;
        let error = format!("no. {attempt} \u{1f980}");
        let done = schedules.postpone_scheduled(
            claimed,
            at(time + if attempt == 1 { 19 } else { 20 }),
            &error,
        );
        ensure(done.await?, "what is claimed to be postponed", "a refusal")?;
        let listed = list(&store).await?;
        ensure_eq("the error listed", listed[0].error.clone(), Some(error))?;
    }
    Ok(())
}

/// What was fired does not come again, is not listed and not cancelled, and its id stays fired, whatever is asked for.
pub async fn what_was_fired_stays_fired(subject: &dyn StoreUnderTest) -> Result<(), Violation> {
    let store = Opened::open(subject).await?;
    let schedules = &store.schedules;
    let first = remind("a", at(1))?;
    schedules.schedule(first.clone()).await?;
    let claimed = schedules.claim_scheduled(at(2), at(10), 10).await?;
    let claimed = present(claimed.first(), "what is due")?;
    for expected in [true, false] {
        let fired = schedules.fired(claimed, at(3)).await?;
        ensure_eq("whether it was fired", fired, expected)?;
    }
    let postponed = schedules.postpone_scheduled(claimed, at(4), "late").await?;
    ensure(!postponed, "what was fired not to be postponed", "it was")?;
    ensure_eq("what is listed", list(&store).await?, Vec::new())?;
    ensure_eq("the next time", schedules.next_scheduled().await?, None)?;
    let cancelled = schedules.cancel_scheduled(&first.tenant, &first.id).await?;
    ensure(!cancelled, "nothing to cancel", "something")?;
    let mut another = first.clone();
    another.name = "Forget".to_owned();
    for again in [first, another] {
        let outcome = schedules.schedule(again).await?;
        let fired = ScheduleOutcome::Fired { at: at(3) };
        ensure_eq("the outcome of the id again", outcome, fired)?;
    }
    let claimed = schedules.claim_scheduled(at(99), at(199), 10).await?;
    ensure_eq("what is claimed", claimed, Vec::new())
}

/// What was cancelled while it was claimed is not fired and not postponed, nor is another request under its id.
pub async fn a_claim_of_what_was_cancelled_changes_nothing(
    subject: &dyn StoreUnderTest,
) -> Result<(), Violation> {
    let store = Opened::open(subject).await?;
    let schedules = &store.schedules;
    let first = remind("a", at(1))?;
    schedules.schedule(first.clone()).await?;
    let claimed = schedules.claim_scheduled(at(2), at(10), 10).await?;
    let claimed = present(claimed.first(), "what is due")?;
    let cancelled = schedules.cancel_scheduled(&first.tenant, &first.id).await?;
    ensure(cancelled, "what is claimed to be cancelled", "a refusal")?;
    let changes = async || -> Result<[bool; 2], Violation> {
        Ok([
            schedules.fired(claimed, at(3)).await?,
            schedules.postpone_scheduled(claimed, at(4), "late").await?,
        ])
    };
    ensure_eq(
        "whether it changes something",
        changes().await?,
        [false, false],
    )?;
    let mut another = first;
    another.name = "Forget".to_owned();
    schedules.schedule(another.clone()).await?;
    ensure_eq(
        "whether it changes another",
        changes().await?,
        [false, false],
    )?;
    ensure_eq("what is listed", list(&store).await?, vec![another])
}

/// Ids that were fired before a time are forgotten, so many at once; the others stay.
pub async fn fired_ids_are_forgotten(subject: &dyn StoreUnderTest) -> Result<(), Violation> {
    let store = Opened::open(subject).await?;
    let schedules = &store.schedules;
    for n in 1..=5 {
        schedules.schedule(remind(&n.to_string(), at(n))?).await?;
        let claimed = schedules.claim_scheduled(at(n), at(99), 10).await?;
        let claimed = present(claimed.first(), "what is due")?;
        schedules.fired(claimed, at(10 + n)).await?;
    }
    schedules.schedule(remind("0", at(1))?).await?;
    let mut forgotten = Vec::new();
    for limit in [2, 10, 10] {
        forgotten.push(schedules.forget_fired(at(14), limit).await?);
    }
    ensure_eq("how many were forgotten", forgotten, vec![2, 1, 0])?;
    for n in 0..=5 {
        let outcome = schedules.schedule(remind(&n.to_string(), at(1))?).await?;
        let expected = match n {
            0 => ScheduleOutcome::Waiting { due: at(1) },
            4.. => ScheduleOutcome::Fired { at: at(10 + n) },
            _ => ScheduleOutcome::Scheduled { due: at(1) },
        };
        ensure_eq("the outcome of an id again", outcome, expected)?;
    }
    Ok(())
}

/// The ids, in order.
fn ids(all: &[Scheduled]) -> Vec<&str> {
    all.iter().map(|one| ScheduleId::as_str(&one.id)).collect()
}

/// A microsecond before a time.
fn before(time: Timestamp) -> Timestamp {
    Timestamp::constant(time.as_second(), time.subsec_nanosecond() - 1_000)
}
