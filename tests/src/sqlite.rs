//! The store in a SQLite file.

use std::path::PathBuf;
use std::sync::Arc;

use async_trait::async_trait;
use orchestrix::error::BoxError;
use orchestrix::store::Backend;
use orchestrix::testkit::conformance::{Capabilities, StoreUnderTest};
use orchestrix_sqlite::SqliteStore;
use tempfile::TempDir;

/// A SQLite file in a temporary folder of its own.
#[derive(Debug)]
pub struct SqliteSubject {
    folder: Result<TempDir, String>,
}

impl SqliteSubject {
    /// A file for this test, which does not exist yet.
    pub fn new(test: &str) -> Self {
        let folder = tempfile::Builder::new().prefix(test).tempdir();
        Self {
            folder: folder.map_err(|error| format!("no temporary folder: {error}")),
        }
    }

    fn path(&self) -> Result<PathBuf, BoxError> {
        let folder = self.folder.as_ref().map_err(String::clone)?;
        Ok(folder.path().join("store.db"))
    }
}

#[async_trait]
impl StoreUnderTest for SqliteSubject {
    fn capabilities(&self) -> Capabilities {
        Capabilities::all()
    }

    async fn open(&self) -> Result<Arc<dyn Backend>, BoxError> {
        Ok(Arc::new(SqliteStore::open(self.path()?).await?))
    }
}
