//! Starts a throwaway PostgreSQL, prints its URL and its folder, and keeps it until stdin ends or it is interrupted.
//!
//! `throwaway-postgres [--durable]`

use std::io::Write;
use std::process::ExitCode;

use test_servers::{Options, Postgres};

fn main() -> ExitCode {
    let options = if std::env::args().any(|argument| argument == "--durable") {
        Options::durable()
    } else {
        Options::fast()
    };
    let result = Postgres::start(options)
        .map_err(|error| error.report())
        .and_then(|server| {
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
