//! `banking demo`: three accounts, three transfers, and what became of them.

use std::fmt::{self, Write as _};
use std::time::Duration;

use orchestrix::app::ViewError;
use orchestrix::prelude::*;
use orchestrix::saga::{SagaError, SagaHistory};
use orchestrix::store::GlobalPosition;

use crate::domain::{
    Account, AccountError, AccountId, Close, Deposit, Entry, MovesNothing, Open, RequestTransfer,
    TransferId, TransferSaga,
};

/// Who has how much at the beginning, in pence.
const ACCOUNTS: [(&str, i64); 3] = [("alice", 1_000), ("bob", 500), ("carol", 0)];
/// From whom to whom goes how much. The second one asks for more than there is; carol has closed her account.
const TRANSFERS: [(&str, &str, i64); 3] = [
    ("alice", "bob", 250),
    ("alice", "bob", 5_000),
    ("bob", "carol", 100),
];
/// How long the transfers may take.
const PATIENCE: Duration = Duration::from_secs(60);

/// Runs the demo on an empty store; gives what it prints.
///
/// # Errors
/// [`DemoError`]
pub async fn demo(app: &App) -> Result<String, DemoError> {
    for (name, pence) in ACCOUNTS {
        app.dispatch(Open(account(name))).await?;
        if pence > 0 {
            let entry = Entry {
                pence,
                transfer: None,
            };
            app.dispatch(Deposit(account(name), entry)).await?;
        }
    }
    app.dispatch(Close(account("carol"))).await?;
    let mut text = String::new();
    balances(app, &mut text, "before").await?;
    for (number, (from, to, pence)) in TRANSFERS.into_iter().enumerate() {
        let id = format!("t{}", number + 1);
        let what = TransferSaga {
            from: account(from),
            to: account(to),
            pence,
        };
        let request = RequestTransfer(TransferId::from(id.clone()), what);
        app.dispatch(request).await?;
        app.caught_up(GlobalPosition::START, PATIENCE).await?;
        let history = app.sagas::<TransferSaga>().history(&id).await?;
        let history = history.ok_or(DemoError::NotStarted)?;
        let title = format!("\ntransfer {id}: {pence} from {from} to {to}\n");
        text.push_str(&title);
        tell(&mut text, &history)?;
        balances(app, &mut text, "after").await?;
    }
    Ok(text)
}

fn account(name: &str) -> AccountId {
    AccountId::from(name.to_owned())
}

async fn balances(app: &App, text: &mut String, when: &str) -> Result<(), DemoError> {
    let (mut line, mut sum) = (format!("{when}:"), 0_i64);
    for (name, _) in ACCOUNTS {
        let loaded = app.load::<Account>(&account(name)).await?;
        let balance = loaded.state.map_or(0, |account| account.balance);
        write!(line, " {name} {balance},")?;
        sum = sum.checked_add(balance).ok_or(DemoError::Uncountable)?;
    }
    Ok(writeln!(text, "{line} sum {sum}")?)
}

fn tell(text: &mut String, history: &SagaHistory) -> fmt::Result {
    for entry in &history.entries {
        writeln!(text, "  {} {}", entry.at.strftime("%H:%M:%S"), entry.what)?;
    }
    writeln!(text, "  outcome: {}", history.status)
}

/// Why the demo came to nothing.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum DemoError {
    /// An account refused, as it does where the demo ran in the store before.
    #[error(transparent)]
    Account(#[from] DispatchError<AccountError>),
    /// An account could not be opened: it is there already where the demo ran in the store before.
    #[error(transparent)]
    Open(#[from] DispatchError<std::convert::Infallible>),
    /// A transfer was refused.
    #[error(transparent)]
    Transfer(#[from] DispatchError<MovesNothing>),
    /// The transfers did not come to an end.
    #[error("the transfers did not come to an end")]
    Unfinished(#[from] ViewError),
    /// The history of a transfer could not be read.
    #[error(transparent)]
    History(#[from] SagaError),
    /// An account could not be read.
    #[error(transparent)]
    Load(#[from] orchestrix::aggregate::LoadError),
    /// A transfer that was requested has no history.
    #[error("a transfer was requested, and not started")]
    NotStarted,
    /// The sum of all balances is out of range.
    #[error("the balances are more than can be counted")]
    Uncountable,
    /// The text could not be put together.
    #[error(transparent)]
    Text(#[from] fmt::Error),
}
