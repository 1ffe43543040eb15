//! A process that is killed.

use std::collections::HashSet;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use orchestrix::error::BoxError;
use tests::crash_transfers::TransferNode;

use crate::torture::told_process::ToldProcess;

/// It tells of each effect that it has had. With no requests it is a node for those of others.
pub(super) fn start(node: &TransferNode, requests: usize) -> Result<ToldProcess, BoxError> {
    ToldProcess::start(
        Command::new(env!("CARGO_BIN_EXE_crash_transfers"))
            .args(node.place.arguments())
            .arg(&node.noted)
            .arg(node.plan.seed.to_string())
            .args([node.lanes.to_string(), requests.to_string()]),
    )
}

/// How many effects a process has written down.
pub(super) fn noted_in(file: &Path) -> usize {
    let text = fs::read(file).unwrap_or_default();
    text.iter().filter(|byte| **byte == b'\n').count()
}

/// How many commands had their effect by the word of one process, and then again by that of another.
pub(super) fn repeated(files: &[PathBuf]) -> Result<usize, BoxError> {
    let (mut seen, mut repeated) = (HashSet::new(), 0);
    for file in files {
        // Lines that a kill has cut off are keys that no other process writes down.
        let text = fs::read_to_string(file)?;
        let keys: HashSet<String> = text.lines().map(str::to_owned).collect();
        repeated += keys.intersection(&seen).count();
        seen.extend(keys);
    }
    Ok(repeated)
}
