//! The project's tasks, with everything they need set up: `cargo xtask test`, `cargo xtask bench`.

mod bench_task;
mod children;
mod comparison;
mod interrupts;
mod measurements;
mod stages;
mod table;
mod test_task;
mod workspace;

use std::process::ExitCode;

use clap::{Parser, Subcommand};

use crate::interrupts::Interrupts;

#[derive(Debug, Parser)]
#[command(
    name = "cargo xtask",
    about = "The project's tasks, with everything they need set up"
)]
struct Cli {
    #[command(subcommand)]
    task: Task,
}

#[derive(Debug, Subcommand)]
enum Task {
    /// Run all tests of the workspace against a PostgreSQL server that is set up for them
    #[command(after_help = TEST_HELP)]
    Test(test_task::Arguments),
    /// Run the benchmarks and print each one's ratio to the baseline of its group
    #[command(after_help = BENCH_HELP)]
    Bench(bench_task::Arguments),
}

const TEST_HELP: &str = "\
PostgreSQL, in this order:
  1. the server that ORCHESTRIX_TEST_POSTGRES_URL names, if it is set; its user must be allowed to create databases
  2. a private throwaway server started from installed programs (as the user `postgres` when run by root)
  3. the same after `apt-get install postgresql`, when run by root on a machine with apt (not with --quick)
  4. otherwise the task fails and says what to install (with --quick: tests that need PostgreSQL are skipped)

Environment of the tests:
  ORCHESTRIX_TEST_POSTGRES_URL  set for them by this task
  ORCHESTRIX_QUICK=1            set for them by --quick: short variants, nothing is installed, the longest left out
  ORCHESTRIX_TORTURE=N          passed through: crash and load tests do N times their full work (unset: a tenth)
  CI                            passed through: when it is set, a test that would be skipped fails

Examples:
  cargo xtask test
  cargo xtask test --quick
  cargo xtask test -- -p orchestrix-postgres -- --nocapture
  ORCHESTRIX_TORTURE=1 cargo xtask test -- -p tests";

const BENCH_HELP: &str = "\
The benchmarks get a private PostgreSQL server whose commits wait for the disk, unless ORCHESTRIX_TEST_POSTGRES_URL
names another one. Only benchmarks that ran this time are reported. The baseline of a benchmark is the one whose name
begins with `baseline` in the same group: `baseline_<name>` before `baseline`, with the same parameter before none.

Examples:
  cargo xtask bench
  cargo xtask bench -- dispatch
  cargo xtask bench -- --measurement-time 2 append";

fn main() -> ExitCode {
    let cli = Cli::parse();
    let interrupts = match Interrupts::listen() {
        Ok(interrupts) => interrupts,
        Err(error) => {
            eprintln!("cannot listen for signals: {error}");
            return ExitCode::FAILURE;
        }
    };
    let succeeded = match cli.task {
        Task::Test(arguments) => test_task::run(&arguments, &interrupts),
        Task::Bench(arguments) => bench_task::run(&arguments, &interrupts),
    };
    // Everything that was started is stopped by now.
    match (interrupts.exit_code(), succeeded) {
        (Some(code), _) => ExitCode::from(code),
        (None, true) => ExitCode::SUCCESS,
        (None, false) => ExitCode::FAILURE,
    }
}
