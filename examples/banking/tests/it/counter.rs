//! A bank for a test, on each kind of store, whose money is counted after each scenario.

use std::time::Duration;

use banking::bank::{StoreChoice, open};
use banking::domain::{
    Account, AccountError, AccountId, Deposit, Entry, Open, RequestTransfer, TransferId,
    TransferSaga,
};
use orchestrix::error::BoxError;
use orchestrix::prelude::*;
use orchestrix::saga::{SagaOutcome, SagaStatus};
use orchestrix::store::GlobalPosition;

pub(crate) type TestResult<T = ()> = Result<T, BoxError>;

pub(crate) const COMPLETED: SagaStatus = SagaStatus::Ended(SagaOutcome::Completed);
pub(crate) const COMPENSATED: SagaStatus = SagaStatus::Ended(SagaOutcome::Compensated);

const PATIENCE: Duration = Duration::from_secs(60);

/// A bank, and the accounts that were opened through it.
pub(crate) struct Counter {
    pub(crate) app: App,
    accounts: Vec<String>,
}

/// Runs a scenario in memory and in a SQLite file. Afterwards there must be as much money as it says, all of it on accounts.
pub(crate) async fn on_each_store(
    scenario: impl AsyncFn(&mut Counter) -> TestResult<i64>,
) -> TestResult {
    let folder = tempfile::tempdir()?;
    let file = folder.path().join("bank.db");
    for choice in [StoreChoice::Memory, StoreChoice::Sqlite(file)] {
        let mut counter = Counter::over(open(&choice).await?);
        let expected = scenario(&mut counter).await?;
        assert_eq!(counter.sum().await?, expected, "{choice:?}");
        counter.app.shutdown().await?;
    }
    Ok(())
}

impl Counter {
    pub(crate) fn over(app: App) -> Self {
        let accounts = Vec::new();
        Self { app, accounts }
    }

    /// Opens an account with so much on it.
    pub(crate) async fn open(&mut self, name: &str, pence: i64) -> TestResult {
        self.app.dispatch(Open(account(name))).await?;
        self.accounts.push(name.to_owned());
        if pence > 0 {
            self.app
                .dispatch(Deposit(account(name), cash(pence)))
                .await?;
        }
        Ok(())
    }

    /// Sends a command to an account: what it was refused for, if it was.
    pub(crate) async fn try_to<C>(&self, command: C) -> TestResult<Option<AccountError>>
    where
        C: orchestrix::aggregate::CommandFor<Account, Error = AccountError>,
    {
        match self.app.dispatch(command).await {
            Ok(_) => Ok(None),
            Err(DispatchError::Rejected(error)) => Ok(Some(error)),
            Err(other) => Err(other.into()),
        }
    }

    pub(crate) async fn request(&self, id: &str, from: &str, to: &str, pence: i64) -> TestResult {
        let request = RequestTransfer(TransferId::from(id.to_owned()), what(from, to, pence));
        self.app.dispatch(request).await?;
        Ok(())
    }

    /// Requests a transfer, and waits for how it ends.
    pub(crate) async fn transfer(
        &self,
        id: &str,
        (from, to): (&str, &str),
        pence: i64,
    ) -> TestResult<SagaStatus> {
        self.request(id, from, to, pence).await?;
        self.settled().await?;
        self.status(id).await
    }

    /// Waits until no transfer is under way.
    pub(crate) async fn settled(&self) -> TestResult {
        Ok(self.app.caught_up(GlobalPosition::START, PATIENCE).await?)
    }

    pub(crate) async fn status(&self, id: &str) -> TestResult<SagaStatus> {
        let history = self.app.sagas::<TransferSaga>().history(id).await?;
        Ok(history.ok_or("it was not started")?.status)
    }

    pub(crate) async fn account(&self, name: &str) -> TestResult<Account> {
        let loaded = self.app.load::<Account>(&account(name)).await?;
        Ok(loaded.state.ok_or("it was not opened")?)
    }

    pub(crate) async fn balance(&self, name: &str) -> TestResult<i64> {
        Ok(self.account(name).await?.balance)
    }

    /// What all accounts have; no transfer may be under way.
    pub(crate) async fn sum(&self) -> TestResult<i64> {
        let mut sum = 0_i64;
        for name in &self.accounts {
            let account = self.account(name).await?;
            assert_eq!(account.held, 0, "{name} holds money for a transfer");
            assert!(account.balance >= 0, "{name} is overdrawn");
            sum = sum.checked_add(account.balance).ok_or("too much")?;
        }
        Ok(sum)
    }
}

pub(crate) fn account(name: &str) -> AccountId {
    AccountId::from(name.to_owned())
}

pub(crate) fn cash(pence: i64) -> Entry {
    Entry {
        pence,
        transfer: None,
    }
}

pub(crate) fn for_transfer(pence: i64) -> Entry {
    Entry {
        pence,
        transfer: Some("t".to_owned().into()),
    }
}

pub(crate) fn what(from: &str, to: &str, pence: i64) -> TransferSaga {
    TransferSaga {
        from: account(from),
        to: account(to),
        pence,
    }
}
