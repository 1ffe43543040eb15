//! Projections in the test kit, without an app.

use std::time::Duration;

use jiff::Timestamp;
use orchestrix::clock::Clock;
use orchestrix::error::chain;
use orchestrix::prelude::*;
use orchestrix::store::{EventData, Payload, RecordedEvent, StreamId};
use orchestrix::testkit::{ProjectionScenario, ScenarioError, VirtualClock};
use serde_json::json;

type Outcome = Result<(), Box<dyn std::error::Error>>;

#[derive(Event, Serialize, Deserialize)]
#[event(name = "scenario.Lent")]
struct Lent {
    book: String,
}
#[derive(Event, Serialize, Deserialize)]
#[event(name = "scenario.Returned")]
struct Returned {
    book: String,
}
#[derive(Event, Serialize, Deserialize)]
#[event(name = "scenario.Dusted")]
struct Dusted;

/// A book that is away.
#[derive(Serialize, Deserialize, Debug, PartialEq)]
struct Loan {
    stream: String,
    version: u64,
    position: u64,
    since: Timestamp,
}

#[projection(key = book)]
impl Loan {
    #[apply]
    fn lent(_: &Lent, recorded: &RecordedEvent) -> Self {
        Loan {
            stream: recorded.stream.to_string(),
            version: recorded.version.get(),
            position: recorded.position.get(),
            since: recorded.data.occurred_at,
        }
    }
    #[apply]
    fn returned(self, _: &Returned) -> Option<Self> {
        None
    }
}

fn lent(book: &str) -> Lent {
    Lent { book: book.into() }
}

fn returned(book: &str) -> Returned {
    Returned { book: book.into() }
}

fn scenario() -> ProjectionScenario<Loan> {
    ProjectionScenario::new()
}

#[test]
fn events_have_their_place_stream_tenant_and_time() -> Outcome {
    let other = TenantId::new("other")?;
    let noon: Timestamp = "2024-02-29T12:00:00Z".parse()?;
    let scenario = scenario()
        .given(lent("emma"))
        .given(Dusted)
        .stream(StreamId::new("shelf", "2")?)
        .at(noon)
        .given(lent("persuasion"))
        .given(lent("ivanhoe"))
        .given(returned("emma"))
        .expect_none("emma")
        .expect("ivanhoe", |loan| {
            assert_eq!((loan.version, loan.position), (2, 4));
            assert_eq!((loan.stream.as_str(), loan.since), ("shelf-2", noon));
        });
    let keys: Vec<String> = scenario.documents()?.into_keys().collect();
    assert_eq!(keys, ["ivanhoe", "persuasion"]);
    scenario
        .tenant(other)
        .expect_none("ivanhoe")
        .given(lent("ivanhoe"))
        .expect("ivanhoe", |loan| {
            assert_eq!((loan.version, loan.position), (1, 6))
        });
    Ok(())
}

#[test]
fn what_an_app_would_halt_at_is_an_error() -> Outcome {
    let error = scenario().given(returned("emma")).documents();
    let error = error.expect_err("nobody has lent it");
    assert!(matches!(error, ScenarioError::Fold(_)), "{error:?}");
    assert!(
        chain(&error).ends_with("there is no document `emma`: no earlier event has begun it"),
        "{}",
        chain(&error)
    );
    let broken = EventData::new("scenario.Lent", 1, Payload::of(&json!({ "boot": 1 }))?);
    let error = scenario().given_stored(broken).documents();
    assert!(matches!(error, Err(ScenarioError::Fold(_))), "{error:?}");
    Ok(())
}

#[test]
fn more_than_a_page_is_folded_and_read() -> Outcome {
    let mut scenario = scenario();
    for book in 0..2_500 {
        scenario = scenario.given(lent(&book.to_string()));
    }
    assert_eq!(scenario.documents()?.len(), 2_500);
    let _ = scenario.given(returned("7")).expect_none("7");
    Ok(())
}

#[test]
#[should_panic(expected = "there is no document `emma` of `loan@1`; there are: [\"ivanhoe\"]")]
fn a_document_that_is_missing_fails_the_test() {
    let _ = scenario().given(lent("ivanhoe")).expect("emma", |_| {});
}

#[test]
#[should_panic(expected = "there is a document `emma` of `loan@1`")]
fn a_document_too_many_fails_the_test() {
    let _ = scenario().given(lent("emma")).expect_none("emma");
}

#[test]
fn a_virtual_clock_goes_where_it_is_put() -> Outcome {
    let clock = VirtualClock::default();
    let other = clock.clone();
    assert_eq!(other.now(), Timestamp::UNIX_EPOCH);
    clock.advance(Duration::from_millis(1_500));
    assert_eq!(other.now(), Timestamp::from_millisecond(1_500)?);
    clock.advance(Duration::MAX);
    assert_eq!(other.now(), Timestamp::MAX);
    other.set(Timestamp::UNIX_EPOCH);
    assert_eq!(clock.now(), Timestamp::UNIX_EPOCH);
    Ok(())
}
