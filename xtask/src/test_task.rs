//! `cargo xtask test`.

use std::process::Command;

use test_servers::postgres::{Installing, provide};
use test_servers::{
    Options, POSTGRES_URL_VARIABLE, Postgres, QUICK_VARIABLE, ServerError, configured_postgres_url,
};

use crate::interrupts::Interrupts;
use crate::stages::{Outcome, Stages};
use crate::{children, workspace};

mod cargo_arguments;

use cargo_arguments::CargoArguments;

/// Tests that a quick run leaves out, by parts of their names: what kills processes or runs a whole suite once more.
const LONG: &[&str] = &[
    "conformance_postgres_rls",
    "import_interrupted",
    "import_killed",
    "import_together",
    "partitioning",
];

#[derive(Debug, clap::Args)]
pub(crate) struct Arguments {
    /// Install nothing, run long tests in their short variants, and leave out the longest
    #[arg(long)]
    quick: bool,
    /// More arguments for `cargo test`; with `-p` only these packages are tested
    #[arg(last = true, value_name = "CARGO TEST ARGUMENTS")]
    cargo: Vec<String>,
}

/// What the tests get to know about PostgreSQL.
enum Database {
    /// A server of somebody else's.
    Configured(String),
    /// A server that ends with this value.
    Own(Box<Postgres>),
    /// None; the tests skip what needs it.
    Skipped,
}

/// Runs the task; whether every stage succeeded. All servers and processes it started have ended when it returns.
pub(crate) fn run(arguments: &Arguments, interrupts: &Interrupts) -> bool {
    let mut stages = Stages::default();
    let mut cargo = CargoArguments::new(&arguments.cargo);
    if arguments.quick {
        cargo = cargo.leaving_out(LONG);
    }
    let database = stages.run("PostgreSQL", describe_set_up(arguments.quick), || {
        set_up(arguments.quick, interrupts)
    });
    match &database {
        Some(database) => {
            let built = cargo.build().is_none_or(|words| {
                cargo_stage(
                    &mut stages,
                    "build",
                    &words,
                    database,
                    arguments,
                    interrupts,
                )
            });
            if built {
                cargo_stage(
                    &mut stages,
                    "tests",
                    &cargo.test(),
                    database,
                    arguments,
                    interrupts,
                );
            } else {
                stages.leave_out("tests");
            }
        }
        None => {
            stages.leave_out("build");
            stages.leave_out("tests");
        }
    }
    drop(database);
    eprint!("\n{}", stages.summary());
    stages.succeeded()
}

fn describe_set_up(quick: bool) -> &'static str {
    match (configured_postgres_url(), quick) {
        (Some(_), _) => "using the server named by ORCHESTRIX_TEST_POSTGRES_URL",
        (None, true) => "starting a private server, if one is installed",
        (None, false) => "starting a private server, after installing it if need be",
    }
}

fn set_up(quick: bool, interrupts: &Interrupts) -> (Outcome, Option<Database>) {
    if let Some(url) = configured_postgres_url() {
        return (Outcome::Passed, Some(Database::Configured(url)));
    }
    let installing = if quick {
        Installing::Never
    } else {
        Installing::Allowed
    };
    match provide(Options::fast(), installing) {
        Ok(_) if interrupts.any() => (Outcome::Interrupted, None),
        Ok(server) => {
            eprintln!("    {}", server.url());
            (Outcome::Passed, Some(Database::Own(Box::new(server))))
        }
        Err(error @ ServerError::NotInstalled { .. }) if quick => {
            eprintln!("SKIP every test that needs PostgreSQL: {}", error.report());
            (Outcome::Skipped(error.report()), Some(Database::Skipped))
        }
        Err(error) => {
            eprintln!("{}", error.report());
            (Outcome::Failed(error.report()), None)
        }
    }
}

/// Runs cargo as one stage; whether it passed.
fn cargo_stage(
    stages: &mut Stages,
    name: &'static str,
    words: &[String],
    database: &Database,
    arguments: &Arguments,
    interrupts: &Interrupts,
) -> bool {
    let mut command = workspace::cargo();
    command.args(words);
    set_environment(&mut command, database, arguments.quick);
    stages.run(name, &format!("cargo {}", words.join(" ")), || {
        let outcome = match children::run(&mut command, interrupts) {
            _ if interrupts.any() => Outcome::Interrupted,
            Ok(Some(status)) if status.success() => Outcome::Passed,
            Ok(Some(status)) => Outcome::Failed(status.to_string()),
            Ok(None) => Outcome::Interrupted,
            Err(message) => {
                eprintln!("{message}");
                Outcome::Failed(message)
            }
        };
        let passed = outcome == Outcome::Passed;
        (outcome, passed)
    })
}

fn set_environment(command: &mut Command, database: &Database, quick: bool) {
    match database {
        Database::Configured(url) => command.env(POSTGRES_URL_VARIABLE, url),
        Database::Own(server) => command.env(POSTGRES_URL_VARIABLE, server.url()),
        Database::Skipped => command.env_remove(POSTGRES_URL_VARIABLE),
    };
    if quick {
        command.env(QUICK_VARIABLE, "1");
    }
}
