use super::*;
use crate::aggregate::LoadError;
use crate::error::{BoxError, chain};
use crate::message::MessageId;
use crate::store::{
    CheckpointError, GlobalPosition, Payload, ReadError, ReadModelError, StreamId, StreamVersion,
};
use crate::subscription::panic;
use crate::upcast::UpcastError;

/// A wrapper as a user's layer might put around an error.
#[derive(Debug, thiserror::Error)]
#[error("while counting")]
struct WhileCounting {
    source: BoxError,
}

fn stream() -> StreamId {
    StreamId::new("order", "1").unwrap()
}

fn event(source: impl Into<BoxError>) -> ConsumeError {
    ConsumeError::Event {
        position: GlobalPosition::new(7),
        stream: stream(),
        version: StreamVersion::FIRST,
        event_id: MessageId::new(),
        event_type: "order-placed".to_owned(),
        source: source.into(),
    }
}

fn wrapped(source: impl Into<BoxError>) -> ConsumeError {
    let source = source.into();
    event(WhileCounting { source })
}

fn no_number() -> serde_json::Error {
    let text = Payload::from_stored_text("true".to_owned());
    text.read::<u32>().unwrap_err()
}

fn misshapen() -> DecodeError {
    DecodeError::Shape {
        event_type: "order-placed",
        schema_version: 1,
        source: no_number(),
    }
}

fn not_upcast() -> DecodeError {
    DecodeError::Upcast(UpcastError::Missing {
        event_type: "order-placed",
        from: 1,
        to: 2,
    })
}

fn unknown() -> DecodeError {
    DecodeError::Unknown {
        event_type: "order-lost".to_owned(),
        known: vec!["order-placed"],
    }
}

fn panicked() -> BoxError {
    panic::catch(|| panic!("no stock")).unwrap_err()
}

fn timed_out() -> DeliveryTimeout {
    DeliveryTimeout::new(Duration::from_secs(30))
}

fn unavailable() -> ReadError {
    ReadError::Unavailable {
        source: "refused".into(),
    }
}

fn checkpoint() -> CheckpointError {
    CheckpointError::Failed {
        subscription: "orders".to_owned(),
        source: "disk full".into(),
    }
}

fn load(source: DecodeError) -> LoadError {
    LoadError::Decode {
        stream: stream(),
        version: StreamVersion::FIRST,
        source: Box::new(source),
    }
}

#[track_caller]
fn check(expected: FailureKind, failures: impl IntoIterator<Item = ConsumeError>) {
    for failure in failures {
        assert_eq!(FailureKind::of(&failure), expected, "{}", chain(&failure));
    }
}

#[test]
fn events_that_do_not_decode() {
    check(
        FailureKind::Undecodable,
        [
            event(misshapen()),
            event(not_upcast()),
            wrapped(misshapen()),
            wrapped(not_upcast()),
        ],
    );
}

#[test]
fn events_nobody_declared() {
    check(
        FailureKind::UnknownType,
        [event(unknown()), wrapped(unknown())],
    );
}

#[test]
fn errors_of_handlers() {
    check(
        FailureKind::Handler,
        [
            event("no stock"),
            wrapped("no stock"),
            event(unavailable()),
            ConsumeError::Document {
                collection: "totals@1".to_owned(),
                key: "a".to_owned(),
                source: no_number(),
            },
        ],
    );
}

#[test]
fn an_event_that_the_handler_loads_is_not_the_one_delivered() {
    check(
        FailureKind::Handler,
        [
            event(load(misshapen())),
            event(load(unknown())),
            wrapped(load(misshapen())),
        ],
    );
}

#[test]
fn panics() {
    let source = panicked();
    assert_eq!(source.to_string(), "it panicked: no stock");
    check(
        FailureKind::Panicked,
        [
            event(panicked()),
            wrapped(panicked()),
            ConsumeError::Panicked { source },
        ],
    );
}

#[test]
fn a_panic_without_text_is_a_panic() {
    let source = panic::catch(|| std::panic::panic_any(7)).unwrap_err();
    assert_eq!(
        source.to_string(),
        "it panicked: with a value that is no text"
    );
    check(FailureKind::Panicked, [event(source)]);
}

#[tokio::test]
async fn a_panic_of_a_future_is_a_panic() {
    let missing = "it";
    let caught: Result<(), BoxError> =
        panic::catch_in(async { panic!("{missing} is missing") }).await;
    let source = caught.unwrap_err();
    assert_eq!(source.to_string(), "it panicked: it is missing");
    check(FailureKind::Panicked, [event(source)]);
}

#[test]
fn time_outs() {
    assert_eq!(timed_out().to_string(), "the delivery took longer than 30s");
    check(
        FailureKind::TimedOut,
        [event(timed_out()), wrapped(timed_out())],
    );
}

#[test]
fn the_store() {
    check(
        FailureKind::Infrastructure,
        [
            unavailable().into(),
            checkpoint().into(),
            ReadModelError::Checkpoint(checkpoint()).into(),
            ReadModelError::Failed {
                collection: "totals@1".to_owned(),
                source: "disk full".into(),
            }
            .into(),
        ],
    );
}

#[test]
fn in_words() {
    let kinds = [
        (FailureKind::Undecodable, "undecodable event"),
        (FailureKind::UnknownType, "unknown event type"),
        (FailureKind::Handler, "handler error"),
        (FailureKind::Panicked, "panic"),
        (FailureKind::TimedOut, "time-out"),
        (FailureKind::Infrastructure, "infrastructure"),
    ];
    for (kind, words) in kinds {
        assert_eq!(kind.to_string(), words);
        assert_eq!(
            kind.is_infrastructure(),
            kind == FailureKind::Infrastructure
        );
    }
}
