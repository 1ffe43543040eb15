//! Faults that a test names one by one.

use std::error::Error as _;
use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use orchestrix::message::MessageId;
use orchestrix::store::{
    Append, AppendError, Appended, Changes, EventData, EventStore, ExpectedVersion, GlobalPosition,
    IdempotencyKey, MemoryStore, Page, Payload, ReadAll, ReadError, ReadStream, RecordedEvent,
    StreamId, StreamVersion, TenantId,
};
use orchestrix::testkit::faults::AppendFault::{
    AnswerLost, Failed, Held, NotSent, Twice, Unavailable,
};
use orchestrix::testkit::faults::{AppendFault, FaultStore, InjectedFault};

/// How long anything may take that takes moments on an idle machine.
const PATIENCE: Duration = Duration::from_secs(30);

type Outcome = Result<Appended, AppendError>;

fn stream(key: &str) -> StreamId {
    StreamId::new("thing", key).expect("a valid name")
}

fn append(key: &str) -> Append {
    let payload = Payload::of(&key).expect("text is JSON");
    let events = vec![EventData::new("Happened", 1, payload)];
    Append::new(stream(key), ExpectedVersion::NoStream, events)
}

fn over_memory() -> (FaultStore, MemoryStore) {
    let memory = MemoryStore::new();
    (FaultStore::over(Arc::new(memory.clone())), memory)
}

async fn stored(memory: &MemoryStore, key: &str) -> usize {
    let read = memory.read_stream(ReadStream::forward(stream(key))).await;
    read.expect("memory can be read").len()
}

fn kind(outcome: &Outcome) -> &'static str {
    match outcome {
        Ok(appended) if appended.repeated => "repeated",
        Ok(_) => "stored",
        Err(AppendError::Unavailable { .. }) => "unavailable",
        Err(AppendError::Failed { .. }) => "failed",
        Err(AppendError::Indeterminate { .. }) => "indeterminate",
        Err(AppendError::Conflict { .. }) => "conflict",
        Err(_) => "another error",
    }
}

#[tokio::test]
async fn each_fault_says_and_stores_what_it_should() {
    let cases: [(Option<AppendFault>, &str, usize, &str); 6] = [
        (None, "stored", 1, "repeated"),
        (Some(Unavailable), "unavailable", 0, "stored"),
        (Some(Failed), "failed", 0, "stored"),
        (Some(NotSent), "indeterminate", 0, "stored"),
        (Some(AnswerLost), "indeterminate", 1, "repeated"),
        (Some(Twice), "stored", 1, "repeated"),
    ];
    for (fault, told, events, told_again) in cases {
        let (store, memory) = over_memory();
        store.next([fault]);
        let append = append("a");
        let outcome = store.append(vec![append.clone()]).await;
        assert_eq!(kind(&outcome[0]), told, "{fault:?}");
        assert_eq!(stored(&memory, "a").await, events, "{fault:?}");
        let again = store.append(vec![append]).await;
        assert_eq!(kind(&again[0]), told_again, "{fault:?}");
        let counts = store.counts();
        assert_eq!(
            (counts.calls, counts.appends, counts.unrecognised),
            (2, 2, 0)
        );
        assert_eq!(counts.untouched, if fault.is_some() { 1 } else { 2 });
    }
}

#[tokio::test]
async fn the_cause_names_the_fault() {
    for fault in [Unavailable, Failed, NotSent, AnswerLost] {
        let (store, _memory) = over_memory();
        store.next([Some(fault)]);
        let error = store
            .append(vec![append("a")])
            .await
            .remove(0)
            .expect_err("a fault");
        let cause = error
            .source()
            .and_then(|cause| cause.downcast_ref::<InjectedFault>());
        assert_eq!(cause.map(|cause| cause.fault), Some(fault));
    }
}

#[tokio::test]
async fn each_append_of_a_call_meets_its_own_fault() {
    let (store, memory) = over_memory();
    store.next([
        Some(NotSent),
        None,
        Some(AnswerLost),
        Some(Unavailable),
        Some(Twice),
    ]);
    let keys = ["a", "b", "c", "d", "e", "b"];
    let outcomes = store.append(keys.map(append).to_vec()).await;
    let told: Vec<_> = outcomes.iter().map(kind).collect();
    let expected = [
        "indeterminate",
        "stored",
        "indeterminate",
        "unavailable",
        "stored",
        "conflict",
    ];
    assert_eq!(told, expected);
    for (key, events) in [("a", 0), ("b", 1), ("c", 1), ("d", 0), ("e", 1)] {
        assert_eq!(stored(&memory, key).await, events, "{key}");
    }
    let counts = store.counts();
    assert_eq!((counts.calls, counts.appends, counts.untouched), (1, 6, 2));
    assert_eq!(
        (
            counts.not_sent,
            counts.answers_lost,
            counts.unavailable,
            counts.twice
        ),
        (1, 1, 1, 1)
    );
}

#[tokio::test]
async fn always_goes_on_until_it_is_healed() {
    let (store, _memory) = over_memory();
    store.always(Unavailable);
    store.next([None]);
    for (key, told) in [("a", "stored"), ("b", "unavailable"), ("c", "unavailable")] {
        assert_eq!(kind(&store.append(vec![append(key)]).await[0]), told);
    }
    store.heal();
    assert_eq!(kind(&store.append(vec![append("d")]).await[0]), "stored");
}

#[tokio::test]
async fn what_is_held_waits_for_the_gate() {
    let (store, memory) = over_memory();
    store.next([Some(Held), None, Some(Held)]);
    let held = |key| {
        let store = store.clone();
        tokio::spawn(async move { store.append(vec![append(key)]).await.remove(0) })
    };
    let first = held("a");
    store.gate().until_waiting(1).await;
    store
        .append(vec![append("b")])
        .await
        .remove(0)
        .expect("it is not held");
    assert_eq!(
        (stored(&memory, "a").await, stored(&memory, "b").await),
        (0, 1)
    );

    let given_up = held("c");
    store.gate().until_waiting(2).await;
    given_up.abort();
    given_up.await.expect_err("it was given up");
    assert_eq!(store.gate().waiting(), 1);

    store.gate().open();
    first.await.expect("no panic").expect("it is stored now");
    assert_eq!(
        (stored(&memory, "a").await, stored(&memory, "c").await),
        (1, 0)
    );
    store.next([Some(Held)]);
    store
        .append(vec![append("d")])
        .await
        .remove(0)
        .expect("the gate is open");
    assert_eq!(store.counts().held, 3);
}

#[tokio::test]
async fn a_refused_append_is_not_sent_twice() {
    let (store, memory) = over_memory();
    memory
        .append(vec![append("a")])
        .await
        .remove(0)
        .expect("stored");
    store.next([Some(Twice)]);
    assert_eq!(kind(&store.append(vec![append("a")]).await[0]), "conflict");
    assert_eq!(
        (stored(&memory, "a").await, store.counts().unrecognised),
        (1, 0)
    );
}

#[tokio::test]
async fn a_store_that_does_not_know_repetitions_is_found_out() {
    /// Stores whatever it gets under other ids.
    struct Forgetful(MemoryStore);

    #[async_trait]
    impl EventStore for Forgetful {
        async fn append(&self, appends: Vec<Append>) -> Vec<Outcome> {
            let fresh = appends.iter().map(|append| {
                let write = &append.writes()[0];
                let events = vec![EventData::new(
                    "Happened",
                    1,
                    write.events[0].payload.clone(),
                )];
                Append::new(write.stream.clone(), ExpectedVersion::Any, events)
            });
            self.0.append(fresh.collect()).await
        }

        async fn read_stream(&self, read: ReadStream) -> Result<Vec<RecordedEvent>, ReadError> {
            self.0.read_stream(read).await
        }

        async fn read_all(&self, read: ReadAll) -> Result<Page, ReadError> {
            self.0.read_all(read).await
        }

        async fn find_event(
            &self,
            tenant: &TenantId,
            event_id: MessageId,
        ) -> Result<Option<RecordedEvent>, ReadError> {
            self.0.find_event(tenant, event_id).await
        }

        async fn outcome_of(
            &self,
            tenant: &TenantId,
            key: &IdempotencyKey,
        ) -> Result<Option<Appended>, ReadError> {
            self.0.outcome_of(tenant, key).await
        }

        async fn archive_stream(
            &self,
            stream: &StreamId,
            expected: ExpectedVersion,
        ) -> Result<StreamVersion, AppendError> {
            self.0.archive_stream(stream, expected).await
        }

        async fn head(&self) -> Result<GlobalPosition, ReadError> {
            self.0.head().await
        }

        fn changes(&self) -> Changes {
            self.0.changes()
        }
    }

    let store = FaultStore::over(Arc::new(Forgetful(MemoryStore::new())));
    store.next([Some(Twice)]);
    assert_eq!(kind(&store.append(vec![append("a")]).await[0]), "stored");
    assert_eq!(store.counts().unrecognised, 1);
}

#[tokio::test]
async fn dropped_wake_ups_wake_nobody() {
    let (store, _memory) = over_memory();
    let mut awake = store.changes();
    store.drop_wake_ups();
    let mut deaf = store.changes();
    store
        .append(vec![append("a")])
        .await
        .remove(0)
        .expect("stored");
    let woken = tokio::time::timeout(PATIENCE, awake.changed(2 * PATIENCE)).await;
    woken.expect("it is woken");
    let moment = Duration::from_millis(50);
    let woken = tokio::time::timeout(moment, deaf.changed(PATIENCE)).await;
    woken.expect_err("nobody wakes it");
    store.heal();
    let mut awake = store.changes();
    store
        .append(vec![append("b")])
        .await
        .remove(0)
        .expect("stored");
    let woken = tokio::time::timeout(PATIENCE, awake.changed(2 * PATIENCE)).await;
    woken.expect("it is woken");
    assert_eq!(store.counts().deaf_listeners, 1);
}
