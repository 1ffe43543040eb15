//! What is found in a store when all transfers are said to have ended.

use std::collections::BTreeMap;

use banking::domain::{Account, AccountChanged, AccountId, Entry, TransferSaga};
use orchestrix::error::BoxError;
use orchestrix::prelude::*;
use orchestrix::saga::{SagaChange, SagaOutcome};
use orchestrix::store::{EventStore, Filter, GlobalPosition, ReadAll};
use tests::crash_transfers::{ACCOUNTS, TransferPlan};

/// How many sagas have begun and ended, as far as it was looked.
#[derive(Debug, Default)]
pub(super) struct Progress {
    after: GlobalPosition,
    pub(super) started: usize,
    pub(super) ended: usize,
}

impl Progress {
    /// Goes on to the end of the log.
    pub(super) async fn look(&mut self, store: &dyn EventStore) -> Result<(), BoxError> {
        let filter = Filter::all().event_types(["saga.Started", "saga.Ended"]);
        loop {
            let read = ReadAll::after(self.after).filter(filter.clone());
            let page = store.read_all(read).await?;
            for event in &page.events {
                match event.event_type() {
                    "saga.Started" => self.started += 1,
                    _ => self.ended += 1,
                }
            }
            self.after = page.scanned_to;
            if page.at_head {
                return Ok(());
            }
        }
    }
}

/// What a transfer did to accounts, each time with whose account and how much.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Effects {
    pub(super) debits: Vec<(AccountId, i64)>,
    pub(super) credits: Vec<(AccountId, i64)>,
    pub(super) reversals: Vec<(AccountId, i64)>,
    pub(super) settled: Vec<(AccountId, i64)>,
}

/// A transfer that was asked for, and what became of it.
#[derive(Debug, Clone)]
pub(super) struct Found {
    pub(super) asked: TransferSaga,
    /// Whether the seed had its debit, or its credit, refused.
    pub(super) refused: (bool, bool),
    /// How often its history says that it began.
    pub(super) starts: usize,
    /// Each end that its history tells.
    pub(super) ends: Vec<SagaOutcome>,
    pub(super) effects: Effects,
}

/// What was found.
#[derive(Debug, Clone, Default)]
pub(super) struct Evidence {
    /// By key.
    pub(super) transfers: BTreeMap<String, Found>,
    /// What was done for transfers that nobody had asked for.
    pub(super) strangers: BTreeMap<String, Effects>,
    /// What each account has by its events, and the least that it ever had.
    pub(super) counted: BTreeMap<AccountId, (i64, i64)>,
    /// What each account says that it has, and that it holds.
    pub(super) said: BTreeMap<AccountId, (i64, i64)>,
}

impl Evidence {
    /// Looks at the first so many transfers, and at all accounts.
    pub(super) async fn of(app: &App, plan: TransferPlan, count: usize) -> Result<Self, BoxError> {
        let mut evidence = Self::default();
        for number in 0..count {
            let id = TransferPlan::id(number);
            let found = found(app, plan, number).await?;
            evidence.transfers.insert(id, found);
        }
        let mut after = GlobalPosition::START;
        loop {
            let filter = Filter::all().categories(["account"]);
            let page = app
                .store()
                .read_all(ReadAll::after(after).filter(filter))
                .await?;
            for event in &page.events {
                if let Some(changed) = AccountChanged::decode(&event.data) {
                    let account = AccountId::from(event.stream.key().to_owned());
                    evidence.add(account, changed?);
                }
            }
            after = page.scanned_to;
            if page.at_head {
                break;
            }
        }
        for number in 0..ACCOUNTS {
            let account = TransferPlan::account(number);
            let state = app.load::<Account>(&account).await?.state;
            let state = state.ok_or("an account was never opened")?;
            evidence.said.insert(account, (state.balance, state.held));
        }
        Ok(evidence)
    }

    fn add(&mut self, account: AccountId, changed: AccountChanged) {
        type Kind = fn(&mut Effects) -> &mut Vec<(AccountId, i64)>;
        let (entry, sign, kind): (Entry, i64, Kind) = match changed {
            AccountChanged::Deposited(entry) => (entry, 1, |effects| &mut effects.credits),
            AccountChanged::Withdrawn(entry) => (entry, -1, |effects| &mut effects.debits),
            AccountChanged::Reversed(entry) => (entry, 1, |effects| &mut effects.reversals),
            AccountChanged::Settled(entry) => (entry, 0, |effects| &mut effects.settled),
            _ => return,
        };
        let (balance, least) = self.counted.entry(account.clone()).or_default();
        *balance += sign * entry.pence;
        *least = (*least).min(*balance);
        let Some(id) = entry.transfer else { return };
        let id = id.to_string();
        let effects = match self.transfers.get_mut(&id) {
            Some(found) => &mut found.effects,
            None => self.strangers.entry(id).or_default(),
        };
        kind(effects).push((account, entry.pence));
    }
}

async fn found(app: &App, plan: TransferPlan, number: usize) -> Result<Found, BoxError> {
    let id = TransferPlan::id(number);
    let history = app.sagas::<TransferSaga>().history(&id).await?;
    let entries = history.map(|history| history.entries).unwrap_or_default();
    let starts = entries
        .iter()
        .filter(|entry| entry.what == SagaChange::Started);
    let ends = entries.iter().filter_map(|entry| match entry.what {
        SagaChange::Ended { outcome } => Some(outcome),
        _ => None,
    });
    Ok(Found {
        asked: plan.transfer(number),
        refused: (
            plan.is_refused(&id, "debit"),
            plan.is_refused(&id, "credit"),
        ),
        starts: starts.count(),
        ends: ends.collect(),
        effects: Effects::default(),
    })
}
