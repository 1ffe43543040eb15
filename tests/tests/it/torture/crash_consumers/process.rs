//! The process that is killed.

use std::path::Path;
use std::process::Command;

use orchestrix::error::BoxError;
use tests::crash_bank::BankPlace;

use crate::torture::told_process::ToldProcess;

/// It tells of each event that it has had acknowledged.
pub(super) fn start(
    place: &BankPlace,
    acknowledged: &Path,
    handled: &Path,
    seed: u64,
    is_rebuilding: bool,
) -> Result<ToldProcess, BoxError> {
    ToldProcess::start(
        Command::new(env!("CARGO_BIN_EXE_crash_bank"))
            .args(place.arguments())
            .args([acknowledged, handled])
            .arg(seed.to_string())
            .args(is_rebuilding.then_some("rebuilding")),
    )
}
