//! The command line of the bank.

use std::io::Write as _;
use std::process::ExitCode;

use banking::bank::{StoreChoice, open};
use banking::demo::demo;
use clap::{Parser, Subcommand};
use orchestrix::error::{BoxError, chain};

/// A bank whose transfers end in exactly one way.
#[derive(Debug, Parser)]
#[command(name = "banking", version)]
struct Cli {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Open three accounts, transfer money between them, and print balances and what became of each transfer
    Demo {
        /// Where the bank is kept: memory, sqlite:PATH or postgres://URL; it must be empty
        #[arg(long, value_name = "STORE", default_value = "memory")]
        store: StoreChoice,
    },
}

#[tokio::main]
async fn main() -> ExitCode {
    let Command::Demo { store } = Cli::parse().command;
    match run(&store).await {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            // Nobody may be reading.
            let _ = writeln!(std::io::stderr(), "banking: {}", chain(&*error));
            ExitCode::FAILURE
        }
    }
}

async fn run(store: &StoreChoice) -> Result<(), BoxError> {
    let app = open(store).await?;
    let told = demo(&app).await;
    // Also after a failure: the store is closed in order.
    let closed = app.shutdown().await;
    let mut out = std::io::stdout().lock();
    out.write_all(told?.as_bytes())?;
    out.flush()?;
    Ok(closed.map(drop)?)
}
