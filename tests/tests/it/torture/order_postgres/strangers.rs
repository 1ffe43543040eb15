//! Transactions that have nothing to do with the store and stay open all the time.

use orchestrix::error::BoxError;
use sqlx::{AssertSqlSafe, Connection, PgConnection};
use test_servers::{Availability, postgres_url};
use url::Url;

/// One stranger who has written something in the store's database, and one in another database of the server.
pub(super) struct Strangers(Vec<Stranger>);

struct Stranger {
    session: PgConnection,
    transaction: u64,
}

impl Strangers {
    /// Begins their transactions.
    pub(super) async fn begin(database: &Url) -> Result<Self, BoxError> {
        let Availability::Available(elsewhere) = postgres_url() else {
            return Err("the server has gone".into());
        };
        let here = Stranger::begin(database.as_str(), database).await?;
        Ok(Self(vec![
            here,
            Stranger::begin(&elsewhere, database).await?,
        ]))
    }

    /// Fails unless they are what they are meant to be: still open, and older than all that was appended since they
    /// began, so that a reader who stops at the oldest open transaction would have read none of it.
    pub(super) async fn assert_open_and_in_the_way(&mut self) -> Result<(), BoxError> {
        for stranger in &mut self.0 {
            let open = stranger
                .number("select pg_current_xact_id_if_assigned()::text")
                .await?;
            assert_eq!(
                open, stranger.transaction,
                "the stranger's transaction has ended"
            );
        }
        let oldest = self.0.iter().map(|stranger| stranger.transaction).min();
        let horizon = "select pg_snapshot_xmin(pg_current_snapshot())::text";
        let horizon = self.0[0].number(horizon).await?;
        assert!(Some(horizon) <= oldest, "the strangers are in nobody's way");
        Ok(())
    }

    pub(super) async fn end(self) -> Result<(), BoxError> {
        for mut stranger in self.0 {
            sqlx::query("rollback")
                .execute(&mut stranger.session)
                .await?;
            stranger.session.close().await?;
        }
        Ok(())
    }
}

impl Stranger {
    /// Writes into a table that only its own transaction ever sees.
    async fn begin(url: &str, test: &Url) -> Result<Self, BoxError> {
        let name = test.path().trim_start_matches('/');
        let mut session = PgConnection::connect(url).await?;
        let write = format!(
            "begin; create table \"stranger_to_{name}\" as select 1 as n; insert into \"stranger_to_{name}\" values (2)"
        );
        // The name is the database's, made of letters, digits and underscores.
        sqlx::raw_sql(AssertSqlSafe(write))
            .execute(&mut session)
            .await?;
        let mut stranger = Self {
            session,
            transaction: 0,
        };
        stranger.transaction = stranger
            .number("select pg_current_xact_id_if_assigned()::text")
            .await?;
        Ok(stranger)
    }

    async fn number(&mut self, sql: &'static str) -> Result<u64, BoxError> {
        let text: Option<String> = sqlx::query_scalar(sql).fetch_one(&mut self.session).await?;
        Ok(text.ok_or("no transaction id")?.parse()?)
    }
}
