//! Transfers go on where they were, whatever ended the bank before.

use banking::bank::Bank;
use orchestrix::prelude::*;

use crate::counter::{COMPENSATED, COMPLETED, Counter, TestResult};

const TRANSFERS: usize = 60;

/// The accounts are a's, b's and nobody's.
async fn request_all(bank: &mut Counter) -> TestResult {
    bank.open("a", 1_000).await?;
    bank.open("b", 1_000).await?;
    for number in 0..TRANSFERS {
        let (from, to) = match number % 3 {
            0 => ("a", "b"),
            1 => ("b", "a"),
            _ => ("a", "nobody"),
        };
        bank.request(&format!("t{number}"), from, to, 7).await?;
    }
    Ok(())
}

async fn reopened(store: &MemoryStore) -> TestResult<App> {
    Ok(Orchestrix::builder()
        .store(store.clone())
        .module(Bank)
        .start()
        .await?)
}

async fn all_have_ended(store: &MemoryStore) -> TestResult {
    let bank = Counter::over(reopened(store).await?);
    bank.settled().await?;
    for number in 0..TRANSFERS {
        let expected = match number % 3 {
            2 => COMPENSATED,
            _ => COMPLETED,
        };
        assert_eq!(
            bank.status(&format!("t{number}")).await?,
            expected,
            "t{number}"
        );
    }
    for name in ["a", "b"] {
        let account = bank.account(name).await?;
        assert_eq!((account.balance, account.held), (1_000, 0), "{name}");
    }
    bank.app.shutdown().await?;
    Ok(())
}

#[tokio::test]
async fn a_shutdown_in_the_middle_changes_no_outcome() -> TestResult {
    let store = MemoryStore::new();
    let mut bank = Counter::over(reopened(&store).await?);
    request_all(&mut bank).await?;
    bank.app.shutdown().await?;
    all_have_ended(&store).await
}

#[tokio::test]
async fn neither_does_being_dropped_in_the_middle() -> TestResult {
    let store = MemoryStore::new();
    let mut bank = Counter::over(reopened(&store).await?);
    request_all(&mut bank).await?;
    drop(bank);
    all_have_ended(&store).await
}
