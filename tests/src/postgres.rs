//! The store in a PostgreSQL database.

use std::sync::Arc;

use async_trait::async_trait;
use orchestrix::error::BoxError;
use orchestrix::store::Backend;
use orchestrix::testkit::conformance::{Capabilities, StoreUnderTest};
use orchestrix_postgres::PostgresStore;
use sqlx::{AssertSqlSafe, Connection as _, Executor as _, PgConnection};
use test_servers::Availability;
use tokio::sync::OnceCell;
use url::Url;
use uuid::Uuid;

/// So many bytes of a test's name go into its database's, which has at most 63.
const NAME_BYTES: usize = 45;

/// A PostgreSQL database named after its test, on the server that the tests of a process share.
#[derive(Debug)]
pub struct PostgresSubject {
    database: String,
    created: OnceCell<Url>,
}

impl PostgresSubject {
    /// A database for this test, which is created when it is opened first.
    pub fn new(test: &str) -> Self {
        let test: String = test
            .chars()
            .filter(char::is_ascii_alphanumeric)
            .take(NAME_BYTES)
            .collect();
        let random = Uuid::new_v4().simple().to_string();
        Self {
            database: format!("orx_{}_{}", test.to_ascii_lowercase(), &random[..8]),
            created: OnceCell::new(),
        }
    }

    /// The database's URL; the database is created by the first call.
    pub async fn url(&self) -> Result<Url, BoxError> {
        let created = self.created.get_or_try_init(async || {
            self.on_server(&format!("create database \"{}\"", self.database))
                .await?;
            let mut url = server()?;
            url.set_path(&self.database);
            Ok::<_, BoxError>(url)
        });
        created.await.cloned()
    }

    pub(crate) fn database(&self) -> &str {
        &self.database
    }

    /// Runs a statement beside the database. The names in it are made of letters, digits and underscores above.
    pub(crate) async fn on_server(&self, statement: &str) -> Result<(), BoxError> {
        let mut connection = PgConnection::connect(server()?.as_str()).await?;
        let statement = statement.to_owned();
        connection.execute(AssertSqlSafe(statement)).await?;
        Ok(connection.close().await?)
    }
}

fn server() -> Result<Url, BoxError> {
    match test_servers::postgres_url() {
        Availability::Available(url) => Ok(url.parse()?),
        Availability::Missing(reason) => Err(reason.into()),
    }
}

#[async_trait]
impl StoreUnderTest for PostgresSubject {
    fn capabilities(&self) -> Capabilities {
        Capabilities::all()
    }

    fn unavailable(&self) -> Option<String> {
        match test_servers::postgres_url() {
            Availability::Available(_) => None,
            Availability::Missing(reason) => Some(format!("PostgreSQL's conformance: {reason}")),
        }
    }

    async fn open(&self) -> Result<Arc<dyn Backend>, BoxError> {
        let url = self.url().await?;
        Ok(Arc::new(PostgresStore::connect(url.as_str()).await?))
    }

    async fn dispose(&self) -> Result<(), BoxError> {
        if self.created.initialized() {
            self.on_server(&format!("drop database \"{}\"", self.database))
                .await?;
        }
        Ok(())
    }
}
