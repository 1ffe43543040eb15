//! Files of older schemas.

use orchestrix::store::{
    AppendError, Backend, CheckpointStore, EventStore, ExpectedVersion, Filter, GlobalPosition,
    Payload, ReadAll, ReadModelStore, StreamVersion, TenantId,
};
use rusqlite::Connection;

use crate::fixture::{Place, any, append_one, event, stream, stream_of, tag, tagged, whole_log};

const FIRST_SCHEMA: &str = include_str!("../../migrations/0001_events_checkpoints_documents.sql");

/// What the first version of this crate would have left, with a gap in the positions.
fn write_first_schema(place: &Place) {
    let old = Connection::open(&place.path).expect("a new file");
    old.execute_batch(FIRST_SCHEMA).expect("the first schema");
    old.execute_batch(
        r#"PRAGMA application_id = 0x4F524358;
        PRAGMA user_version = 1;
        INSERT INTO events VALUES
            (1, 'default', 'account-7', 'account', 1, x'000102030405060708090a0b0c0d0e01', 'Opened', 1, 1000000, '{}',
             '{"owner":"Ä"}'),
            (2, 'acme', 'account-7', 'account', 1, x'000102030405060708090a0b0c0d0e01', 'Opened', 2, 2000000,
             '{"actor":"me"}', '1'),
            (9, 'default', 'account-7', 'account', 2, x'000102030405060708090a0b0c0d0e02', 'Closed', 1, 3000000, '{}',
             ' {"kept" : "as it is"}');
        INSERT INTO checkpoints VALUES ('balances', 9);
        INSERT INTO documents VALUES ('balance', 'default', '7', '[5]');"#,
    )
    .expect("old rows");
}

#[tokio::test]
async fn a_file_of_the_first_schema_keeps_everything() {
    let place = Place::new();
    write_first_schema(&place);
    let store = place.open().await;
    assert_eq!(store.settings().schema_version, 8);

    let log = whole_log(&store).await;
    let places: Vec<_> = log
        .iter()
        .map(|event| {
            (
                event.position.get(),
                event.stream.to_string(),
                event.version.get(),
            )
        })
        .collect();
    let wanted = [
        (1, "account-7", 1),
        (2, "acme/account-7", 1),
        (9, "account-7", 2),
    ];
    assert_eq!(
        places,
        wanted.map(|(p, stream, v)| (p, stream.to_owned(), v))
    );
    let payloads: Vec<_> = log
        .iter()
        .map(|event| event.data.payload.as_json())
        .collect();
    let wanted = [r#"{"owner":"Ä"}"#, "1", r#" {"kept" : "as it is"}"#];
    assert_eq!(payloads, wanted.map(Some));
    assert_eq!(log[1].data.metadata.actor.as_deref(), Some("me"));
    assert_eq!(log[1].data.schema_version, 2);
    assert_eq!(log[2].data.occurred_at.as_second(), 3);
    assert_eq!(log[2].event_type(), "Closed");
    assert!(log.iter().all(|event| event.data.tags().is_empty()));
    assert_eq!(stream_of(&store, "7").await.len(), 2);
    assert_eq!(
        store
            .load_checkpoint("balances")
            .await
            .expect("a checkpoint"),
        GlobalPosition::new(9)
    );
    let documents = store
        .scan("balance", &TenantId::default(), None, 10)
        .await
        .expect("documents");
    assert_eq!(documents[0].body.as_json(), Some("[5]"));

    // Its ids are still compared, and what is new goes on behind it.
    let taken = event("Closed").with_id(log[2].event_id());
    let error = append_one(&store, any("8", vec![taken]))
        .await
        .expect_err("the id is taken");
    assert!(
        matches!(error, AppendError::DuplicateEvent { .. }),
        "{error:?}"
    );
    let appended = append_one(&store, any("7", vec![tagged("Reopened", &["x"])]))
        .await
        .expect("an append");
    assert_eq!(appended.streams[0].last_version, StreamVersion::new(3));
    assert_eq!(appended.position, GlobalPosition::new(10));
    let page = store
        .read_all(ReadAll::after(GlobalPosition::START).filter(Filter::all().tags([tag("x")])))
        .await
        .expect("a page");
    assert_eq!(page.events.len(), 1);
}

/// Nothing of the old table's way to draw positions is left.
#[tokio::test]
async fn positions_of_an_upgraded_file_are_not_given_out_again() {
    let place = Place::new();
    write_first_schema(&place);
    let store = place.open().await;
    store
        .archive_stream(&stream("7"), ExpectedVersion::StreamExists)
        .await
        .expect("the newest stream is archived");
    store.close().await.expect("a clean end");
    let store = place.open().await;
    let appended = append_one(&store, any("8", vec![event("Opened")])).await;
    assert_eq!(
        appended.expect("an append").position,
        GlobalPosition::new(10)
    );
}

#[tokio::test]
async fn an_upgraded_file_takes_binary_payloads() {
    let place = Place::new();
    write_first_schema(&place);
    let store = place.open().await;
    let mut binary = event("Packed");
    binary.payload = Payload::binary(vec![0xff, 0, 0x82]);
    append_one(&store, any("7", vec![binary.clone()]))
        .await
        .expect("an append");
    let read = stream_of(&store, "7").await.remove(2);
    assert_eq!(read.data.payload, binary.payload);
    assert!(read.data.payload.is_binary());
}

/// Two processes may find the old file at once.
#[tokio::test(flavor = "multi_thread")]
async fn an_old_file_is_upgraded_once() {
    let place = Place::new();
    write_first_schema(&place);
    let opening: Vec<_> = (0..4)
        .map(|_| tokio::spawn(orchestrix_sqlite::SqliteStore::open(place.path.clone())))
        .collect();
    for store in opening {
        let store = store.await.expect("no panic").expect("the store opens");
        assert_eq!(whole_log(&store).await.len(), 3);
    }
}
