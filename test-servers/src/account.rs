//! The account a server runs as when it refuses to run as root.

use std::fs;
use std::os::unix::process::CommandExt;
use std::process::Command;

use crate::ServerError;

#[cfg(test)]
mod tests;

/// A local account other than root.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Account {
    pub(crate) name: String,
    pub(crate) uid: u32,
    pub(crate) gid: u32,
}

impl Account {
    /// The first of `candidates` that exists, when this process is root; `None` when it is not, and the server can run
    /// as whoever started the tests.
    pub(crate) fn instead_of_root(
        server: &'static str,
        candidates: &'static [&'static str],
    ) -> Result<Option<Self>, ServerError> {
        if !rustix::process::geteuid().is_root() {
            return Ok(None);
        }
        let passwd =
            fs::read_to_string("/etc/passwd").map_err(ServerError::io("read /etc/passwd"))?;
        candidates
            .iter()
            .find_map(|name| Self::find(&passwd, name))
            .map(Some)
            .ok_or(ServerError::NoAccount {
                server,
                accounts: candidates,
            })
    }

    /// The account called `name` in the text of a passwd file; lines that are not accounts are passed over.
    fn find(passwd: &str, name: &str) -> Option<Self> {
        passwd.lines().find_map(|line| {
            let mut fields = line.split(':');
            let found = fields.next()?;
            let (_password, uid, gid) = (fields.next()?, fields.next()?, fields.next()?);
            (found == name).then_some(())?;
            Some(Self {
                name: found.to_owned(),
                uid: uid.parse().ok()?,
                gid: gid.parse().ok()?,
            })
        })
    }

    /// Makes `command` run as this account. The standard library drops the supplementary groups of root by itself.
    pub(crate) fn apply_to(&self, command: &mut Command) {
        command.uid(self.uid).gid(self.gid);
    }
}
