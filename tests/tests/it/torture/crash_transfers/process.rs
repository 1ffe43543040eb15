//! A process that is killed.

use std::collections::HashSet;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::Duration;

use orchestrix::error::BoxError;
use tests::crash_transfers::TransferNode;

/// A process that ends with the test, however that ends.
pub(super) struct Process(Child);

impl Process {
    /// With no requests it is a node for those of others.
    pub(super) fn start(node: &TransferNode, requests: usize) -> Result<Self, BoxError> {
        let child = Command::new(env!("CARGO_BIN_EXE_crash_transfers"))
            .args(node.place.arguments())
            .arg(&node.noted)
            .arg(node.plan.seed.to_string())
            .args([node.lanes.to_string(), requests.to_string()])
            .stdin(Stdio::piped())
            .spawn()?;
        Ok(Self(child))
    }

    /// Waits until it has had so many effects.
    pub(super) async fn comes_on(&mut self, noted: &Path, effects: usize) -> Result<(), BoxError> {
        while noted_in(noted) < effects {
            self.still_runs()?;
            tokio::time::sleep(Duration::from_millis(2)).await;
        }
        Ok(())
    }

    /// It must not have ended before: then nothing was killed.
    pub(super) fn kill(&mut self) -> Result<(), BoxError> {
        self.still_runs()?;
        self.0.kill()?;
        self.0.wait()?;
        Ok(())
    }

    pub(super) fn still_runs(&mut self) -> Result<(), BoxError> {
        match self.0.try_wait()? {
            None => Ok(()),
            Some(status) => Err(format!("the process ended by itself: {status}").into()),
        }
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        // It may have ended already.
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
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
