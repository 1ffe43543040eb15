//! The process that is killed.

use std::fs;
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::Duration;

use orchestrix::error::BoxError;
use tests::crash_bank::BankPlace;

/// A process that ends with the test, however that ends.
pub(super) struct Process(Child);

impl Process {
    pub(super) fn start(
        place: &BankPlace,
        acknowledged: &Path,
        handled: &Path,
        seed: u64,
        is_rebuilding: bool,
    ) -> Result<Self, BoxError> {
        let child = Command::new(env!("CARGO_BIN_EXE_crash_bank"))
            .args(place.arguments())
            .args([acknowledged, handled])
            .arg(seed.to_string())
            .args(is_rebuilding.then_some("rebuilding"))
            .stdin(Stdio::piped())
            .spawn()?;
        Ok(Self(child))
    }

    /// Waits until it has had so many events acknowledged.
    pub(super) async fn comes_on(
        &mut self,
        acknowledged: &Path,
        events: usize,
    ) -> Result<(), BoxError> {
        loop {
            let text = fs::read(acknowledged).unwrap_or_default();
            if text.iter().filter(|byte| **byte == b'\n').count() >= events {
                return Ok(());
            }
            self.still_runs()?;
            tokio::time::sleep(Duration::from_millis(2)).await;
        }
    }

    /// It must not have ended before: then nothing was killed.
    pub(super) fn kill(&mut self) -> Result<(), BoxError> {
        self.still_runs()?;
        self.0.kill()?;
        self.0.wait()?;
        Ok(())
    }

    fn still_runs(&mut self) -> Result<(), BoxError> {
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
