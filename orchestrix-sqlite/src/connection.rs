//! Connections: opened, set up, and asked whether they took the settings.

use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use rusqlite::{Connection, ErrorCode, OpenFlags};

use crate::lock_file::LockFolder;
use crate::{SqliteError, SqliteOptions, migrate};

/// A connection that threads take turns with.
pub(crate) type SharedConnection = Arc<Mutex<Connection>>;

/// Whoever panicked with a connection left at most an open transaction, which the next `BEGIN` reports.
pub(crate) fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

/// How an open store keeps its data, as SQLite itself says: for health reports.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct SqliteSettings {
    /// The file, absolute; nothing for a store in memory.
    pub path: Option<PathBuf>,
    /// The version of SQLite.
    pub sqlite_version: &'static str,
    /// `wal` for files, `memory` for stores in memory.
    pub journal_mode: String,
    /// Whether each commit is synced to the disk before it is acknowledged; always for files.
    pub synchronous_full: bool,
    /// The number of the newest migration.
    pub schema_version: u32,
}

/// All connections of a store.
pub(crate) struct Connections {
    pub(crate) writer: SharedConnection,
    pub(crate) readers: Vec<SharedConnection>,
    /// Nothing for a store in memory.
    pub(crate) locks: Option<LockFolder>,
    pub(crate) settings: SqliteSettings,
}

/// How the file is kept, which decides what a crash leaves behind.
pub(crate) const JOURNAL_MODE: &str = "journal_mode";
/// When a connection waits for the disk.
pub(crate) const SYNCHRONOUS: &str = "synchronous";

/// Statements that one connection keeps prepared. Filters make a statement for each number of types and categories.
const CACHED_STATEMENTS: usize = 64;
/// Pages that the writer keeps in memory, in KiB: the indexes' inner pages of some ten million events.
const WRITER_CACHE_KIB: i64 = 32 * 1_024;
/// What is left of the WAL on the disk after a checkpoint, in bytes.
const WAL_SIZE_LIMIT: i64 = 64 * 1_024 * 1_024;

/// A file that is created if it is not there.
pub(crate) fn open_file(options: &SqliteOptions) -> Result<Connections, SqliteError> {
    options.check()?;
    // An absolute path also keeps SQLite from reading a path such as `file:x` as an URI.
    let path = std::path::absolute(&options.path).map_err(|error| SqliteError::Failed {
        action: "find",
        path: options.path.clone(),
        source: error.into(),
    })?;
    check_path(&path)?;
    let mut writer = open_writer(&path, options)?;
    let settings = set_up_file(&mut writer, &path, options)?;
    let readers = (0..options.readers)
        .map(|_| open_reader(&path, options).map_err(|error| SqliteError::at(&path, "open", error)))
        .collect::<Result<_, _>>()?;
    let locks = LockFolder::beside(&path).map_err(|error| SqliteError::Failed {
        action: "find",
        path: path.clone(),
        source: error.into(),
    })?;
    Ok(Connections {
        writer: Arc::new(Mutex::new(writer)),
        readers,
        locks: Some(locks),
        settings,
    })
}

/// A store without a file: everybody shares the one connection that holds it.
pub(crate) fn open_memory() -> Result<Connections, SqliteError> {
    let path = Path::new(":memory:");
    let opened = || -> rusqlite::Result<Connection> {
        let connection = Connection::open_in_memory()?;
        connection.set_prepared_statement_cache_capacity(CACHED_STATEMENTS);
        Ok(connection)
    };
    let mut connection = opened().map_err(|error| SqliteError::at(path, "open", error))?;
    let schema_version = migrate::run(&mut connection, path)?;
    let journal_mode = pragma_text(&connection, JOURNAL_MODE)
        .map_err(|error| SqliteError::at(path, "open", error))?;
    let writer = Arc::new(Mutex::new(connection));
    Ok(Connections {
        readers: vec![writer.clone()],
        writer,
        locks: None,
        settings: SqliteSettings {
            path: None,
            sqlite_version: rusqlite::version(),
            journal_mode,
            synchronous_full: false,
            schema_version,
        },
    })
}

/// What SQLite would only call "unable to open database file".
fn check_path(path: &Path) -> Result<(), SqliteError> {
    if let Ok(found) = path.metadata() {
        if found.is_dir() {
            return Err(SqliteError::IsFolder { path: path.into() });
        }
        // SQLite would open it for reading, and a superuser would write to it all the same.
        if found.permissions().readonly() {
            return Err(SqliteError::ReadOnly { path: path.into() });
        }
    }
    match path.parent() {
        Some(folder) if !folder.is_dir() => Err(SqliteError::MissingFolder {
            path: path.into(),
            folder: folder.into(),
        }),
        _ => Ok(()),
    }
}

fn open_writer(path: &Path, options: &SqliteOptions) -> Result<Connection, SqliteError> {
    let opened = || -> rusqlite::Result<Connection> {
        let connection = open(path, options, OpenFlags::SQLITE_OPEN_CREATE)?;
        connection.pragma_update(None, "cache_size", -WRITER_CACHE_KIB)?;
        connection.pragma_update(None, "journal_size_limit", WAL_SIZE_LIMIT)?;
        Ok(connection)
    };
    let connection = opened().map_err(|error| SqliteError::at(path, "open", error))?;
    match connection.is_readonly("main") {
        Ok(false) => Ok(connection),
        Ok(true) => Err(SqliteError::ReadOnly { path: path.into() }),
        Err(error) => Err(SqliteError::at(path, "open", error)),
    }
}

fn open_reader(path: &Path, options: &SqliteOptions) -> rusqlite::Result<SharedConnection> {
    // Not opened read-only: after a crash, the first who reads has to recover the WAL.
    let connection = open(path, options, OpenFlags::empty())?;
    connection.pragma_update(None, "query_only", true)?;
    Ok(Arc::new(Mutex::new(connection)))
}

fn open(path: &Path, options: &SqliteOptions, more: OpenFlags) -> rusqlite::Result<Connection> {
    // A mutex stands around every connection already.
    let flags = OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_NO_MUTEX | more;
    let connection = Connection::open_with_flags(path, flags)?;
    connection.busy_timeout(options.busy_timeout)?;
    connection.set_prepared_statement_cache_capacity(CACHED_STATEMENTS);
    connection.pragma_update(None, "temp_store", "memory")?;
    Ok(connection)
}

fn set_up_file(
    writer: &mut Connection,
    path: &Path,
    options: &SqliteOptions,
) -> Result<SqliteSettings, SqliteError> {
    let failed = |error| SqliteError::at(path, "set up", error);
    // Before the first pragma that writes: a file that is refused must stay as it is.
    migrate::inspect(writer, path)?;
    use_wal(writer, options.busy_timeout).map_err(failed)?;
    writer
        .pragma_update(None, SYNCHRONOUS, "full")
        .map_err(failed)?;
    let journal_mode = pragma_text(writer, JOURNAL_MODE).map_err(failed)?;
    require(path, JOURNAL_MODE, "wal", &journal_mode)?;
    let synchronous: i64 = writer
        .pragma_query_value(None, SYNCHRONOUS, |row| row.get(0))
        .map_err(failed)?;
    require(path, SYNCHRONOUS, "2", &synchronous.to_string())?;
    let schema_version = migrate::run(writer, path)?;
    if let Some(bytes) = options.max_bytes {
        limit_size(writer, bytes).map_err(failed)?;
    }
    Ok(SqliteSettings {
        path: Some(path.into()),
        sqlite_version: rusqlite::version(),
        journal_mode,
        synchronous_full: true,
        schema_version,
    })
}

fn require(
    path: &Path,
    setting: &'static str,
    wanted: &'static str,
    found: &str,
) -> Result<(), SqliteError> {
    if found == wanted {
        return Ok(());
    }
    Err(SqliteError::Setting {
        path: path.into(),
        setting,
        wanted,
        found: found.to_owned(),
    })
}

/// The busy time-out does not cover the change to WAL: when two processes open a new file at once, the later one is
/// told at once that it is busy.
fn use_wal(connection: &Connection, limit: Duration) -> rusqlite::Result<()> {
    let deadline = Instant::now() + limit;
    loop {
        match connection.pragma_update_and_check(None, JOURNAL_MODE, "wal", |_| Ok(())) {
            Err(error)
                if error.sqlite_error_code() == Some(ErrorCode::DatabaseBusy)
                    && Instant::now() < deadline =>
            {
                std::thread::sleep(Duration::from_millis(2));
            }
            outcome => return outcome,
        }
    }
}

fn limit_size(connection: &Connection, bytes: u64) -> rusqlite::Result<()> {
    let page: i64 = connection.pragma_query_value(None, "page_size", |row| row.get(0))?;
    // SQLite takes at most 2^32 - 2 pages, and keeps its present number when asked for fewer.
    let pages = (bytes / page.unsigned_abs().max(1)).clamp(1, 4_294_967_294);
    connection.pragma_update_and_check(None, "max_page_count", pages as i64, |_| Ok(()))
}

fn pragma_text(connection: &Connection, name: &str) -> rusqlite::Result<String> {
    connection.pragma_query_value(None, name, |row| row.get(0))
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use super::{SYNCHRONOUS, SqliteError, require};

    /// No file system that tests can count on makes SQLite refuse a setting.
    #[test]
    fn a_setting_that_was_not_taken_is_named() {
        let path = Path::new("shop.db");
        require(path, SYNCHRONOUS, "2", "2").expect("it was taken");
        let error = require(path, SYNCHRONOUS, "2", "1").expect_err("it was not taken");
        let SqliteError::Setting {
            setting,
            wanted,
            found,
            ..
        } = &error
        else {
            panic!("{error:?}")
        };
        assert_eq!((*setting, *wanted, &**found), ("synchronous", "2", "1"));
        assert!(!error.is_transient());
        assert!(error.to_string().contains("shop.db"), "{error}");
    }
}
