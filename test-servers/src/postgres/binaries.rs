//! Finding an installed PostgreSQL.

use std::fs;
use std::path::{Path, PathBuf};

#[cfg(test)]
mod tests;

/// The oldest major version that is of use: the PostgreSQL store needs 15.
const OLDEST: u32 = 15;

/// Folders that hold one folder per major version, each with the programs in `bin`; the folder's name is what surrounds the
/// version number. Distributions keep them away from `PATH`, since several versions can be installed.
const VERSIONED: &[(&str, &str)] = &[
    ("/usr/lib/postgresql", ""),
    ("/usr", "pgsql-"),
    ("/opt/homebrew/opt", "postgresql@"),
    ("/usr/local/opt", "postgresql@"),
];

/// The programs of one PostgreSQL installation.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Binaries {
    /// Creates a data folder.
    pub initdb: PathBuf,
    /// The server.
    pub postgres: PathBuf,
}

impl Binaries {
    /// The newest installation of version 15 or later in the usual places of distributions, else whatever is in `PATH`.
    pub fn find() -> Option<Self> {
        let mut installed: Vec<(u32, Self)> = VERSIONED
            .iter()
            .flat_map(|(parent, prefix)| Self::versions_in(Path::new(parent), prefix))
            .collect();
        installed.sort_by_key(|(version, _)| *version);
        if let Some((_, newest)) = installed.pop() {
            return Some(newest);
        }
        let path = std::env::var_os("PATH")?;
        std::env::split_paths(&path).find_map(|folder| Self::in_folder(&folder))
    }

    /// Every usable installation `<parent>/<prefix><version>/bin`.
    fn versions_in(parent: &Path, prefix: &str) -> Vec<(u32, Self)> {
        let Ok(entries) = fs::read_dir(parent) else {
            return Vec::new();
        };
        entries
            .flatten()
            .filter_map(|entry| {
                let version: u32 = entry
                    .file_name()
                    .to_str()?
                    .strip_prefix(prefix)?
                    .parse()
                    .ok()?;
                let binaries = Self::in_folder(&entry.path().join("bin"))?;
                (version >= OLDEST).then_some((version, binaries))
            })
            .collect()
    }

    fn in_folder(folder: &Path) -> Option<Self> {
        let found = Self {
            initdb: folder.join("initdb"),
            postgres: folder.join("postgres"),
        };
        (found.initdb.is_file() && found.postgres.is_file()).then_some(found)
    }
}
