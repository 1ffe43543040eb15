//! The command line of the shop.

use std::process::ExitCode;

use clap::Parser as _;
use ordering::cli::Cli;
use ordering::output::{note, print};
use ordering::run::run;

#[tokio::main]
async fn main() -> ExitCode {
    let output = match run(Cli::parse().command).await {
        Ok(output) => output,
        Err(failure) => {
            note(&format!("ordering: {}", failure.message));
            return ExitCode::from(failure.exit_code);
        }
    };
    match print(&output) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            note(&format!("ordering: stdout cannot be written to: {error}"));
            ExitCode::FAILURE
        }
    }
}
