//! The store in a PostgreSQL database whose server keeps tenants apart by row-level security.

use std::sync::Arc;

use async_trait::async_trait;
use orchestrix::error::BoxError;
use orchestrix::store::Backend;
use orchestrix::testkit::conformance::{Capabilities, StoreUnderTest};
use orchestrix_postgres::{PostgresOptions, PostgresStore};
use sqlx::{AssertSqlSafe, Connection as _, Executor as _, PgConnection};
use tokio::sync::OnceCell;
use url::Url;

use crate::PostgresSubject;

/// A [`PostgresSubject`] that is opened by a role of its own, which owns nothing and which policies hold for.
#[derive(Debug)]
pub struct PostgresRlsSubject {
    subject: PostgresSubject,
    /// As the role.
    secured: OnceCell<Url>,
}

impl PostgresRlsSubject {
    /// A database and a role for this test, which are created when it is opened first.
    pub fn new(test: &str) -> Self {
        Self {
            subject: PostgresSubject::new(test),
            secured: OnceCell::new(),
        }
    }

    /// How a store is opened in this mode. The first call makes the database, its role and its policies.
    ///
    /// # Errors
    /// What the server said.
    pub async fn options(&self) -> Result<PostgresOptions, BoxError> {
        let url = self.secured.get_or_try_init(|| self.secure()).await?;
        Ok(PostgresOptions::new(url.as_str()).with_row_level_security())
    }

    async fn secure(&self) -> Result<Url, BoxError> {
        let mut url = self.subject.url().await?;
        let role = self.role();
        let mut connection = PgConnection::connect(url.as_str()).await?;
        // The name is made of letters, digits and underscores.
        let create = format!("create role \"{role}\" login password 'app'");
        connection.execute(AssertSqlSafe(create)).await?;
        connection.close().await?;
        let owner = PostgresOptions::new(url.as_str()).with_max_connections(1);
        PostgresStore::enable_row_level_security(&owner).await?;
        PostgresStore::grant_to(&owner, &role).await?;
        let named = url.set_username(&role);
        let known = named.and_then(|()| url.set_password(Some("app")));
        known.map_err(|()| "a URL that takes no user")?;
        Ok(url)
    }

    fn role(&self) -> String {
        format!("{}_app", self.subject.database())
    }
}

#[async_trait]
impl StoreUnderTest for PostgresRlsSubject {
    fn capabilities(&self) -> Capabilities {
        self.subject.capabilities()
    }

    fn unavailable(&self) -> Option<String> {
        self.subject.unavailable()
    }

    async fn open(&self) -> Result<Arc<dyn Backend>, BoxError> {
        let store = PostgresStore::connect_with(self.options().await?).await?;
        Ok(Arc::new(store))
    }

    async fn dispose(&self) -> Result<(), BoxError> {
        self.subject.dispose().await?;
        // With the database went all that the role could use.
        self.subject
            .on_server(&format!("drop role if exists \"{}\"", self.role()))
            .await
    }
}
