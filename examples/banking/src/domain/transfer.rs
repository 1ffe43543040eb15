//! A transfer: debit, credit, complete; where the credit is refused, the debit is reversed.

use orchestrix::prelude::*;

use super::{AccountError, AccountId, Deposit, Entry, Reverse, Settle, Withdraw};

/// A transfer's number.
#[derive(Id, Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct TransferId(String);

/// Money is to be moved.
#[derive(Event, Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct TransferRequested {
    /// The number.
    pub transfer: TransferId,
    /// What is to be moved.
    pub what: TransferSaga,
}

/// Asks for money to be moved.
#[derive(Command, Debug, Clone)]
pub struct RequestTransfer(#[id] pub TransferId, pub TransferSaga);

/// A transfer that was requested. What has become of it is in the history of its saga.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Transfer;

/// A transfer is refused before anything is moved: it would move nothing.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("a transfer moves at least one penny from one account to another")]
pub struct MovesNothing;

#[aggregate]
impl Transfer {
    #[handle]
    fn request(cmd: RequestTransfer) -> Result<TransferRequested, MovesNothing> {
        let RequestTransfer(transfer, what) = cmd;
        match what.pence > 0 && what.from != what.to {
            true => Ok(TransferRequested { transfer, what }),
            false => Err(MovesNothing),
        }
    }

    #[apply]
    fn requested(_: &TransferRequested) -> Self {
        Self
    }
}

/// What moves the money.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct TransferSaga {
    /// Whose money.
    pub from: AccountId,
    /// Who gets it.
    pub to: AccountId,
    /// How much, at least one.
    pub pence: i64,
}

// The failed step itself is not undone, and after a failure that may pass nobody knows whether it had its effect. So
// there are retries enough for hours of trouble: what ends a step is the word of an account.
#[saga(key = transfer, name = "transfer")]
impl TransferSaga {
    #[start]
    fn begin(event: &TransferRequested) -> Self {
        event.what.clone()
    }

    #[step(compensate = reverse, retry(1000))]
    async fn debit(&self, cx: &SagaContext) -> Result<(), DispatchError<AccountError>> {
        let debit = Withdraw(self.from.clone(), self.entry(cx));
        cx.dispatch(debit).await.map(drop)
    }

    #[step(after(debit), retry(1000))]
    async fn credit(&self, cx: &SagaContext) -> Result<(), DispatchError<AccountError>> {
        let credit = Deposit(self.to.clone(), self.entry(cx));
        cx.dispatch(credit).await.map(drop)
    }

    #[step(after(credit), retry(1000))]
    async fn complete(&self, cx: &SagaContext) -> Result<(), DispatchError<AccountError>> {
        let settle = Settle(self.from.clone(), self.entry(cx));
        cx.dispatch(settle).await.map(drop)
    }

    #[compensation(retry(1000))]
    async fn reverse(&self, cx: &SagaContext) -> Result<(), DispatchError<AccountError>> {
        let reverse = Reverse(self.from.clone(), self.entry(cx));
        cx.dispatch(reverse).await.map(drop)
    }

    fn entry(&self, cx: &SagaContext) -> Entry {
        let (pence, transfer) = (self.pence, Some(cx.key().to_owned().into()));
        Entry { pence, transfer }
    }
}
