//! The temporary folder a server lives in.

use std::fs::{self, Permissions};
use std::os::unix::fs::{PermissionsExt, chown};
use std::path::{Path, PathBuf};

use tempfile::TempDir;

use crate::ServerError;
use crate::account::Account;

/// A temporary folder that is removed with this value. It belongs to us; the server's account may pass through it.
#[derive(Debug)]
pub(crate) struct Scratch {
    folder: TempDir,
}

impl Scratch {
    /// Creates `orchestrix-test-<server>-XXXXXX` where `account` can reach it: in the system's temporary folder
    /// (`TMPDIR`), or where that is private to us, in `/tmp` or `/var/tmp`.
    pub(crate) fn create(server: &str, account: Option<&Account>) -> Result<Self, ServerError> {
        let parent = match account {
            None => std::env::temp_dir(),
            Some(account) => reachable_folder(account)?,
        };
        // Others pass through but cannot list; what is inside carries its own permissions.
        let mode = if account.is_some() { 0o711 } else { 0o700 };
        let folder = tempfile::Builder::new()
            .prefix(&format!("orchestrix-test-{server}-"))
            .permissions(Permissions::from_mode(mode))
            .tempdir_in(&parent)
            .map_err(ServerError::io(format!(
                "create a folder in {}",
                parent.display()
            )))?;
        // The umask may have taken away bits that were asked for.
        fs::set_permissions(folder.path(), Permissions::from_mode(mode)).map_err(
            ServerError::io(format!(
                "set the permissions of {}",
                folder.path().display()
            )),
        )?;
        Ok(Self { folder })
    }

    pub(crate) fn path(&self) -> &Path {
        self.folder.path()
    }

    /// Creates a folder inside that belongs to `account` (to us if there is none) and is closed to everybody else.
    pub(crate) fn create_private(
        &self,
        name: &str,
        account: Option<&Account>,
    ) -> Result<PathBuf, ServerError> {
        let path = self.path().join(name);
        let action = || format!("create {} for the server", path.display());
        fs::create_dir(&path).map_err(ServerError::io(action()))?;
        fs::set_permissions(&path, Permissions::from_mode(0o700))
            .map_err(ServerError::io(action()))?;
        if let Some(account) = account {
            chown(&path, Some(account.uid), Some(account.gid))
                .map_err(ServerError::io(action()))?;
        }
        Ok(path)
    }
}

fn reachable_folder(account: &Account) -> Result<PathBuf, ServerError> {
    let candidates = [
        std::env::temp_dir(),
        PathBuf::from("/tmp"),
        PathBuf::from("/var/tmp"),
    ];
    candidates
        .iter()
        .find(|folder| open_to_everybody(folder))
        .cloned()
        .ok_or_else(|| ServerError::NoReachableFolder {
            account: account.name.clone(),
            tried: candidates.to_vec(),
        })
}

/// Whether every folder on the way, and the folder itself, can be passed through by any account.
fn open_to_everybody(folder: &Path) -> bool {
    let Ok(folder) = folder.canonicalize() else {
        return false;
    };
    folder
        .ancestors()
        .all(|step| fs::metadata(step).is_ok_and(|found| found.permissions().mode() & 0o001 != 0))
}
