//! Many writes in one transaction.

use orchestrix::store::{
    Append, AppendError, CheckpointMove, CheckpointStore, DocumentWrite, EventStore,
    ExpectedVersion, GlobalPosition, Payload, ReadModelCommit, ReadModelError, ReadModelStore,
    StreamVersion, TenantId,
};
use orchestrix_sqlite::DriverError;

use crate::fixture::{
    Place, any, append_one, begun, commits_in, event, stream, stream_of, whole_log,
};

#[tokio::test]
async fn what_waits_shares_one_commit_and_failures_stay_alone() {
    let place = Place::new();
    let store = place.open().await;
    let taken = event("Opened");
    append_one(&store, any("old", vec![taken.clone()]))
        .await
        .expect("an append");
    let before = commits_in(&place.wal());

    let lock = place.lock();
    // The writer takes the first and waits for the lock; the rest gathers behind it.
    let first = begun(append_one(&store, any("first", vec![event("Moved")])));
    let mut calls = Vec::new();
    for n in 0..40 {
        calls.push(begun(append_one(
            &store,
            any(&format!("n{n}"), vec![event("A"), event("B")]),
        )));
    }
    let conflict = Append::new(
        stream("n3"),
        ExpectedVersion::Exact(StreamVersion::new(7)),
        vec![event("C")],
    );
    let conflict = begun(append_one(&store, conflict));
    // Its second event violates an index, after the first was written.
    let duplicate = begun(append_one(&store, any("dup", vec![event("D"), taken])));
    let moved = begun(store.save_checkpoint("s", GlobalPosition::new(5), GlobalPosition::new(6)));
    let last = begun(append_one(&store, any("last", vec![event("Moved")])));
    drop(lock);

    first.await.expect("an append");
    for call in calls {
        call.await.expect("an append");
    }
    assert!(matches!(conflict.await, Err(AppendError::Conflict { .. })));
    assert!(matches!(
        duplicate.await,
        Err(AppendError::DuplicateEvent { .. })
    ));
    moved.await.expect_err("the checkpoint is elsewhere");
    last.await.expect("an append");
    assert_eq!(whole_log(&store).await.len(), 1 + 1 + 80 + 1);
    assert_eq!(stream_of(&store, "dup").await.len(), 0);
    let commits = commits_in(&place.wal()) - before;
    assert!(commits <= 3, "{commits} commits for 44 writes");
}

#[tokio::test]
async fn a_call_that_is_dropped_is_done_as_a_whole() {
    let place = Place::new();
    let store = place.open().await;
    let lock = place.lock();
    let appends = vec![
        any("7", vec![event("A"), event("B"), event("C")]),
        any("8", vec![event("A")]),
    ];
    drop(begun(store.append(appends)));
    drop(lock);
    // Behind it in the queue.
    append_one(&store, any("9", vec![event("A")]))
        .await
        .expect("an append");
    assert_eq!(stream_of(&store, "7").await.len(), 3);
    assert_eq!(stream_of(&store, "8").await.len(), 1);
}

#[tokio::test]
async fn a_refused_append_of_two_streams_leaves_nothing() {
    let place = Place::new();
    let store = place.open().await;
    let taken = event("Opened");
    append_one(&store, any("old", vec![taken.clone()]))
        .await
        .expect("an append");
    let outcomes = store
        .append(vec![
            any("1", vec![event("A")]).and(stream("2"), ExpectedVersion::Any, vec![taken]),
            any("1", Vec::new()),
            any("1", vec![event("B")]),
        ])
        .await;
    assert!(
        matches!(outcomes[0], Err(AppendError::DuplicateEvent { .. })),
        "{outcomes:?}"
    );
    assert!(
        matches!(outcomes[1], Err(AppendError::Empty { .. })),
        "{outcomes:?}"
    );
    assert!(outcomes[2].is_ok(), "{outcomes:?}");
    let events = stream_of(&store, "1").await;
    assert_eq!(events.len(), 1);
    assert_eq!(events[0].event_type(), "B");
    assert_eq!(events[0].position, GlobalPosition::new(2));
}

#[tokio::test]
async fn a_refused_commit_of_a_read_model_leaves_its_documents() {
    let place = Place::new();
    let store = place.open().await;
    let commit = |expected, position, body: &str| ReadModelCommit {
        progress: Vec::new(),
        checkpoint: CheckpointMove::new(
            "balances",
            GlobalPosition::new(expected),
            GlobalPosition::new(position),
        ),
        collection: "balance".into(),
        indexes: Vec::new(),
        writes: vec![DocumentWrite {
            tenant: TenantId::default(),
            key: "7".into(),
            body: Some(Payload::of(body).expect("text is JSON")),
            index_values: Vec::new(),
        }],
    };
    store.commit(commit(0, 5, "first")).await.expect("a commit");
    store
        .commit(commit(0, 9, "late"))
        .await
        .expect_err("the checkpoint has moved");
    // SQLite cannot count so far.
    store
        .commit(commit(5, u64::MAX, "absurd"))
        .await
        .expect_err("no such position");
    let found = store
        .scan("balance", &TenantId::default(), None, 10)
        .await
        .expect("a scan");
    assert_eq!(found.len(), 1);
    assert_eq!(found[0].body.as_json(), Some(r#""first""#));
    let checkpoint = store
        .load_checkpoint("balances")
        .await
        .expect("a checkpoint");
    assert_eq!(checkpoint, GlobalPosition::new(5));
}

#[tokio::test]
async fn a_binary_document_is_refused_with_all_of_its_commit() {
    let place = Place::new();
    let store = place.open().await;
    let write = |key: &str, body| DocumentWrite {
        tenant: TenantId::default(),
        key: key.into(),
        body: Some(body),
        index_values: Vec::new(),
    };
    let commit = ReadModelCommit {
        progress: Vec::new(),
        checkpoint: CheckpointMove::new("balances", GlobalPosition::START, GlobalPosition::new(1)),
        collection: "balance".into(),
        indexes: Vec::new(),
        writes: vec![
            write("1", Payload::of(&1).expect("a number is JSON")),
            write("2", Payload::binary(vec![0x82])),
        ],
    };
    let error = store.commit(commit).await.expect_err("it is binary");
    let ReadModelError::Failed { collection, source } = error else {
        panic!("{error:?}")
    };
    assert_eq!(collection, "balance");
    assert!(
        matches!(source.downcast_ref(), Some(DriverError::BinaryDocument { key }) if key == "2"),
        "{source:?}"
    );
    let tenant = TenantId::default();
    let found = store.scan("balance", &tenant, None, 10).await;
    assert_eq!(found.expect("documents"), []);
    let checkpoint = store.read_model_checkpoint("balances").await;
    assert_eq!(checkpoint.expect("a checkpoint"), GlobalPosition::START);
}
