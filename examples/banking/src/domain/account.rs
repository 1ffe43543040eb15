//! An account, from opened to closed.

use orchestrix::prelude::*;

use super::TransferId;

/// An account's number.
#[derive(Id, Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct AccountId(String);

/// Money that comes in or goes out.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Entry {
    /// How much, at least one.
    pub pence: i64,
    /// The transfer that moves it, if one does.
    pub transfer: Option<TransferId>,
}

/// An account was opened, with nothing on it.
#[derive(Event, Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct AccountOpened;

/// What happens to an account.
#[derive(Event, Debug, Clone, PartialEq, Serialize, Deserialize)]
pub enum AccountChanged {
    /// Money came in.
    Deposited(Entry),
    /// Money went out; for a transfer it is held until that has ended.
    Withdrawn(Entry),
    /// What was held for a transfer is back.
    Reversed(Entry),
    /// What was held for a transfer is gone for good.
    Settled(Entry),
    /// Nothing comes in or goes out until it is reactivated.
    Suspended,
    /// It is as before it was suspended.
    Reactivated,
    /// Nothing comes in or goes out any more.
    Closed,
}

/// Opens an account.
#[derive(Command, Debug, Clone)]
pub struct Open(#[id] pub AccountId);

/// Brings in money.
#[derive(Command, Debug, Clone)]
pub struct Deposit(#[id] pub AccountId, pub Entry);

/// Takes out money that is there.
#[derive(Command, Debug, Clone)]
pub struct Withdraw(#[id] pub AccountId, pub Entry);

/// Gives back what is held for a transfer, also where the account is suspended.
#[derive(Command, Debug, Clone)]
pub struct Reverse(#[id] pub AccountId, pub Entry);

/// Lets go of what is held for a transfer, also where the account is suspended.
#[derive(Command, Debug, Clone)]
pub struct Settle(#[id] pub AccountId, pub Entry);

/// Lets nothing come in or go out for a while.
#[derive(Command, Debug, Clone)]
pub struct Suspend(#[id] pub AccountId);

/// Ends a suspension.
#[derive(Command, Debug, Clone)]
pub struct Reactivate(#[id] pub AccountId);

/// Closes an account that has nothing on it and holds nothing.
#[derive(Command, Debug, Clone)]
pub struct Close(#[id] pub AccountId);

/// Whether money may come in and go out.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Status {
    /// It may.
    #[default]
    Active,
    /// Not for now.
    Suspended,
    /// Not any more.
    Closed,
}

/// An account.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Account {
    /// What can be taken out, in pence; never below zero.
    pub balance: i64,
    /// What was taken out for transfers that have not ended, in pence; never below zero.
    pub held: i64,
    /// Whether money may come in and go out.
    pub status: Status,
}

/// Why an account refuses.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum AccountError {
    /// Its status does not allow it.
    #[error("the account is {}", format!("{:?}", .0).to_lowercase())]
    Is(Status),
    /// An amount that is none.
    #[error("an amount is at least one penny")]
    NotPositive,
    /// More is asked for than there is.
    #[error("the account has {0} pence only")]
    Overdrawn(i64),
    /// More comes in than can be counted.
    #[error("the account has {0} pence already, and cannot have so much more")]
    TooMuch(i64),
    /// More is to be reversed or settled than is held.
    #[error("the account holds {0} pence for transfers only")]
    NotHeld(i64),
    /// It has something on it, or holds something.
    #[error("the account has {0} pence, those held for transfers among them")]
    NotEmpty(i64),
}

#[aggregate]
impl Account {
    #[handle]
    fn open(_: Open) -> AccountOpened {
        AccountOpened
    }

    #[handle]
    fn deposit(&self, Deposit(_, entry): Deposit) -> Result<AccountChanged, AccountError> {
        self.moves(&entry)?;
        // What is held has room on top: it may come back.
        let sum = (self.balance + self.held).checked_add(entry.pence);
        ensure(sum.is_some(), AccountError::TooMuch(self.balance))?;
        Ok(AccountChanged::Deposited(entry))
    }

    #[handle]
    fn withdraw(&self, Withdraw(_, entry): Withdraw) -> Result<AccountChanged, AccountError> {
        self.moves(&entry)?;
        let left = self.balance.checked_sub(entry.pence);
        ensure(left >= Some(0), AccountError::Overdrawn(self.balance))?;
        Ok(AccountChanged::Withdrawn(entry))
    }

    #[handle]
    fn reverse(&self, Reverse(_, entry): Reverse) -> Result<AccountChanged, AccountError> {
        self.holds(entry).map(AccountChanged::Reversed)
    }

    #[handle]
    fn settle(&self, Settle(_, entry): Settle) -> Result<AccountChanged, AccountError> {
        self.holds(entry).map(AccountChanged::Settled)
    }

    #[handle]
    fn suspend(&self, _: Suspend) -> Result<AccountChanged, AccountError> {
        self.is(Status::Active).map(|()| AccountChanged::Suspended)
    }

    #[handle]
    fn reactivate(&self, _: Reactivate) -> Result<AccountChanged, AccountError> {
        self.is(Status::Suspended)?;
        Ok(AccountChanged::Reactivated)
    }

    #[handle]
    fn close(&self, _: Close) -> Result<AccountChanged, AccountError> {
        self.is(Status::Active)?;
        let left = self.balance + self.held;
        ensure(left == 0, AccountError::NotEmpty(left))?;
        Ok(AccountChanged::Closed)
    }

    #[apply]
    fn opened(_: &AccountOpened) -> Self {
        Self::default()
    }

    // The handlers have seen to it that `balance` and `held` are not below zero, and that their sum has room.
    #[apply]
    fn changed(&mut self, event: &AccountChanged) {
        match event {
            AccountChanged::Deposited(entry) => self.balance += entry.pence,
            AccountChanged::Withdrawn(entry) if entry.transfer.is_some() => self.hold(entry.pence),
            AccountChanged::Withdrawn(entry) => self.balance -= entry.pence,
            AccountChanged::Reversed(entry) => self.hold(-entry.pence),
            AccountChanged::Settled(entry) => self.held -= entry.pence,
            AccountChanged::Suspended => self.status = Status::Suspended,
            AccountChanged::Reactivated => self.status = Status::Active,
            AccountChanged::Closed => self.status = Status::Closed,
        }
    }

    fn hold(&mut self, pence: i64) {
        self.balance -= pence;
        self.held += pence;
    }

    fn is(&self, status: Status) -> Result<(), AccountError> {
        ensure(self.status == status, AccountError::Is(self.status))
    }

    fn moves(&self, entry: &Entry) -> Result<(), AccountError> {
        self.is(Status::Active)?;
        ensure(entry.pence > 0, AccountError::NotPositive)
    }

    fn holds(&self, entry: Entry) -> Result<Entry, AccountError> {
        let is_held = (1..=self.held).contains(&entry.pence);
        ensure(is_held, AccountError::NotHeld(self.held)).map(|()| entry)
    }
}

fn ensure(is_so: bool, otherwise: AccountError) -> Result<(), AccountError> {
    is_so.then_some(()).ok_or(otherwise)
}
