//! The command line of the shop.

use std::process::ExitCode;

use clap::Parser as _;
use ordering::cli::Cli;
use ordering::run::run;

#[tokio::main]
async fn main() -> ExitCode {
    match run(Cli::parse().command).await {
        Ok(output) => {
            print!("{output}");
            ExitCode::SUCCESS
        }
        Err(failure) => {
            eprintln!("ordering: {}", failure.message);
            ExitCode::from(failure.exit_code)
        }
    }
}
