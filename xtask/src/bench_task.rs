//! `cargo xtask bench`.

use std::time::SystemTime;

use test_servers::postgres::{Installing, provide};
use test_servers::{Options, POSTGRES_URL_VARIABLE, configured_postgres_url};

use crate::interrupts::Interrupts;
use crate::{children, comparison, measurements, workspace};

#[derive(Debug, clap::Args)]
pub(crate) struct Arguments {
    /// Part of the names of the benchmarks to run, and options of criterion
    #[arg(last = true, value_name = "FILTER")]
    criterion: Vec<String>,
}

/// Runs the task; whether the benchmarks ran and were reported. The server it started has ended when it returns.
pub(crate) fn run(arguments: &Arguments, interrupts: &Interrupts) -> bool {
    match try_run(arguments, interrupts) {
        Ok(()) => true,
        Err(message) => {
            eprintln!("{message}");
            false
        }
    }
}

fn try_run(arguments: &Arguments, interrupts: &Interrupts) -> Result<(), String> {
    let server = match configured_postgres_url() {
        Some(_) => {
            eprintln!(
                "==> PostgreSQL: using the server named by {POSTGRES_URL_VARIABLE}; whether it is durable is its affair"
            );
            None
        }
        None => {
            eprintln!("==> PostgreSQL: starting a private durable server");
            Some(provide(Options::durable(), Installing::Allowed).map_err(|error| error.report())?)
        }
    };

    let results = workspace::target_folder().join("criterion");
    let mut command = workspace::cargo();
    command
        .args(["bench", "-p", "tests"])
        .env("CRITERION_HOME", &results);
    if !arguments.criterion.is_empty() {
        command.arg("--").args(&arguments.criterion);
    }
    if let Some(server) = &server {
        command.env(POSTGRES_URL_VARIABLE, server.url());
    }
    eprintln!("==> benchmarks: cargo bench -p tests");
    let start = SystemTime::now();
    let status = children::run(&mut command, interrupts)?;
    drop(server);
    match status {
        Some(status) if status.success() => {}
        Some(status) if !interrupts.any() => {
            return Err(format!("the benchmarks failed: {status}"));
        }
        _ => return Err("interrupted before all benchmarks had run".to_owned()),
    }

    let measured = measurements::read(&results, start).map_err(|error| error.to_string())?;
    if measured.is_empty() {
        return Err(format!(
            "no benchmark left results in {}",
            results.display()
        ));
    }
    print!("{}", comparison::table(&measured));
    Ok(())
}
