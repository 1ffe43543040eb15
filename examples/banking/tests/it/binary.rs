//! `banking demo`, run as a process of its own.

use std::process::{Command, Output};

use banking::bank::{StoreChoice, UnknownStore};

use crate::counter::TestResult;

fn banking(arguments: &[&str]) -> TestResult<(Output, String)> {
    let output = Command::new(env!("CARGO_BIN_EXE_banking"))
        .args(arguments)
        .output()?;
    let stdout = String::from_utf8(output.stdout.clone())?;
    Ok((output, stdout))
}

#[test]
fn the_demo_prints_balances_histories_and_outcomes() -> TestResult {
    let (output, told) = banking(&["demo"])?;
    assert!(output.status.success(), "{output:?}");
    let balances: Vec<_> = told.lines().filter(|line| line.contains("sum")).collect();
    let after = "after: alice 750, bob 750, carol 0, sum 1500";
    let before = "before: alice 1000, bob 500, carol 0, sum 1500";
    assert_eq!(balances, [before, after, after, after]);
    let outcomes: Vec<_> = told
        .lines()
        .filter_map(|line| line.split_once("outcome: "))
        .collect();
    let outcomes: Vec<_> = outcomes.into_iter().map(|(_, outcome)| outcome).collect();
    assert_eq!(outcomes, ["completed", "compensated", "compensated"]);
    for part in [
        "failed at attempt 1, and is given up: the account has 750 pence only",
        "failed at attempt 1, and is given up: the account is closed",
        "step `debit` undone",
    ] {
        assert_eq!(told.matches(part).count(), 1, "{part:?} in {told}");
    }
    Ok(())
}

#[test]
fn a_store_that_is_not_empty_is_refused() -> TestResult {
    let folder = tempfile::tempdir()?;
    let store = format!("sqlite:{}", folder.path().join("bank.db").display());
    let (first, told) = banking(&["demo", "--store", &store])?;
    assert!(first.status.success(), "{first:?}");
    assert!(told.contains("sum 1500"), "{told}");
    let (second, told) = banking(&["demo", "--store", &store])?;
    assert_eq!((second.status.code(), told.as_str()), (Some(1), ""));
    let error = String::from_utf8(second.stderr)?;
    assert_eq!(error, "banking: stream account-alice exists already\n");
    Ok(())
}

#[test]
fn stores_are_told_by_their_names() {
    assert_eq!("memory".parse(), Ok(StoreChoice::Memory));
    assert_eq!(
        "sqlite:x.db".parse(),
        Ok(StoreChoice::Sqlite("x.db".into()))
    );
    let url = "postgres://somebody:secret@there/bank";
    assert_eq!(url.parse(), Ok(StoreChoice::Postgres(url.to_owned())));
    let shown = format!("{:?}", StoreChoice::Postgres(url.to_owned()));
    assert!(!shown.contains("secret"), "{shown}");
    for text in [
        "",
        "memory:",
        "sqlite:",
        "postgres://",
        "postgres:x",
        "mysql://x",
    ] {
        assert_eq!(text.parse::<StoreChoice>(), Err(UnknownStore), "{text:?}");
    }
}
