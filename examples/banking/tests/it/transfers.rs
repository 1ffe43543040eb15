//! How transfers end, and that no money is made or lost by them.

use banking::domain::{Close, Suspend, TransferSaga, Withdraw};
use orchestrix::saga::{SagaChange, SagaError};

use crate::counter::{COMPENSATED, COMPLETED, TestResult, account, cash, on_each_store, what};

#[tokio::test]
async fn money_is_moved() -> TestResult {
    on_each_store(async |bank| {
        bank.open("alice", 1_000).await?;
        bank.open("bob", 500).await?;
        assert_eq!(bank.transfer("t1", ("alice", "bob"), 250).await?, COMPLETED);
        assert_eq!(bank.balance("alice").await?, 750);
        assert_eq!(bank.balance("bob").await?, 750);
        // All of it can be moved, and the account then closed.
        assert_eq!(bank.transfer("t2", ("alice", "bob"), 750).await?, COMPLETED);
        assert_eq!(bank.try_to(Close(account("alice"))).await?, None);
        Ok(1_500)
    })
    .await
}

#[tokio::test]
async fn more_than_there_is_moves_nothing() -> TestResult {
    on_each_store(async |bank| {
        bank.open("alice", 750).await?;
        bank.open("bob", 750).await?;
        assert_eq!(
            bank.transfer("t", ("alice", "bob"), 751).await?,
            COMPENSATED
        );
        assert_eq!(bank.balance("alice").await?, 750);
        assert_eq!(bank.balance("bob").await?, 750);
        assert_eq!(undone(bank, "t").await?, 0, "there was nothing to undo");
        Ok(1_500)
    })
    .await
}

#[tokio::test]
async fn a_credit_that_is_refused_is_reversed() -> TestResult {
    on_each_store(async |bank| {
        bank.open("alice", 1_000).await?;
        bank.open("closed", 0).await?;
        bank.open("suspended", 5).await?;
        bank.open("full", i64::MAX - 999).await?;
        bank.try_to(Close(account("closed"))).await?;
        bank.try_to(Suspend(account("suspended"))).await?;
        for to in ["closed", "suspended", "missing"] {
            let ended = bank.transfer(to, ("alice", to), 250).await?;
            assert_eq!(ended, COMPENSATED, "{to}");
            assert_eq!(undone(bank, to).await?, 1, "{to}");
            assert_eq!(bank.balance("alice").await?, 1_000, "{to}");
        }
        // So is one for which there is no room.
        let ended = bank.transfer("full", ("alice", "full"), 1_000).await?;
        assert_eq!(ended, COMPENSATED);
        assert_eq!(bank.balance("suspended").await?, 5);
        // With what is left on it there is more than can be counted in one sum.
        bank.try_to(Withdraw(account("full"), cash(i64::MAX - 999)))
            .await?;
        Ok(1_005)
    })
    .await
}

#[tokio::test]
async fn a_debit_that_is_refused_moves_nothing() -> TestResult {
    on_each_store(async |bank| {
        bank.open("bob", 500).await?;
        bank.open("closed", 0).await?;
        bank.open("suspended", 100).await?;
        bank.try_to(Close(account("closed"))).await?;
        bank.try_to(Suspend(account("suspended"))).await?;
        for from in ["closed", "suspended", "missing"] {
            let ended = bank.transfer(from, (from, "bob"), 100).await?;
            assert_eq!(ended, COMPENSATED, "{from}");
            assert_eq!(bank.balance("bob").await?, 500, "{from}");
        }
        Ok(600)
    })
    .await
}

#[tokio::test]
async fn what_would_move_nothing_is_no_transfer() -> TestResult {
    on_each_store(async |bank| {
        bank.open("alice", 100).await?;
        bank.open("bob", 0).await?;
        for (to, pence) in [("alice", 1), ("bob", 0), ("bob", -1)] {
            let refused = bank.request("t", "alice", to, pence).await;
            let told = refused.map_err(|error| error.to_string());
            let expected = "a transfer moves at least one penny from one account to another";
            assert_eq!(told, Err(expected.to_owned()));
        }
        assert!(
            bank.app
                .sagas::<TransferSaga>()
                .history("t")
                .await?
                .is_none()
        );
        // The number is still free, and then taken.
        assert_eq!(bank.transfer("t", ("alice", "bob"), 1).await?, COMPLETED);
        assert!(bank.request("t", "alice", "bob", 1).await.is_err());
        bank.settled().await?;
        assert_eq!(bank.balance("bob").await?, 1);
        Ok(100)
    })
    .await
}

#[tokio::test]
async fn a_transfer_can_be_started_by_hand_once() -> TestResult {
    on_each_store(async |bank| {
        bank.open("alice", 100).await?;
        bank.open("bob", 0).await?;
        let start = || bank.app.sagas().start("t", what("alice", "bob", 30));
        start().await?;
        bank.settled().await?;
        assert_eq!(bank.status("t").await?, COMPLETED);
        let again = start().await;
        assert!(
            matches!(again, Err(SagaError::AlreadyExists { .. })),
            "{again:?}"
        );
        // A request under its number starts nothing either.
        assert_eq!(bank.transfer("t", ("bob", "alice"), 30).await?, COMPLETED);
        assert_eq!(bank.balance("bob").await?, 30);
        Ok(100)
    })
    .await
}

#[tokio::test]
async fn many_at_once_keep_the_sum() -> TestResult {
    const ACCOUNTS: usize = 5;
    on_each_store(async |bank| {
        for number in 0..ACCOUNTS {
            bank.open(&format!("a{number}"), 300).await?;
        }
        for number in 0..100 {
            let (from, to) = (
                number % ACCOUNTS,
                (number / ACCOUNTS + number + 1) % ACCOUNTS,
            );
            if from != to {
                let (from, to) = (format!("a{from}"), format!("a{to}"));
                bank.request(&format!("t{number}"), &from, &to, 200).await?;
            }
        }
        // Somebody takes out money meanwhile, unless a0 has none left.
        let refused = bank.try_to(Withdraw(account("a0"), cash(1))).await?;
        bank.settled().await?;
        Ok(300 * ACCOUNTS as i64 - i64::from(refused.is_none()))
    })
    .await
}

async fn undone(bank: &crate::counter::Counter, id: &str) -> TestResult<usize> {
    let history = bank.app.sagas::<TransferSaga>().history(id).await?;
    let entries = history.ok_or("it was not started")?.entries;
    let undone = |change: &SagaChange| matches!(change, SagaChange::StepCompensated { .. });
    Ok(entries.iter().filter(|entry| undone(&entry.what)).count())
}
