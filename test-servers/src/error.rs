//! What can go wrong with a throwaway server.

use std::io;
use std::path::PathBuf;
use std::process::ExitStatus;
use std::time::Duration;

/// Why a server could not be installed, started, stopped or restarted.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum ServerError {
    /// The server's programs are not on this machine.
    #[error("no {server} found on this machine: {advice}")]
    NotInstalled {
        /// The server that was looked for.
        server: &'static str,
        /// What the reader can do about it.
        advice: &'static str,
    },
    /// The server refuses to run as root, and no other account was found to run it as.
    #[error("{server} does not run as root, and there is no account named {}", accounts.join(" or "))]
    NoAccount {
        /// The server that needs the account.
        server: &'static str,
        /// The accounts that would do.
        accounts: &'static [&'static str],
    },
    /// A file, folder or process could not be worked with.
    #[error("cannot {action}")]
    Io {
        /// What was attempted.
        action: String,
        /// The operating system's answer.
        source: io::Error,
    },
    /// A program ran to its end and reported failure.
    #[error("{program} failed with {status}:\n{output}")]
    CommandFailed {
        /// The program, with the arguments that matter.
        program: String,
        /// How it ended.
        status: ExitStatus,
        /// The end of what it printed.
        output: String,
    },
    /// The server ended before it was ready.
    #[error("{server} ended with {status} before it was ready; the end of its log:\n{log}")]
    EndedEarly {
        /// The server that ended.
        server: &'static str,
        /// How it ended.
        status: ExitStatus,
        /// The end of its log.
        log: String,
    },
    /// The server runs but was not ready in time.
    #[error("{server} was not ready within {} s; the end of its log:\n{log}", limit.as_secs())]
    NotReady {
        /// The server that was waited for.
        server: &'static str,
        /// How long it was waited for.
        limit: Duration,
        /// The end of its log.
        log: String,
    },
    /// No temporary folder can be reached by the account that the server runs as.
    #[error("no temporary folder that the account {account} can reach: tried {}", tried.iter().map(|p| p.display().to_string()).collect::<Vec<_>>().join(", "))]
    NoReachableFolder {
        /// The account that has to reach the folder.
        account: String,
        /// The folders that were tried.
        tried: Vec<PathBuf>,
    },
}

impl ServerError {
    /// Wraps an [`io::Error`] with the action that met it: `.map_err(ServerError::io("read the log"))`.
    pub(crate) fn io(action: impl Into<String>) -> impl FnOnce(io::Error) -> Self {
        let action = action.into();
        move |source| Self::Io { action, source }
    }

    /// The error and its causes in one line, for people.
    pub fn report(&self) -> String {
        let mut text = self.to_string();
        let mut cause = std::error::Error::source(self);
        while let Some(error) = cause {
            text.push_str(": ");
            text.push_str(&error.to_string());
            cause = error.source();
        }
        text
    }
}
