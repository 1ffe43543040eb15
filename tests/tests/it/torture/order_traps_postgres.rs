//! What PostgreSQL does that has cost readers events, order or patience, each made to happen.

use orchestrix::error::BoxError;
use orchestrix::store::{
    Append, AppendError, Appended, EventData, EventStore, ExpectedVersion, GlobalPosition, Page,
    Payload, ReadAll, StreamId, StreamVersion,
};
use orchestrix_postgres::PostgresStore;
use sqlx::{Connection, PgConnection};
use test_servers::postgres::{Installing, provide};
use test_servers::{Availability, Options, require_or_skip};

use super::in_database::{in_database, on_runtime};
use super::in_transaction::InTransaction;
use super::work::seen;

const TRANSACTION: &str = "select pg_current_xact_id_if_assigned()::text";
const HORIZON: &str = "select pg_snapshot_xmin(pg_current_snapshot())::text";

fn stream() -> Result<StreamId, BoxError> {
    Ok(StreamId::new("trap", "1")?)
}

/// One event for the one stream.
fn append(expected: ExpectedVersion) -> Result<Append, BoxError> {
    let event = EventData::new("Trapped", 1, Payload::from_json_text("{}")?);
    Ok(Append::new(stream()?, expected, vec![event]))
}

async fn store(store: &PostgresStore, append: Append) -> Result<Appended, AppendError> {
    store.append(vec![append]).await.remove(0)
}

async fn page_after(store: &PostgresStore, position: GlobalPosition) -> Result<Page, BoxError> {
    Ok(store.read_all(ReadAll::after(position)).await?)
}

fn versions(page: &Page) -> Vec<u64> {
    page.events
        .iter()
        .map(|event| event.version.get())
        .collect()
}

fn positions(page: &Page) -> Vec<u64> {
    page.events
        .iter()
        .map(|event| event.position.get())
        .collect()
}

/// A transaction that has drawn a position has no id yet, so nothing that goes by transaction ids knows of it.
#[test]
fn a_position_drawn_by_a_transaction_without_an_id_is_waited_for() -> Result<(), BoxError> {
    in_database("a_position_drawn_without_an_id", async |url| {
        let readers = PostgresStore::connect(url.as_str()).await?;
        let slow = InTransaction::connect(url.as_str()).await?;
        let drawn = draw_without_an_id(&slow).await?;

        let after = store(&readers, append(ExpectedVersion::Any)?)
            .await?
            .position;
        let page = page_after(&readers, GlobalPosition::START).await?;
        assert_eq!(positions(&page), [0; 0]);
        assert!(page.scanned_to.get() < drawn, "gone past the position");

        // Like the event that is there but for its place.
        slow.execute(&format!(
            "insert into orchestrix.events
             select (jsonb_populate_record(there, jsonb_build_object(
                        'position', {drawn}, 'stream', 'trap-2', 'event_id', gen_random_uuid()))).*
               from orchestrix.events as there"
        ))
        .await?;
        slow.commit().await?;
        let page = page_after(&readers, page.scanned_to).await?;
        assert_eq!(positions(&page), [drawn, after.get()]);
        Ok(())
    })
}

/// Leaves a transaction open that has drawn this position and has no id. The sequence is logged once for 32 positions,
/// which takes an id: such a transaction is rolled back, and another one tried.
async fn draw_without_an_id(session: &InTransaction) -> Result<u64, BoxError> {
    for _ in 0..32 {
        session.begin().await?;
        session.execute("select orchestrix.enter_fence()").await?;
        let drawn = session
            .text("select nextval('orchestrix.events_position_seq')::text")
            .await?;
        if session.text(TRANSACTION).await?.is_none() {
            return Ok(drawn.ok_or("no position")?.parse()?);
        }
        session.rollback().await?;
    }
    Err("drawing a position always takes a transaction id: the trap is gone".into())
}

/// The transaction with the lower id appends the later version.
#[test]
fn a_transaction_that_took_its_id_early_does_not_disturb_its_streams_order() -> Result<(), BoxError>
{
    in_database("a_transaction_that_took_its_id_early", async |url| {
        let readers = PostgresStore::connect(url.as_str()).await?;
        let early = InTransaction::connect(url.as_str()).await?;
        early.begin().await?;
        early
            .execute("create table mine (n int); insert into mine values (1)")
            .await?;
        assert!(early.text(TRANSACTION).await?.is_some());

        store(&readers, append(ExpectedVersion::NoStream)?).await?;
        let first = page_after(&readers, GlobalPosition::START).await?;
        assert_eq!(
            versions(&first),
            [1],
            "nobody waits for one who has not appended"
        );
        let at_first = ExpectedVersion::Exact(StreamVersion::FIRST);
        early.append(append(at_first)?).await?;
        assert_eq!(
            versions(&page_after(&readers, first.scanned_to).await?),
            [0; 0]
        );
        early.commit().await?;

        let second = page_after(&readers, first.scanned_to).await?;
        assert_eq!(versions(&second), [2]);
        // One who opens only now gets the same.
        let latecomer = PostgresStore::connect(url.as_str()).await?;
        let all = page_after(&latecomer, GlobalPosition::START).await?;
        assert_eq!(versions(&all), [1, 2]);
        // The trap was set: by transaction ids it is the other way round.
        let mut session = PgConnection::connect(url.as_str()).await?;
        let by_transaction: Vec<i64> = sqlx::query_scalar(
            "select version from orchestrix.events order by age(xmin) desc, position",
        )
        .fetch_all(&mut session)
        .await?;
        assert_eq!(by_transaction, [2, 1]);
        Ok(())
    })
}

/// The version is checked with what is committed when the lock is there, not when it was asked for.
#[test]
fn an_append_that_waited_for_its_stream_sees_what_it_waited_for() -> Result<(), BoxError> {
    in_database("an_append_that_waited_for_its_stream", async |url| {
        let writers = PostgresStore::connect(url.as_str()).await?;
        let first = InTransaction::connect(url.as_str()).await?;
        let mut session = PgConnection::connect(url.as_str()).await?;
        // (how the first ends, what the second expects, the version that the second gets or else conflicts with)
        let new = ExpectedVersion::NoStream;
        let cases = [
            ("rollback", new, Ok(1)),
            (
                "commit",
                ExpectedVersion::Exact(StreamVersion::FIRST),
                Err(2),
            ),
            (
                "commit",
                ExpectedVersion::Exact(StreamVersion::new(3)),
                Ok(4),
            ),
            ("commit", ExpectedVersion::Any, Ok(6)),
            (
                "rollback",
                ExpectedVersion::Exact(StreamVersion::new(7)),
                Err(6),
            ),
            ("commit", new, Err(7)),
        ];
        for (end, expected, outcome) in cases {
            first.begin().await?;
            first.append(append(ExpectedVersion::Any)?).await?;
            let second = append(expected)?;
            let second = tokio::spawn({
                let writers = writers.clone();
                async move { store(&writers, second).await }
            });
            until_somebody_waits_for_a_stream(&mut session).await?;
            first.execute(end).await?;
            let got = match second.await? {
                Ok(appended) => Ok(appended.streams[0].last_version.get()),
                Err(AppendError::Conflict { actual, .. }) => Err(actual.get()),
                Err(other) => return Err(other.into()),
            };
            assert_eq!(got, outcome, "{end}, {expected}");
        }
        Ok(())
    })
}

async fn until_somebody_waits_for_a_stream(session: &mut PgConnection) -> Result<(), BoxError> {
    seen("somebody waits for the stream", async || {
        let waits = sqlx::query_scalar(
            "select exists (select from pg_locks
                             where locktype = 'advisory' and not granted and mode = 'ExclusiveLock'
                               and database = (select oid from pg_database where datname = current_database()))",
        );
        Ok(waits.fetch_one(&mut *session).await?)
    })
    .await
}

/// Transactions that somebody prepared and forgot, in this database and in another, hold back whoever goes by the
/// oldest open transaction until an operator finds them.
#[test]
fn forgotten_prepared_transactions_of_strangers_stall_nobody() -> Result<(), BoxError> {
    let options = Options::fast().with_setting("max_prepared_transactions", "4");
    let server = provide(options, Installing::Never);
    let availability = match &server {
        Ok(server) => Availability::Available(server.url()),
        Err(error) => Availability::Missing(error.report()),
    };
    let test = "forgotten_prepared_transactions_of_strangers_stall_nobody";
    let (Some(url), Ok(server)) = (require_or_skip(test, availability), &server) else {
        return Ok(());
    };
    on_runtime(async {
        let readers = PostgresStore::connect(&url).await?;
        let mut session = PgConnection::connect(&url).await?;
        sqlx::query("create database elsewhere")
            .execute(&mut session)
            .await?;
        let mut oldest = u64::MAX;
        for database in ["postgres", "elsewhere"] {
            let stranger = InTransaction::connect(&server.url_for(database)).await?;
            stranger.begin().await?;
            stranger
                .execute("create table mine (n int); insert into mine values (1)")
                .await?;
            // Locks as an application takes for itself are no fence.
            stranger
                .execute("select pg_advisory_xact_lock_shared(n) from mine")
                .await?;
            let transaction = stranger
                .text(TRANSACTION)
                .await?
                .ok_or("no transaction id")?;
            oldest = oldest.min(transaction.parse()?);
            stranger
                .execute(&format!("prepare transaction 'forgotten in {database}'"))
                .await?;
            stranger.close().await?;
        }

        // A gap, so that it matters who is open.
        let doomed = InTransaction::connect(&url).await?;
        doomed.begin().await?;
        doomed.append(append(ExpectedVersion::Any)?).await?;
        doomed.rollback().await?;
        let position = store(&readers, append(ExpectedVersion::Any)?)
            .await?
            .position;
        assert!(position.get() > 1, "no gap");
        let page = page_after(&readers, GlobalPosition::START).await?;
        assert_eq!(positions(&page), [position.get()]);
        assert_eq!(readers.head().await?, position);
        assert_eq!(readers.head_stall(), None);
        // The trap was set: nothing that was appended is below the oldest open transaction.
        let horizon: String = sqlx::query_scalar(HORIZON).fetch_one(&mut session).await?;
        assert!(horizon.parse::<u64>()? <= oldest);
        Ok(())
    })
}
