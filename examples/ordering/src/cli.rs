//! The command line.

use std::fmt;
use std::path::PathBuf;
use std::str::FromStr;

use clap::{Args, Parser, Subcommand, ValueEnum};

/// Where a shop is kept when nothing is said.
pub const DEFAULT_STORE: &str = "sqlite:ordering.db";

/// A shop that runs on real invoices.
///
/// Exit codes: 0 done, 1 the store could not be used, 2 wrong usage or bad input, 130 and 143 told to end by Ctrl-C and
/// SIGTERM.
#[derive(Debug, Clone, PartialEq, Eq, Parser)]
#[command(
    name = "ordering",
    version,
    after_help = "\
Examples:
  ordering demo
  ordering import online-retail-2010-12.csv.gz
  ordering import 2010.csv.xz 2011.csv.xz --store postgres://localhost/shop --concurrency 128
  ordering report --report json
  ordering fulfil --stock 1000
  ordering saga 536365
  ordering show customer 17850 --at 3
  ordering subscriptions"
)]
pub struct Cli {
    /// What to do.
    #[command(subcommand)]
    pub command: Command,
}

/// What to do.
#[derive(Debug, Clone, PartialEq, Eq, Subcommand)]
pub enum Command {
    /// Read invoice logs, send their orders and returns, and print the report
    ///
    /// All files are read and checked before anything is sent. What was imported before is
    /// recognised and not counted again, so that an interrupted import is completed by the same
    /// command.
    #[command(after_help = "\
Examples:
  ordering import online-retail.csv.xz
  ordering import log.csv --store sqlite:/tmp/shop.db --rejects rejected.csv --report json")]
    Import(Import),

    /// Print the report of everything that was imported
    #[command(after_help = "\
Examples:
  ordering report
  ordering report --store postgres://localhost/shop --report json")]
    Report(ReportCommand),

    /// Fulfil what was imported: each order is reserved, paid and sent, or cancelled; then print what it came to
    ///
    /// Every stock code that was sold opens with N units, and nothing comes in after that. Orders are reserved in the
    /// log's order, those of which no row was rejected; one that needs more than is left is cancelled. Payments and
    /// parcels are simulated. A run that was cut off is completed by the same command.
    #[command(after_help = "\
Examples:
  ordering fulfil --stock 1000
  ordering fulfil --stock 1000 --store sqlite:/tmp/shop.db --report json")]
    Fulfil(Fulfil),

    /// Show what happened when an order was fulfilled, with times, and the outcome
    #[command(after_help = "\
Examples:
  ordering saga 536365
  ordering saga 536365 --store postgres://localhost/shop")]
    Saga(SagaCommand),

    /// Generate a small invoice log, import it and print the report
    Demo,

    /// Show the state of a customer or an order, now or at an earlier version, and its events
    #[command(after_help = "\
Examples:
  ordering show customer 17850
  ordering show order 536365 --at 1 --store sqlite:shop.db")]
    Show(Show),

    /// List the subscriptions that keep the read models: what each is doing, and how far it is behind
    ///
    /// The command takes part while it runs: where nobody else does, it brings the read models up to
    /// date itself, for ten seconds at most.
    #[command(after_help = "\
Examples:
  ordering subscriptions
  ordering subscriptions --store postgres://localhost/shop --report json")]
    Subscriptions(ReportCommand),
}

/// `ordering import`.
#[derive(Debug, Clone, PartialEq, Eq, Args)]
pub struct Import {
    /// Invoice logs: .csv, .csv.gz or .csv.xz in the layout of the Online Retail data set
    #[arg(value_name = "FILE", required = true)]
    pub files: Vec<PathBuf>,

    /// The store to import into.
    #[command(flatten)]
    pub store: StoreOption,

    /// How many commands are under way at the same time, 1 to 4096
    #[arg(long, value_name = "N", default_value_t = 64,
          value_parser = clap::value_parser!(u16).range(1..=4096))]
    pub concurrency: u16,

    /// How the report is printed.
    #[command(flatten)]
    pub report: ReportOption,

    /// Write every rejected row with its line and reason to this file
    #[arg(long, value_name = "FILE")]
    pub rejects: Option<PathBuf>,
}

/// `ordering report` and `ordering subscriptions`.
#[derive(Debug, Clone, PartialEq, Eq, Args)]
pub struct ReportCommand {
    /// The store to report on.
    #[command(flatten)]
    pub store: StoreOption,

    /// How the report is printed.
    #[command(flatten)]
    pub report: ReportOption,
}

/// `ordering fulfil`.
#[derive(Debug, Clone, PartialEq, Eq, Args)]
pub struct Fulfil {
    /// How many units of each stock code there are at the beginning, 0 to 1000000000
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u32).range(0..=1_000_000_000))]
    pub stock: u32,

    /// The store to fulfil.
    #[command(flatten)]
    pub store: StoreOption,

    /// How the report is printed.
    #[command(flatten)]
    pub report: ReportOption,
}

/// `ordering saga`.
#[derive(Debug, Clone, PartialEq, Eq, Args)]
pub struct SagaCommand {
    /// The number of the order
    pub id: String,

    /// The store to look into.
    #[command(flatten)]
    pub store: StoreOption,
}

/// `ordering show`.
#[derive(Debug, Clone, PartialEq, Eq, Args)]
pub struct Show {
    /// What to show
    #[arg(value_enum)]
    pub subject: Subject,

    /// The customer's or the invoice's number
    pub id: String,

    /// Show the state right after this version instead of the newest
    #[arg(long, value_name = "VERSION", value_parser = clap::value_parser!(u64).range(1..))]
    pub at: Option<u64>,

    /// The store to look into.
    #[command(flatten)]
    pub store: StoreOption,
}

/// What `ordering show` shows.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum Subject {
    /// A customer: what they bought and returned
    Customer,
    /// An order: its lines
    Order,
}

/// `--store`.
#[derive(Debug, Clone, PartialEq, Eq, Args)]
pub struct StoreOption {
    /// Where the shop is kept: memory, sqlite:PATH or postgres://URL
    #[arg(long = "store", value_name = "STORE", default_value = DEFAULT_STORE)]
    pub choice: StoreChoice,
}

/// `--report`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Args)]
pub struct ReportOption {
    /// How the report is printed
    #[arg(long = "report", value_name = "FORMAT", value_enum, default_value_t = ReportFormat::Text)]
    pub format: ReportFormat,
}

/// How a report is printed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum ReportFormat {
    /// Aligned columns for people
    Text,
    /// JSON
    Json,
}

/// Where a shop is kept.
#[derive(Clone, PartialEq, Eq)]
pub enum StoreChoice {
    /// In this process only.
    Memory,
    /// In the SQLite file at this path.
    Sqlite(PathBuf),
    /// In the PostgreSQL database at this URL, which may hold a password.
    Postgres(String),
}

impl FromStr for StoreChoice {
    type Err = UnknownStore;

    fn from_str(text: &str) -> Result<Self, UnknownStore> {
        if text == "memory" {
            return Ok(Self::Memory);
        }
        if let Some(path) = text.strip_prefix("sqlite:") {
            return match path {
                "" => Err(UnknownStore::WithoutPath),
                path => Ok(Self::Sqlite(path.into())),
            };
        }
        if ["postgres://", "postgresql://"]
            .iter()
            .any(|scheme| text.len() > scheme.len() && text.starts_with(scheme))
        {
            return Ok(Self::Postgres(text.to_owned()));
        }
        Err(UnknownStore::Unknown)
    }
}

/// Shown as it is given, but for the password of a URL.
impl fmt::Display for StoreChoice {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Memory => f.write_str("memory"),
            Self::Sqlite(path) => write!(f, "sqlite:{}", path.display()),
            Self::Postgres(url) => f.write_str(&without_password(url)),
        }
    }
}

/// As [`Display`](fmt::Display): a debug print must not tell the password either.
impl fmt::Debug for StoreChoice {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "StoreChoice({self})")
    }
}

/// A text that names no store.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum UnknownStore {
    /// `sqlite:` with nothing behind it.
    #[error("sqlite: needs the path of a file, such as {DEFAULT_STORE}")]
    WithoutPath,
    /// None of the three forms.
    #[error("expected memory, sqlite:PATH (such as {DEFAULT_STORE}) or postgres://URL")]
    Unknown,
}

/// The URL with `***` for the password in its authority or its parameters.
fn without_password(url: &str) -> String {
    let (address, parameters) = match url.split_once('?') {
        Some((address, parameters)) => (address, Some(parameters)),
        None => (url, None),
    };
    let mut shown = hide_in_authority(address);
    for (index, parameter) in parameters.iter().flat_map(|all| all.split('&')).enumerate() {
        shown.push(if index == 0 { '?' } else { '&' });
        match parameter.split_once('=') {
            Some((name, _)) if name.contains("password") => {
                shown.push_str(name);
                shown.push_str("=***");
            }
            _ => shown.push_str(parameter),
        }
    }
    shown
}

fn hide_in_authority(address: &str) -> String {
    let hidden = || {
        let (scheme, rest) = address.split_once("://")?;
        // A password may hold an unescaped `@` or `/`: everything up to the last `@` is hidden.
        let (credentials, place) = rest.rsplit_once('@')?;
        let (user, _) = credentials.split_once(':')?;
        Some(format!("{scheme}://{user}:***@{place}"))
    };
    hidden().unwrap_or_else(|| address.to_owned())
}
