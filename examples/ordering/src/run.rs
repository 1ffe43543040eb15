//! The commands, from arguments to output.

mod fulfilling;

use std::fmt::Write as _;
use std::path::{Path, PathBuf};

use orchestrix::error::chain;
use orchestrix::prelude::*;
use orchestrix::store::GlobalPosition;

use crate::cli::{Command, Import, ReportFormat, ReportOption, StoreChoice};
use crate::demo_log::demo_log;
use crate::import::{Imported, RejectsFile, import};
use crate::interrupt::{Stopped, unless_interrupted};
use crate::log::{Log, LogError};
use crate::output::note;
use crate::progress::{Progress, Sending};
use crate::show::{ShowError, show};
use crate::store::open;
use crate::subscriptions;
use crate::summary::summarize;

/// A command that came to nothing.
#[derive(Debug)]
pub struct Failure {
    /// What to tell, causes included.
    pub message: String,
    /// 1 where the store is to blame, 2 where the input is, 130 and 143 where the process was told to end.
    pub exit_code: u8,
}

impl Failure {
    fn store(error: &dyn std::error::Error) -> Self {
        Self {
            message: chain(error),
            exit_code: 1,
        }
    }

    /// `so_far` says what became of what was under way.
    fn stopped(stopped: &Stopped, so_far: &str) -> Self {
        match stopped {
            Stopped::By(interrupt) => Self {
                message: format!("{stopped}{so_far}"),
                exit_code: interrupt.exit_code(),
            },
            failed => Self::store(failed),
        }
    }

    fn input(error: &dyn std::error::Error) -> Self {
        Self {
            message: chain(error),
            exit_code: 2,
        }
    }
}

impl From<LogError> for Failure {
    fn from(error: LogError) -> Self {
        Self {
            message: chain(&error),
            exit_code: error.exit_code(),
        }
    }
}

/// Carries out a command; gives what belongs on stdout. Notes and progress go to stderr.
///
/// # Errors
///
/// [`Failure`].
pub async fn run(command: Command) -> Result<String, Failure> {
    match command {
        Command::Import(options) => {
            // Nothing is opened or sent before all input has proved good.
            let log = read(&options)?;
            let rejects = open_rejects(&options)?;
            let app = open_shop(&options.store.choice).await?;
            let outcome = import_log(&app, &log, &options, rejects).await;
            close(app, outcome).await
        }
        Command::Report(options) => {
            let app = open_existing(&options.store.choice).await?;
            let outcome = report(&app, GlobalPosition::START, options.report).await;
            close(app, outcome).await
        }
        Command::Subscriptions(options) => {
            let app = open_existing(&options.store.choice).await?;
            let outcome = list_subscriptions(&app, options.report).await;
            close(app, outcome).await
        }
        Command::Fulfil(options) => {
            let app = open_existing(&options.store.choice).await?;
            let outcome = fulfilling::fulfil(&app, &options).await;
            close(app, outcome).await
        }
        Command::Saga(what) => {
            let app = open_existing(&what.store.choice).await?;
            let outcome = fulfilling::history(&app, &what).await;
            close(app, outcome).await
        }
        Command::Demo => demo().await,
        Command::Show(what) => {
            let app = open_existing(&what.store.choice).await?;
            let outcome = show(&app, &what).await.map_err(|error| match error {
                ShowError::BadId { .. } | ShowError::Unknown { .. } | ShowError::NotYet { .. } => {
                    Failure::input(&error)
                }
                error => Failure::store(&error),
            });
            close(app, outcome).await
        }
    }
}

fn read(options: &Import) -> Result<Log, Failure> {
    let reading = Progress::on_terminal().reading();
    let log = Log::read(&options.files, &mut |read| reading.update(read))?;
    drop(reading);
    let invoices = log.invoices.iter();
    let several = invoices.filter(|invoice| invoice.is_from_several_files());
    let several = several.count();
    if several > 0 {
        note(&format!(
            "warning: {several} invoices have rows in more than one file, and were put together; files that hold the same rows must be imported one after the other"
        ));
    }
    Ok(log)
}

async fn open_shop(choice: &StoreChoice) -> Result<App, Failure> {
    open(choice).await.map_err(|error| Failure {
        message: format!("{choice}: {}", chain(&error)),
        exit_code: 1,
    })
}

/// To ask a shop that is not there is a mistake; it must not be answered by making an empty one.
async fn open_existing(choice: &StoreChoice) -> Result<App, Failure> {
    match choice {
        StoreChoice::Sqlite(path) if !path.exists() => Err(Failure {
            message: format!("{choice}: there is no such file; `ordering import` makes it"),
            exit_code: 1,
        }),
        _ => open_shop(choice).await,
    }
}

fn open_rejects(options: &Import) -> Result<Option<RejectsFile>, Failure> {
    let Some(path) = &options.rejects else {
        return Ok(None);
    };
    let store = match &options.store.choice {
        StoreChoice::Sqlite(path) => Some(path),
        StoreChoice::Memory | StoreChoice::Postgres(_) => None,
    };
    let in_use = options.files.iter().chain(store).map(PathBuf::as_path);
    let file = RejectsFile::open(path, in_use).map_err(|error| Failure::input(&error))?;
    Ok(Some(file))
}

async fn import_log(
    app: &App,
    log: &Log,
    options: &Import,
    rejects: Option<RejectsFile>,
) -> Result<String, Failure> {
    let sending = Progress::on_terminal().sending(log.invoices.len() as u64);
    let work = async {
        let position = send(app, log, options.concurrency.into(), &sending).await?;
        let text = report(app, position, options.report).await?;
        if let Some(file) = &rejects {
            let listed = file.write(app, log).await;
            let listed = listed.map_err(|error| Failure::store(&error))?;
            note(&format!(
                "{listed} rejected rows are listed in {}",
                file.path().display()
            ));
        }
        Ok(text)
    };
    match unless_interrupted(work).await {
        Ok(outcome) => outcome,
        Err(stopped) => {
            let kept = match options.store.choice {
                StoreChoice::Memory => "; memory keeps none of them",
                _ => ", which are kept; the same command goes on from there",
            };
            let (done, all) = (sending.done(), log.invoices.len());
            let so_far = format!(" after {done} of {all} invoices{kept}");
            sending.clear();
            Err(Failure::stopped(&stopped, &so_far))
        }
    }
}

/// Gives the position up to which the read models have to see.
async fn send(
    app: &App,
    log: &Log,
    concurrency: usize,
    sending: &Sending,
) -> Result<GlobalPosition, Failure> {
    let imported = import(app, log, concurrency, sending).await;
    sending.clear();
    let imported = imported.map_err(|error| Failure::store(&error))?;
    note(&told(imported));
    Ok(imported.position)
}

/// What an import did, in a line or two.
fn told(imported: Imported) -> String {
    let Imported {
        invoices,
        known,
        different,
        ..
    } = imported;
    let mut text = match (invoices, known) {
        (0, 0) => "nothing to import: the log has no rows".to_owned(),
        (0, known) => format!("nothing new: all {known} invoices had been imported before"),
        (invoices, 0) => format!("{invoices} invoices imported"),
        (invoices, known) => {
            format!("{invoices} invoices imported, {known} had been imported before")
        }
    };
    if different > 0 {
        let _ = write!(
            text,
            "\nwarning: {different} of those had another number of rows then; their rows in these files were not imported"
        );
    }
    text
}

async fn report(
    app: &App,
    position: GlobalPosition,
    options: ReportOption,
) -> Result<String, Failure> {
    let report = summarize(app, position)
        .await
        .map_err(|error| Failure::store(&error))?;
    match options.format {
        ReportFormat::Text => Ok(report.to_text()),
        ReportFormat::Json => {
            let json = report.to_json().map_err(|error| Failure::store(&error))?;
            Ok(json + "\n")
        }
    }
}

async fn list_subscriptions(app: &App, options: ReportOption) -> Result<String, Failure> {
    let all = subscriptions::subscriptions(app).await;
    let all = all.map_err(|error| Failure::store(&error))?;
    match options.format {
        ReportFormat::Text => Ok(subscriptions::to_text(&all)),
        ReportFormat::Json => {
            let json = serde_json::to_string_pretty(&all);
            Ok(json.map_err(|error| Failure::store(&error))? + "\n")
        }
    }
}

/// Ends the app whatever came before, and tells the first thing that went wrong.
async fn close<T>(app: App, outcome: Result<T, Failure>) -> Result<T, Failure> {
    let closed = app.shutdown().await;
    let value = outcome?;
    closed.map_err(|error| Failure::store(&error))?;
    Ok(value)
}

/// A shop in a file of its own, which is removed at the end.
async fn demo() -> Result<String, Failure> {
    let csv = demo_log();
    let log = Log::read_csv(Path::new("demo.csv"), csv.as_bytes())?;
    note(&format!(
        "a generated log of {} rows in {} invoices, into SQLite",
        log.rows,
        log.invoices.len()
    ));
    let folder = tempfile::Builder::new().prefix("ordering-demo-").tempdir();
    let folder = folder.map_err(|error| Failure::store(&error))?;
    let app = open_shop(&StoreChoice::Sqlite(folder.path().join("ordering.db"))).await?;
    let outcome = match unless_interrupted(demo_report(&app, &log)).await {
        Ok(outcome) => outcome,
        Err(stopped) => Err(Failure::stopped(&stopped, "; nothing is left behind")),
    };
    close(app, outcome).await
}

async fn demo_report(app: &App, log: &Log) -> Result<String, Failure> {
    let sending = Progress::on_terminal().sending(log.invoices.len() as u64);
    let position = send(app, log, 64, &sending).await?;
    let format = ReportFormat::Text;
    report(app, position, ReportOption { format }).await
}
