//! Locks among processes, as locked files beside the database.
//!
//! The kernel releases the lock of a process that dies, however it dies. A file is there only while its lock is held, or
//! after its holder died: whoever releases a lock removes the file first. So whoever has locked a file looks whether its
//! path still leads to it; if not, it was removed between opening and locking, and locks nothing any more.

use std::fs::{File, OpenOptions, TryLockError};
use std::io::{self, ErrorKind};
use std::path::{Path, PathBuf};

use orchestrix::store::LockKey;

use crate::failure::Failure;

/// How often a file is opened again after it was removed by who held it. So often in a row it is as good as held.
const ATTEMPTS: usize = 100;

/// The folder of the locks of one database.
#[derive(Debug, Clone)]
pub(crate) struct LockFolder(PathBuf);

/// A file whose lock is held. Dropping it removes the file and releases the lock.
#[derive(Debug)]
pub(crate) struct LockFile {
    /// Open, for the lock ends when it is closed.
    _file: File,
    pub(crate) identity: Identity,
}

/// A path, and which file it led to.
#[derive(Debug, Clone)]
pub(crate) struct Identity {
    path: PathBuf,
    /// Device and number of the file.
    #[cfg(unix)]
    file: (u64, u64),
}

impl LockFolder {
    /// The folder beside a database that exists. It is made when the first lock is taken.
    pub(crate) fn beside(database: &Path) -> io::Result<Self> {
        // As SQLite does for the files beside it, so that those who come by a link meet the others.
        let mut name = database.canonicalize()?.into_os_string();
        name.push("-locks");
        Ok(Self(name.into()))
    }

    /// Takes the lock if nobody holds it. Blocks for some file calls.
    pub(crate) fn try_lock(&self, key: &LockKey) -> Result<Option<LockFile>, Failure> {
        let path = self.0.join(file_name(key));
        for _ in 0..ATTEMPTS {
            let file = self
                .open(&path)
                .map_err(|error| Failure::lock_file("open", &path, error))?;
            match file.try_lock() {
                Ok(()) => {}
                Err(TryLockError::WouldBlock) => return Ok(None),
                Err(TryLockError::Error(error)) => {
                    return Err(Failure::lock_file("lock", &path, error));
                }
            }
            let identity = Identity::of(&file, &path);
            let looked = identity.and_then(|identity| Ok((identity.is_current()?, identity)));
            match looked {
                Ok((true, identity)) => {
                    return Ok(Some(LockFile {
                        _file: file,
                        identity,
                    }));
                }
                Ok((false, _removed_meanwhile)) => {}
                Err(error) => return Err(Failure::lock_file("look at", &path, error)),
            }
        }
        Ok(None)
    }

    fn open(&self, path: &Path) -> io::Result<File> {
        let open = || {
            let mut options = OpenOptions::new();
            options.create(true).truncate(false).write(true).open(path)
        };
        match open() {
            Err(error) if error.kind() == ErrorKind::NotFound => {
                std::fs::create_dir_all(&self.0)?;
                open()
            }
            opened => opened,
        }
    }
}

impl LockFile {
    /// Releases the lock, and says whether it was held until now.
    pub(crate) fn release(self) -> bool {
        // Where that cannot be found out, the file is left alone, as if it were another one.
        self.identity.is_current().unwrap_or(false)
    }
}

impl Drop for LockFile {
    fn drop(&mut self) {
        self.identity.remove();
    }
}

#[cfg(unix)]
impl Identity {
    fn of(file: &File, path: &Path) -> io::Result<Self> {
        Ok(Self {
            path: path.to_owned(),
            file: number(&file.metadata()?),
        })
    }

    /// Whether the path still leads to the file. It does as long as the lock is held, unless somebody removes the file
    /// who does not hold it.
    pub(crate) fn is_current(&self) -> io::Result<bool> {
        match std::fs::metadata(&self.path) {
            Ok(found) => Ok(number(&found) == self.file),
            Err(error) if error.kind() == ErrorKind::NotFound => Ok(false),
            Err(error) => Err(error),
        }
    }

    /// Before the lock is released. What is left behind where it fails is taken by the next who locks.
    fn remove(&self) {
        if let Ok(true) = self.is_current() {
            let _left_behind = std::fs::remove_file(&self.path);
        }
    }
}

#[cfg(unix)]
fn number(metadata: &std::fs::Metadata) -> (u64, u64) {
    use std::os::unix::fs::MetadataExt;
    (metadata.dev(), metadata.ino())
}

/// Elsewhere the identity of a file cannot be told, so files stay where they are, and paths lead to the same ones.
#[cfg(not(unix))]
impl Identity {
    fn of(_file: &File, path: &Path) -> io::Result<Self> {
        Ok(Self {
            path: path.to_owned(),
        })
    }

    pub(crate) fn is_current(&self) -> io::Result<bool> {
        self.path.try_exists()
    }

    fn remove(&self) {}
}

/// Keys whose names are equal only exclude each other.
fn file_name(key: &LockKey) -> String {
    // Names hold no control characters, so the parts cannot run into each other.
    let parts = [key.tenant().as_str(), "\0", key.name()];
    let bytes = parts.iter().flat_map(|part| part.bytes());
    format!("{:016x}.lock", fnv1a(bytes))
}

/// FNV-1a with 64 bits: the same in every version of this crate, which a hash of the standard library need not be.
fn fnv1a(bytes: impl Iterator<Item = u8>) -> u64 {
    const BASIS: u64 = 0xcbf2_9ce4_8422_2325;
    const PRIME: u64 = 0x0000_0100_0000_01b3;
    bytes.fold(BASIS, |hash, byte| {
        (hash ^ u64::from(byte)).wrapping_mul(PRIME)
    })
}

#[cfg(test)]
mod tests {
    use super::fnv1a;

    #[test]
    fn the_hash_is_fnv_1a() {
        for (text, hash) in [
            ("", 0xcbf2_9ce4_8422_2325),
            ("a", 0xaf63_dc4c_8601_ec8c),
            ("foobar", 0x8594_4171_f739_67e8),
        ] {
            assert_eq!(fnv1a(text.bytes()), hash, "{text}");
        }
    }
}
