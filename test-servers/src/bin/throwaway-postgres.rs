//! Starts a throwaway PostgreSQL, prints its URL and its folder, and keeps it until stdin ends or it is interrupted.
//!
//! `throwaway-postgres [--durable] [--frozen]`; with `--frozen` it stands still as soon as it was ready.

use std::io::Write;
use std::process::ExitCode;

use test_servers::{Options, Postgres};

fn main() -> ExitCode {
    let wants = |option: &str| std::env::args().any(|argument| argument == option);
    let options = if wants("--durable") {
        Options::durable()
    } else {
        Options::fast()
    };
    let result = Postgres::start(options)
        .map_err(|error| error.report())
        .and_then(|mut server| {
            if wants("--frozen") {
                server.freeze().map_err(|error| error.report())?;
            }
            let mut out = std::io::stdout().lock();
            writeln!(out, "{}\n{}", server.url(), server.folder().display())
                .and_then(|()| out.flush())
                .and_then(|()| std::io::copy(&mut std::io::stdin().lock(), &mut std::io::sink()))
                .map_err(|error| error.to_string())
        });
    match result {
        Ok(_) => ExitCode::SUCCESS,
        Err(message) => {
            eprintln!("{message}");
            ExitCode::FAILURE
        }
    }
}
