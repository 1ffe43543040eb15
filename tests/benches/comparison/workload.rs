//! What is measured: deposits on accounts that have been opened and nothing else.

use std::future::Future;
use std::ops::Range;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

use orchestrix::app::App;
use orchestrix::error::BoxError;
use tokio::runtime::Runtime;

use crate::domain::{Deposit, OpenAccount};
use crate::succeeded;

/// What each deposit brings.
pub(crate) const PENCE: i64 = 5;

/// So many accounts are opened before as many deposits are measured: fewer than the states that an app keeps.
const AT_ONCE: u64 = 8_192;

/// Accounts are opened this many at once, as that is not measured.
const OPENING: u64 = 256;

/// No account is used twice in a run, so every deposit is the second event of its stream. The numbers are equally long.
static NEXT_ACCOUNT: AtomicU64 = AtomicU64::new(1_000_000_000);

/// A way of keeping accounts that is compared with others.
pub(crate) trait Bank: Clone + Send + Sync + 'static {
    /// Opens an account.
    fn open(&self, account: u64) -> impl Future<Output = Result<(), BoxError>> + Send;

    /// Deposits [`PENCE`]: loads the account, decides, appends.
    fn deposit(&self, account: u64) -> impl Future<Output = Result<(), BoxError>> + Send;

    /// One deposit on each account, so many under way at once; how long all of them took.
    fn deposit_on_each(
        &self,
        accounts: Range<u64>,
        in_flight: u64,
    ) -> impl Future<Output = Result<Duration, BoxError>> + Send {
        on_each(self, accounts, in_flight, Step::Deposit)
    }
}

/// What is done with each account.
#[derive(Clone, Copy)]
enum Step {
    Open,
    Deposit,
}

/// How long `rounds` deposits of each of `in_flight` concurrent callers take.
pub(crate) fn measure<B: Bank>(
    runtime: &Runtime,
    rounds: u64,
    in_flight: u64,
    bank: impl AsyncFn() -> Result<B, BoxError>,
) -> Duration {
    succeeded(runtime.block_on(async {
        let mut took = Duration::ZERO;
        let mut left = rounds * in_flight;
        while left > 0 {
            // A multiple of `in_flight`, as that is a power of two.
            let number = left.min(AT_ONCE);
            let first = NEXT_ACCOUNT.fetch_add(number, Ordering::Relaxed);
            let accounts = first..first + number;
            let bank = bank().await?;
            on_each(&bank, accounts.clone(), OPENING, Step::Open).await?;
            took += bank.deposit_on_each(accounts, in_flight).await?;
            left -= number;
        }
        Ok(took)
    }))
}

/// Each of `in_flight` tasks takes its share of the accounts, one after the other.
async fn on_each<B: Bank>(
    bank: &B,
    accounts: Range<u64>,
    in_flight: u64,
    step: Step,
) -> Result<Duration, BoxError> {
    let start = Instant::now();
    let mut tasks = Vec::new();
    for first in accounts.clone().take(in_flight as usize) {
        let share = (first..accounts.end).step_by(in_flight as usize);
        let bank = bank.clone();
        tasks.push(tokio::spawn(async move {
            for account in share {
                match step {
                    Step::Open => bank.open(account).await?,
                    Step::Deposit => bank.deposit(account).await?,
                }
            }
            Ok::<_, BoxError>(())
        }));
    }
    for task in tasks {
        task.await??;
    }
    Ok(start.elapsed())
}

impl Bank for App {
    async fn open(&self, account: u64) -> Result<(), BoxError> {
        self.dispatch(OpenAccount { account }).await?;
        Ok(())
    }

    async fn deposit(&self, account: u64) -> Result<(), BoxError> {
        self.dispatch(Deposit {
            account,
            pence: PENCE,
        })
        .await?;
        Ok(())
    }
}
