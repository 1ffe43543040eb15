//! What is to be done at a time: kept, listed, taken back.

use jiff::Timestamp;

use super::opened::Opened;
use super::samples::{HOSTILE_TEXTS, NOON};
use super::subject::StoreUnderTest;
use super::violation::{Violation, ensure, ensure_eq};
use crate::message::{MessageId, Metadata};
use crate::store::{
    MAX_SCHEDULE_ID_BYTES, Payload, ScheduleId, ScheduleOutcome, ScheduleStoreError, Scheduled,
    TenantId,
};

/// What is scheduled is listed as it was given, with any payload.
pub async fn what_is_scheduled_is_kept_as_it_is(
    subject: &dyn StoreUnderTest,
) -> Result<(), Violation> {
    let store = Opened::open(subject).await?;
    let metadata = Metadata::begin(MessageId::new()).with("channel", "web");
    let json = Payload::from_json_text("{\"b\": 1.10, \"a\":\"\\u0000\"}")?;
    let binary = Payload::binary(vec![0, 159, 146, 150]);
    let mut all = Vec::new();
    for (id, payload) in [("binary", binary), ("json", json)] {
        let mut one = remind(id, at(1))?.with_metadata(metadata.clone());
        one.payload = payload;
        let outcome = store.schedules.schedule(one.clone()).await?;
        let due = one.due;
        ensure_eq("the outcome", outcome, ScheduleOutcome::Scheduled { due })?;
        all.push(one);
    }
    ensure_eq("what is listed", list(&store).await?, all)
}

/// The same request under its id changes nothing: whatever its time and origin, and however its JSON is written.
pub async fn a_schedule_again_changes_nothing(
    subject: &dyn StoreUnderTest,
) -> Result<(), Violation> {
    let store = Opened::open(subject).await?;
    let first = remind("a", at(1))?;
    store.schedules.schedule(first.clone()).await?;
    let mut again = remind("a", at(2))?.with_metadata(Metadata::begin(MessageId::new()));
    for text in ["{\"n\":1}", " { \"n\": 1 } "] {
        again.payload = Payload::from_json_text(text)?;
        let outcome = store.schedules.schedule(again.clone()).await?;
        let waiting = ScheduleOutcome::Waiting { due: at(1) };
        ensure_eq("the outcome of the same again", outcome, waiting)?;
    }
    ensure_eq("what is listed", list(&store).await?, vec![first])
}

/// Another request under an id that waits is refused: another kind, name or content.
pub async fn a_schedule_id_is_taken_by_its_request(
    subject: &dyn StoreUnderTest,
) -> Result<(), Violation> {
    let store = Opened::open(subject).await?;
    let first = remind("a", at(1))?;
    store.schedules.schedule(first.clone()).await?;
    let mut others = vec![first.clone(), first.clone(), first.clone()];
    others[0].kind = "saga".to_owned();
    others[1].name = "Forget".to_owned();
    others[2].payload = Payload::from_json_text("{\"n\":2}")?;
    for other in others {
        match store.schedules.schedule(other).await {
            Err(ScheduleStoreError::Taken { id, name }) => {
                ensure_eq("the id", id, first.id.clone())?;
                ensure_eq("the name", name, first.name.clone())?;
            }
            outcome => return Err(Violation::new("Taken", format_args!("{outcome:?}"))),
        }
    }
    ensure_eq("what is listed", list(&store).await?, vec![first])
}

/// What is cancelled is gone, and its id is free for another request.
pub async fn a_cancelled_schedule_is_gone(subject: &dyn StoreUnderTest) -> Result<(), Violation> {
    let store = Opened::open(subject).await?;
    let first = remind("a", at(1))?;
    let schedules = &store.schedules;
    schedules.schedule(first.clone()).await?;
    let (tenant, id) = (&first.tenant, &first.id);
    let other = ScheduleId::new("b")?;
    ensure(
        !schedules.cancel_scheduled(tenant, &other).await?,
        "nothing to cancel under an unknown id",
        "something",
    )?;
    for expected in [true, false] {
        let cancelled = schedules.cancel_scheduled(tenant, id).await?;
        ensure_eq("whether something was cancelled", cancelled, expected)?;
    }
    ensure_eq("what is listed", list(&store).await?, Vec::new())?;
    ensure_eq("the next time", schedules.next_scheduled().await?, None)?;
    let claimed = schedules.claim_scheduled(at(9), at(99), 10).await?;
    ensure_eq("what is claimed", claimed, Vec::new())?;
    let mut another = first.clone();
    another.name = "Forget".to_owned();
    schedules.schedule(another.clone()).await?;
    ensure_eq("what is listed then", list(&store).await?, vec![another])
}

/// The list goes on behind an id, page by page, by id, and has nothing of other tenants.
pub async fn schedules_are_listed_by_tenant_and_id(
    subject: &dyn StoreUnderTest,
) -> Result<(), Violation> {
    let store = Opened::open(subject).await?;
    let tenants = [TenantId::new("a")?, TenantId::new("A")?];
    let mut ids: Vec<String> = HOSTILE_TEXTS
        .iter()
        .map(|text| (*text).to_owned())
        .collect();
    ids.push("k".repeat(MAX_SCHEDULE_ID_BYTES));
    for (seconds, id) in (0..).zip(ids.iter().rev()) {
        for tenant in &tenants {
            let mut one = remind(id, at(seconds))?;
            one.tenant = tenant.clone();
            store.schedules.schedule(one).await?;
        }
    }
    ids.sort_unstable();
    for tenant in &tenants {
        let (mut found, mut after) = (Vec::new(), None);
        loop {
            let page = store.schedules.scheduled(tenant, after.as_ref(), 7).await?;
            ensure(page.len() <= 7, "at most seven", &page)?;
            ensure(
                page.iter().all(|scheduled| scheduled.tenant == *tenant),
                "what is the tenant's",
                &page,
            )?;
            let Some(last) = page.last() else { break };
            after = Some(last.id.clone());
            found.extend(
                page.iter()
                    .map(|scheduled| scheduled.id.as_str().to_owned()),
            );
        }
        ensure_eq("the ids", found, ids.clone())?;
    }
    let one = ScheduleId::new(ids[0].clone())?;
    ensure(
        store.schedules.cancel_scheduled(&tenants[0], &one).await?,
        "something to cancel",
        "nothing",
    )?;
    let other = store.schedules.scheduled(&tenants[1], None, 1_000).await?;
    ensure_eq("what the other tenant has", other.len(), ids.len())
}

/// A request under this id, of the default tenant.
pub(super) fn remind(id: &str, due: Timestamp) -> Result<Scheduled, Violation> {
    Ok(Scheduled::new(
        TenantId::default(),
        ScheduleId::new(id)?,
        due,
        "command",
        "Remind",
        Payload::from_json_text("{\"n\":1}")?,
    ))
}

/// So many seconds after noon.
pub(super) fn at(seconds: i64) -> Timestamp {
    Timestamp::constant(NOON.as_second() + seconds, NOON.subsec_nanosecond())
}

/// What waits of the default tenant.
pub(super) async fn list(store: &Opened) -> Result<Vec<Scheduled>, Violation> {
    let tenant = TenantId::default();
    Ok(store.schedules.scheduled(&tenant, None, 1_000).await?)
}
