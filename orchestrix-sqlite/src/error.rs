//! Why a store could not be opened.

use std::path::PathBuf;

use orchestrix::error::BoxError;
use rusqlite::ErrorCode;

/// Why a [`SqliteStore`](crate::SqliteStore) could not be opened. Nothing was changed in a file that is refused.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum SqliteError {
    /// An option has a value that makes no sense.
    #[error("the option `{option}` cannot be used: {reason}")]
    Option {
        /// Its name.
        option: &'static str,
        /// What is wrong, and what to give instead.
        reason: &'static str,
    },
    /// The file would be in a folder that is not there.
    #[error("cannot create `{path}`: there is no folder `{folder}`; create it first")]
    MissingFolder {
        /// The file.
        path: PathBuf,
        /// Its folder.
        folder: PathBuf,
    },
    /// The path is a folder.
    #[error("`{path}` is a folder; give the path of a file")]
    IsFolder {
        /// The path.
        path: PathBuf,
    },
    /// The file or its folder cannot be written to.
    #[error(
        "`{path}` cannot be written to; the file and its folder must be writable, for the WAL beside it"
    )]
    ReadOnly {
        /// The file.
        path: PathBuf,
    },
    /// The file holds something else.
    #[error("`{path}` is not an SQLite database; give another path, or move the file away")]
    NotADatabase {
        /// The file.
        path: PathBuf,
    },
    /// An SQLite database, but not one of these.
    #[error(
        "`{path}` is the SQLite database of another application (application id {application_id}, {tables} tables); \
         give another path"
    )]
    ForeignDatabase {
        /// The file.
        path: PathBuf,
        /// What `PRAGMA application_id` says; 0 when nobody set it.
        application_id: i32,
        /// How many tables, indexes and views it has.
        tables: u64,
    },
    /// The file was written by a newer version of this crate.
    #[error(
        "`{path}` has schema {found}, and this version of orchestrix-sqlite knows schemas up to {known}; use a newer \
         version, or a copy of the file from before it was upgraded"
    )]
    NewerSchema {
        /// The file.
        path: PathBuf,
        /// The file's schema.
        found: u32,
        /// The newest known one.
        known: u32,
    },
    /// SQLite did not take a setting that durability rests on.
    #[error(
        "`{path}`: the setting `{setting}` is `{found}` and must be `{wanted}`; is the file on a network drive?"
    )]
    Setting {
        /// The file.
        path: PathBuf,
        /// The name of the pragma.
        setting: &'static str,
        /// What it must be.
        wanted: &'static str,
        /// What it is.
        found: String,
    },
    /// Another process kept the file locked for all of the busy time-out.
    #[error("`{path}` is locked by another process; try again, or raise the busy time-out")]
    Busy {
        /// The file.
        path: PathBuf,
        /// What SQLite said.
        source: BoxError,
    },
    /// The schema could not be brought up to date; the file is as it was.
    #[error("`{path}` could not be migrated to schema {number}")]
    Migration {
        /// The file.
        path: PathBuf,
        /// The migration that failed.
        number: u32,
        /// What SQLite said.
        source: BoxError,
    },
    /// SQLite or the operating system failed.
    #[error("cannot {action} `{path}`")]
    Failed {
        /// What was tried.
        action: &'static str,
        /// The file.
        path: PathBuf,
        /// What SQLite or the operating system said.
        source: BoxError,
    },
}

impl SqliteError {
    /// Whether opening again may succeed without a change to the file or the options.
    pub fn is_transient(&self) -> bool {
        matches!(self, Self::Busy { .. })
    }

    /// The variant that an SQLite error at opening stands for.
    pub(crate) fn at(path: &std::path::Path, action: &'static str, error: rusqlite::Error) -> Self {
        let path = path.to_owned();
        match error.sqlite_error_code() {
            Some(ErrorCode::NotADatabase) => Self::NotADatabase { path },
            Some(ErrorCode::ReadOnly | ErrorCode::PermissionDenied) => Self::ReadOnly { path },
            Some(ErrorCode::DatabaseBusy | ErrorCode::DatabaseLocked) => Self::Busy {
                path,
                source: error.into(),
            },
            _ => Self::Failed {
                action,
                path,
                source: error.into(),
            },
        }
    }
}
