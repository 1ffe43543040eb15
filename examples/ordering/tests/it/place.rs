//! Where a test keeps its shop: a file or a database of its own, which goes away with the test.

use std::path::{Path, PathBuf};

use sqlx::{AssertSqlSafe, Connection as _, PgConnection};
use tempfile::TempDir;
use test_servers::{postgres_url, require_or_skip};

use crate::binary::TestResult;

/// A shop's place, and a folder for the test's files.
#[derive(Debug)]
pub(crate) struct Place {
    /// What `--store` takes.
    pub(crate) store: String,
    folder: TempDir,
    _database: Option<Database>,
}

/// Runs a test on an SQLite file.
pub(crate) fn on_sqlite(test: impl FnOnce(&Place) -> TestResult) -> TestResult {
    test(&Place::sqlite()?)
}

/// Runs a test in a PostgreSQL database, or skips it where there is no server.
pub(crate) fn on_postgres(name: &str, test: impl FnOnce(&Place) -> TestResult) -> TestResult {
    match require_or_skip(name, postgres_url()) {
        Some(server) => test(&Place::postgres(&server)?),
        None => Ok(()),
    }
}

impl Place {
    pub(crate) fn sqlite() -> TestResult<Self> {
        let folder = tempfile::tempdir()?;
        Ok(Self {
            store: format!("sqlite:{}", folder.path().join("shop.db").display()),
            folder,
            _database: None,
        })
    }

    /// One whose shop is gone with the process that made it.
    pub(crate) fn memory() -> TestResult<Self> {
        Ok(Self {
            store: "memory".to_owned(),
            folder: tempfile::tempdir()?,
            _database: None,
        })
    }

    fn postgres(server: &str) -> TestResult<Self> {
        let database = Database::create(server)?;
        Ok(Self {
            store: database.url.clone(),
            folder: tempfile::tempdir()?,
            _database: Some(database),
        })
    }

    /// A path in the test's folder.
    pub(crate) fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    /// Writes a file into the test's folder.
    pub(crate) fn write(&self, name: &str, content: impl AsRef<[u8]>) -> TestResult<PathBuf> {
        let path = self.path(name);
        std::fs::write(&path, content)?;
        Ok(path)
    }

    /// The SQLite file, which may not be there yet; none on PostgreSQL.
    pub(crate) fn sqlite_file(&self) -> Option<&Path> {
        self.store.strip_prefix("sqlite:").map(Path::new)
    }

    /// What is left in the test's folder, by name.
    pub(crate) fn files(&self) -> TestResult<Vec<String>> {
        let mut names = Vec::new();
        for entry in self.folder.path().read_dir()? {
            names.push(entry?.file_name().to_string_lossy().into_owned());
        }
        names.sort();
        Ok(names)
    }
}

/// A database of the test's own.
#[derive(Debug)]
struct Database {
    url: String,
    name: String,
    server: String,
}

impl Database {
    fn create(server: &str) -> TestResult<Self> {
        let name = format!("ordering_{}", uuid::Uuid::now_v7().simple());
        let (address, parameters) = match server.split_once('?') {
            Some((address, parameters)) => (address, format!("?{parameters}")),
            None => (server, String::new()),
        };
        let (authority, _) = address.rsplit_once('/').ok_or("a URL with a database")?;
        let database = Self {
            url: format!("{authority}/{name}{parameters}"),
            name,
            server: server.to_owned(),
        };
        database.on_server(&format!("create database {}", database.name))?;
        Ok(database)
    }

    fn on_server(&self, sql: &str) -> TestResult {
        block_on(async {
            let mut session = PgConnection::connect(&self.server).await?;
            sqlx::raw_sql(AssertSqlSafe(sql))
                .execute(&mut session)
                .await?;
            Ok(session.close().await?)
        })
    }
}

impl Drop for Database {
    fn drop(&mut self) {
        let dropped = self.on_server(&format!("drop database {} with (force)", self.name));
        if let Err(error) = dropped {
            eprintln!("database {} is left behind: {error}", self.name);
        }
    }
}

/// Waits for something asynchronous in a test that is not.
pub(crate) fn block_on<T>(work: impl Future<Output = TestResult<T>>) -> TestResult<T> {
    tokio::runtime::Builder::new_multi_thread()
        .worker_threads(1)
        .enable_all()
        .build()?
        .block_on(work)
}
