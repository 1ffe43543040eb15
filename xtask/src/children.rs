//! Running cargo so that nothing of it stays behind.

use std::os::unix::process::CommandExt;
use std::process::{Command, ExitStatus, Stdio};

use test_servers::{Guardian, Signal, Target};

use crate::interrupts::Interrupts;

/// Runs `command` to its end in a process group of its own; `None` if the task was interrupted before it could start.
///
/// The group is ended when this process gets a signal, when it panics, and, by a guardian, when it is killed.
pub(crate) fn run(
    command: &mut Command,
    interrupts: &Interrupts,
) -> Result<Option<ExitStatus>, String> {
    let mut guardian = Guardian::start(None).map_err(|error| error.report())?;
    command.process_group(0).stdin(Stdio::null());
    let program = command.get_program().display().to_string();
    let cannot = |what: &str, error: std::io::Error| format!("cannot {what} {program}: {error}");
    let Some((mut child, group)) = interrupts
        .start_group(|| command.spawn())
        .map_err(|error| cannot("run", error))?
    else {
        return Ok(None);
    };
    let target = Target::Group(group.leader());
    let watched = guardian.watch(target, Signal::TERM);
    let status = child.wait().map_err(|error| cannot("wait for", error));
    drop(group);
    watched
        .and_then(|()| guardian.forget(target))
        .map_err(|error| error.report())?;
    status.map(Some)
}
