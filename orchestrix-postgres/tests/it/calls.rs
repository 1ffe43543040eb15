//! All that a store is asked for, as calls that must end in time.

use std::time::Duration;

use orchestrix::error::chain;
use orchestrix::store::{
    CheckpointError, CheckpointMove, CheckpointStore, DeadLetterRequest, DeadLetterSelection,
    DeadLetterStore, DocumentOrder, DocumentQuery, DocumentWrite, EventStore, GlobalPosition,
    Payload, ReadAll, ReadError, ReadModelCommit, ReadModelError, ReadModelStore, ReadStream,
    TenantId,
};
use orchestrix_postgres::PostgresStore;

use crate::fixture::stream;

/// A few times the limits of an impatient store, and far less than as many times as there are calls.
pub(crate) const IN_TIME: Duration = Duration::from_secs(6);

/// What a store is asked for besides appends.
pub(crate) const CALLS: [&str; 12] = [
    "read_stream",
    "read_all",
    "head",
    "documents",
    "scan",
    "query_documents",
    "count_documents",
    "commit",
    "load_checkpoint",
    "save_checkpoint",
    "dead_letters",
    "request_dead_letters",
];

/// Asks the store for one of the calls, which must end in time; says whether it may succeed later, and why it failed.
pub(crate) async fn ask(store: &PostgresStore, call: &str) -> Result<(), (bool, String)> {
    let (tenant, start) = (TenantId::default(), GlobalPosition::START);
    let all = DeadLetterSelection::All;
    let asked = async {
        match call {
            "read_stream" => told(store.read_stream(ReadStream::forward(stream("a"))).await),
            "read_all" => told(store.read_all(ReadAll::after(start)).await),
            "head" => told(store.head().await),
            "documents" => told(store.documents("things", &tenant, &["a".to_owned()]).await),
            "scan" => told(store.scan("things", &tenant, None, 10).await),
            "query_documents" => told(store.query_documents(things_by_size()).await),
            "count_documents" => told(store.count_documents("things", &tenant, &[]).await),
            "commit" => told(store.commit(commit_of_nothing_new()).await),
            "load_checkpoint" => told(store.load_checkpoint("s").await),
            "save_checkpoint" => told(store.save_checkpoint("s", start, start).await),
            "dead_letters" => told(store.dead_letters("s", &all, start, 10).await),
            "request_dead_letters" => {
                let retry = DeadLetterRequest::Retry;
                told(store.request_dead_letters("s", &all, retry).await)
            }
            unknown => panic!("{unknown}"),
        }
    };
    in_time(asked).await
}

fn told<T, E: Transient>(answer: Result<T, E>) -> Result<(), (bool, String)> {
    match answer {
        Ok(_) => Ok(()),
        Err(error) => Err((error.is_transient(), chain(&error))),
    }
}

trait Transient: std::error::Error + 'static {
    fn is_transient(&self) -> bool;
}

macro_rules! transient {
    ($($error:ty)*) => {
        $(impl Transient for $error {
            fn is_transient(&self) -> bool {
                <$error>::is_transient(self)
            }
        })*
    };
}

transient!(CheckpointError ReadError ReadModelError);

/// Fails the test, instead of waiting for ever with it.
pub(crate) async fn in_time<T>(answer: impl Future<Output = T>) -> T {
    let answered = tokio::time::timeout(IN_TIME, answer).await;
    answered.expect("a call waits for much longer than its limits")
}

fn things_by_size() -> DocumentQuery {
    DocumentQuery {
        collection: "things".to_owned(),
        tenant: TenantId::default(),
        conditions: Vec::new(),
        order: DocumentOrder {
            index: Some("size".to_owned()),
            descending: false,
        },
        after: None,
        limit: 10,
    }
}

/// Can be repeated.
fn commit_of_nothing_new() -> ReadModelCommit {
    ReadModelCommit {
        progress: Vec::new(),
        checkpoint: CheckpointMove::new("model", GlobalPosition::START, GlobalPosition::START),
        collection: "things".to_owned(),
        indexes: Vec::new(),
        writes: vec![DocumentWrite {
            tenant: TenantId::default(),
            key: "a".to_owned(),
            body: Some(Payload::from_json_text("{}").unwrap()),
            index_values: Vec::new(),
        }],
    }
}
