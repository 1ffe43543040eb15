//! What accounts accept and refuse.

use banking::domain::{
    AccountError, Close, Deposit, Open, Reactivate, Reverse, Settle, Status, Suspend, Withdraw,
};
use orchestrix::prelude::*;

use crate::counter::{TestResult, account, cash, for_transfer, on_each_store};

#[tokio::test]
async fn money_comes_in_and_goes_out_and_no_account_is_overdrawn() -> TestResult {
    on_each_store(async |bank| {
        bank.open("a", 0).await?;
        let a = || account("a");
        for pence in [0, -1, i64::MIN] {
            let refused = bank.try_to(Deposit(a(), cash(pence))).await?;
            assert_eq!(refused, Some(AccountError::NotPositive));
            let refused = bank.try_to(Withdraw(a(), cash(pence))).await?;
            assert_eq!(refused, Some(AccountError::NotPositive));
        }
        assert_eq!(bank.try_to(Deposit(a(), cash(1_000))).await?, None);
        assert_eq!(bank.try_to(Withdraw(a(), cash(400))).await?, None);
        for pence in [601, i64::MAX] {
            let refused = bank.try_to(Withdraw(a(), cash(pence))).await?;
            assert_eq!(refused, Some(AccountError::Overdrawn(600)));
        }
        assert_eq!(bank.try_to(Withdraw(a(), cash(600))).await?, None);
        assert_eq!(bank.try_to(Deposit(a(), cash(7))).await?, None);
        assert_eq!(bank.balance("a").await?, 7);
        Ok(7)
    })
    .await
}

#[tokio::test]
async fn an_account_has_no_more_than_can_be_counted() -> TestResult {
    on_each_store(async |bank| {
        bank.open("a", i64::MAX).await?;
        let refused = bank.try_to(Deposit(account("a"), cash(1))).await?;
        assert_eq!(refused, Some(AccountError::TooMuch(i64::MAX)));
        // What is held may come back.
        bank.try_to(Withdraw(account("a"), for_transfer(10)))
            .await?;
        let refused = bank.try_to(Deposit(account("a"), cash(1))).await?;
        assert_eq!(refused, Some(AccountError::TooMuch(i64::MAX - 10)));
        assert_eq!(
            bank.try_to(Reverse(account("a"), for_transfer(10))).await?,
            None
        );
        Ok(i64::MAX)
    })
    .await
}

#[tokio::test]
async fn a_suspended_account_moves_nothing_until_it_is_reactivated() -> TestResult {
    on_each_store(async |bank| {
        bank.open("a", 100).await?;
        let a = || account("a");
        let refused = bank.try_to(Reactivate(a())).await?;
        assert_eq!(refused, Some(AccountError::Is(Status::Active)));
        assert_eq!(bank.try_to(Suspend(a())).await?, None);
        let suspended = Some(AccountError::Is(Status::Suspended));
        assert_eq!(bank.try_to(Deposit(a(), cash(1))).await?, suspended);
        assert_eq!(bank.try_to(Withdraw(a(), cash(1))).await?, suspended);
        assert_eq!(bank.try_to(Suspend(a())).await?, suspended);
        assert_eq!(bank.try_to(Close(a())).await?, suspended);
        assert_eq!(bank.try_to(Reactivate(a())).await?, None);
        assert_eq!(bank.try_to(Deposit(a(), cash(1))).await?, None);
        Ok(101)
    })
    .await
}

#[tokio::test]
async fn an_account_is_closed_at_zero_only_and_for_good() -> TestResult {
    on_each_store(async |bank| {
        bank.open("a", 100).await?;
        let a = || account("a");
        assert_eq!(
            bank.try_to(Close(a())).await?,
            Some(AccountError::NotEmpty(100))
        );
        assert_eq!(bank.try_to(Withdraw(a(), cash(100))).await?, None);
        assert_eq!(bank.try_to(Close(a())).await?, None);
        let closed = Some(AccountError::Is(Status::Closed));
        assert_eq!(bank.try_to(Deposit(a(), cash(1))).await?, closed);
        assert_eq!(bank.try_to(Withdraw(a(), cash(1))).await?, closed);
        assert_eq!(bank.try_to(Suspend(a())).await?, closed);
        assert_eq!(bank.try_to(Reactivate(a())).await?, closed);
        assert_eq!(bank.try_to(Close(a())).await?, closed);
        let again = bank.app.dispatch(Open(a())).await;
        assert!(
            matches!(again, Err(DispatchError::AlreadyExists { .. })),
            "{again:?}"
        );
        Ok(0)
    })
    .await
}

#[tokio::test]
async fn what_is_held_for_a_transfer_keeps_an_account_open() -> TestResult {
    on_each_store(async |bank| {
        bank.open("a", 100).await?;
        let a = || account("a");
        assert_eq!(bank.try_to(Withdraw(a(), for_transfer(100))).await?, None);
        assert_eq!(
            bank.try_to(Close(a())).await?,
            Some(AccountError::NotEmpty(100))
        );
        assert_eq!(bank.try_to(Suspend(a())).await?, None);
        // What goes on with a transfer is not kept up by that.
        assert_eq!(bank.try_to(Reverse(a(), for_transfer(60))).await?, None);
        assert_eq!(bank.try_to(Settle(a(), for_transfer(40))).await?, None);
        assert_eq!(bank.balance("a").await?, 60);
        let refused = bank.try_to(Settle(a(), for_transfer(1))).await?;
        assert_eq!(refused, Some(AccountError::NotHeld(0)));
        let refused = bank.try_to(Reverse(a(), for_transfer(-1))).await?;
        assert_eq!(refused, Some(AccountError::NotHeld(0)));
        Ok(60)
    })
    .await
}

#[test]
fn refusals_say_why() {
    let closed = AccountError::Is(Status::Closed);
    assert_eq!(closed.to_string(), "the account is closed");
    let overdrawn = AccountError::Overdrawn(7);
    assert_eq!(overdrawn.to_string(), "the account has 7 pence only");
}
