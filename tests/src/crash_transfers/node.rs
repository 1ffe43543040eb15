//! Apps on which transfers run, and those that ask for them.

use std::path::PathBuf;
use std::time::Duration;

use banking::bank::Bank;
use banking::domain::{
    Account, Close, Deposit, Entry, Open, Reactivate, RequestTransfer, Suspend, Transfer,
    TransferId,
};
use futures_util::{TryStreamExt as _, stream};
use orchestrix::app::Config;
use orchestrix::error::BoxError;
use orchestrix::middleware::around;
use orchestrix::prelude::*;
use orchestrix::subscription::Delivery;
use orchestrix_postgres::{PostgresOptions, PostgresStore};
use orchestrix_sqlite::SqliteStore;

use super::{ACCOUNTS, Faults, OPENING_PENCE, TRANSFERS, TransferPlan};
use crate::Notes;
use crate::crash_bank::BankPlace;
use crate::crash_load::Draws;

/// So many sagas run at once in each lane.
const AT_ONCE: usize = 256;
/// So many requests are under way at once.
const REQUESTS: usize = 16;
/// Connections of one node: there are several.
const CONNECTIONS: u32 = 8;
/// The longest that a command waits before its effect, and again after it.
const PAUSE: Duration = Duration::from_millis(20);
/// How long an account is suspended, and how long none is.
const SUSPENDED: Duration = Duration::from_millis(20);

/// A node on which transfers run.
#[derive(Debug, Clone)]
pub struct TransferNode {
    /// Where its data is.
    pub place: BankPlace,
    /// What goes wrong.
    pub plan: TransferPlan,
    /// Where it writes down the commands that had their effect.
    pub noted: PathBuf,
    /// Whether its process [tells](Notes::told) of them.
    pub tells: bool,
    /// How many lanes the saga has; all nodes must have the same number.
    pub lanes: u16,
}

impl TransferNode {
    /// Starts it.
    ///
    /// # Errors
    /// When a file or the store cannot be opened, or the app not be started.
    pub async fn start(&self) -> Result<App, BoxError> {
        let mut config = Config::default();
        config.sagas_at_once = AT_ONCE;
        config.lease_duration = Duration::from_secs(1);
        let mut delivery = Delivery::default();
        delivery.lanes = self.lanes;
        let noted = match self.tells {
            true => Notes::told(&self.noted)?,
            false => Notes::silent(&self.noted)?,
        };
        let faults = Faults::noting_in(noted, self.plan, PAUSE);
        let builder = Orchestrix::builder()
            .isolated()
            .config(config)
            .delivery(TRANSFERS, delivery)
            .dispatch_layer(around(faults));
        let builder = match &self.place {
            BankPlace::Sqlite(file) => builder.store(SqliteStore::open(file).await?),
            BankPlace::Postgres(url) => builder.store(postgres(url).await?),
        };
        Ok(builder.module(Bank).start().await?)
    }
}

/// The bank without its saga: it takes requests, and no part in what the nodes share.
#[derive(Debug)]
struct Requests;

#[module(name = "requests", aggregates(Account, Transfer))]
impl Requests {}

/// An app for requests alone.
///
/// # Errors
/// When the store cannot be opened, or the app not be started.
pub async fn start_requests(place: &BankPlace) -> Result<App, BoxError> {
    let builder = Orchestrix::builder().isolated();
    let builder = match place {
        BankPlace::Sqlite(file) => builder.store(SqliteStore::open(file).await?),
        BankPlace::Postgres(url) => builder.store(postgres(url).await?),
    };
    Ok(builder.module(Requests).start().await?)
}

async fn postgres(url: &str) -> Result<PostgresStore, BoxError> {
    let options = PostgresOptions::new(url).with_max_connections(CONNECTIONS);
    Ok(PostgresStore::connect_with(options).await?)
}

/// Opens the accounts.
///
/// # Errors
/// When a command fails.
pub async fn prepare(app: &App) -> Result<(), BoxError> {
    for number in 0..ACCOUNTS {
        let account = || TransferPlan::account(number);
        app.dispatch(Open(account())).await?;
        if TransferPlan::is_closed(number) {
            app.dispatch(Close(account())).await?;
            continue;
        }
        let entry = Entry {
            pence: OPENING_PENCE,
            transfer: None,
        };
        app.dispatch(Deposit(account(), entry)).await?;
    }
    Ok(())
}

/// Asks for the first so many transfers, but for those that were asked for before.
///
/// # Errors
/// When a request fails.
pub async fn request_all(app: &App, plan: TransferPlan, count: usize) -> Result<(), BoxError> {
    let requests = stream::iter((0..count).map(Ok::<_, BoxError>));
    requests
        .try_for_each_concurrent(REQUESTS, async |number| {
            let id = TransferId::from(TransferPlan::id(number));
            let request = RequestTransfer(id, plan.transfer(number));
            match app.dispatch(request).await {
                Ok(_) | Err(DispatchError::AlreadyExists { .. }) => Ok(()),
                Err(other) => Err(other.into()),
            }
        })
        .await
}

/// Suspends one account after the other, each for a moment: what is refused then is refused for good.
///
/// # Errors
/// When a command fails, other than by the account's own refusal.
pub async fn keep_suspending(app: &App, seed: u64) -> Result<(), BoxError> {
    // A process that was killed may have left some.
    for number in 0..ACCOUNTS {
        unless_refused(
            app.dispatch(Reactivate(TransferPlan::account(number)))
                .await,
        )?;
    }
    let mut draws = Draws::new(seed, u32::MAX);
    loop {
        let number = draws.below(ACCOUNTS);
        let account = || TransferPlan::account(number);
        unless_refused(app.dispatch(Suspend(account())).await)?;
        tokio::time::sleep(SUSPENDED).await;
        unless_refused(app.dispatch(Reactivate(account())).await)?;
        tokio::time::sleep(SUSPENDED).await;
    }
}

fn unless_refused<T, E>(outcome: Result<T, DispatchError<E>>) -> Result<(), BoxError>
where
    E: std::error::Error + Send + Sync + 'static,
{
    match outcome {
        Ok(_) | Err(DispatchError::Rejected(_)) => Ok(()),
        Err(other) => Err(other.into()),
    }
}
