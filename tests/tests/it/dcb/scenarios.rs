//! The scenarios of <https://dcb.events>, with their rules as data, on every store.

mod decider;
mod definition;
mod evaluate;
mod expression;
mod happened;
mod refused;
mod template;

use std::collections::BTreeMap;
use std::io::Write as _;
use std::path::Path;

use orchestrix::error::BoxError;
use orchestrix::prelude::*;
use orchestrix::store::{
    Append, EventData, EventStore, ExpectedVersion, Filter, GlobalPosition, ReadAll, RecordedEvent,
    StreamId,
};
use serde_json::Value;

use super::stores::{Stores, apps, on_stores, shut_down};
use decider::{Decider, Matching, Refusal, tagged};
use definition::{Case, Entry, Scenario};

/// So many scenarios and cases are in the file: none is left out.
const IN_FILE: (usize, usize) = (11, 27);

on_stores! {
    scenarios_pass_in_memory: in_memory(|stores| run("scenarios_pass_in_memory", stores));
    scenarios_pass_on_sqlite: on_sqlite(|stores| run("scenarios_pass_on_sqlite", stores));
    scenarios_pass_on_postgresql: on_postgres(|stores| run("scenarios_pass_on_postgresql", stores));
}

async fn run(test: &str, stores: Stores) -> Result<(), BoxError> {
    let path = concat!(
        env!("CARGO_MANIFEST_DIR"),
        "/../../shared/data/dcb/dcb-events-scenarios.json"
    );
    if !Path::new(path).exists() {
        // `eprintln!` would be captured by the test harness. A closed stderr is no reason to fail the test.
        let line = format!("SKIP {test}: the scenarios are not at {path}\n");
        let _ = std::io::stderr().write_all(line.as_bytes());
        return Ok(());
    }
    let entries: Vec<Entry> = serde_json::from_str(&std::fs::read_to_string(path)?)?;
    let apps = apps(stores).await?;
    let mut complete: BTreeMap<String, Scenario> = BTreeMap::new();
    let (mut scenarios, mut cases) = (0, 0);
    for Entry { page, scenario } in entries {
        let scenario = match &scenario.meta.extends {
            Some(base) => {
                let base = complete.get(base).ok_or("it extends what comes later")?;
                scenario.extended(base)
            }
            None => scenario,
        };
        for case in &scenario.test_cases {
            let place = format!("{page}: {}", case.description);
            let tenant = TenantId::new(format!("{scenarios}-{cases}"))?;
            check(&apps[cases % apps.len()], &scenario, case, tenant)
                .await
                .map_err(|error| format!("{place}: {error}"))?;
            cases += 1;
        }
        if let Some(id) = scenario.meta.id.clone() {
            complete.insert(id, scenario);
        }
        scenarios += 1;
    }
    assert_eq!((scenarios, cases), IN_FILE);
    shut_down(apps).await
}

/// Runs one case in a tenant of its own.
async fn check(
    app: &App,
    scenario: &Scenario,
    case: &Case,
    tenant: TenantId,
) -> Result<(), BoxError> {
    let given = given(scenario, case)?;
    if !given.is_empty() {
        let stream = StreamId::new("given", "1")?.with_tenant(tenant.clone());
        let append = Append::new(stream, ExpectedVersion::Any, given.clone());
        app.store().append(vec![append]).await.remove(0)?;
    }
    let decider = Decider::new(scenario, &case.when_command)?;
    let outcome = app
        .decide::<Matching>(decider.query())
        .tenant(tenant.clone())
        .with(|matching, _| decider.decide(matching))
        .await;
    let stored = log(app.store(), tenant).await?;
    let appended = &stored[given.len()..];
    match (&case.then_expected_event, &case.then_expected_error) {
        (Some(expected), None) => {
            let receipt = outcome?;
            assert_eq!(receipt.attempts, 1);
            assert_eq!((receipt.events.len(), appended.len()), (1, 1));
            let event = &appended[0];
            assert_eq!(event.event_id(), receipt.events[0].event_id);
            assert_eq!(event.event_type(), expected.event_type);
            assert_eq!(event.data.payload.read::<Value>()?, expected.data);
            let expected = tagged(scenario, &expected.event_type, expected.data.clone())?;
            let bare = EventData::new(expected.name(), 1, expected.encode()?);
            assert_eq!(event.data.tags(), bare.with_tags(expected.tags).tags());
        }
        (None, Some(expected)) => {
            match outcome {
                Err(DecisionError::Rejected(Refusal::Check(message))) => {
                    assert_eq!(message, *expected);
                }
                Err(error) => return Err(error.into()),
                Ok(receipt) => return Err(format!("not refused, but {receipt:?}").into()),
            }
            assert_eq!(appended.len(), 0);
        }
        _ => return Err("a case expects an event or an error".into()),
    }
    Ok(())
}

/// What had happened, as it is appended.
fn given(scenario: &Scenario, case: &Case) -> Result<Vec<EventData>, BoxError> {
    let mut all = Vec::new();
    for given in case.given_events.iter().flatten() {
        let happened = tagged(scenario, &given.event_type, given.data.clone())?;
        let mut data = EventData::new(happened.name(), 1, happened.encode()?);
        for (name, value) in &given.metadata {
            let text = value
                .as_str()
                .map_or_else(|| value.to_string(), str::to_owned);
            data.metadata = data.metadata.with(name, text);
        }
        all.push(data.with_tags(happened.tags));
    }
    Ok(all)
}

async fn log(store: &dyn EventStore, tenant: TenantId) -> Result<Vec<RecordedEvent>, BoxError> {
    let read = ReadAll::after(GlobalPosition::START).filter(Filter::all().tenant(tenant));
    Ok(store.read_all(read).await?.events)
}
