//! What is told about read models and their builds.

use super::building::Building;
use super::subject::StoreUnderTest;
use super::violation::{Violation, ensure_eq};

/// What is being built is listed by name, with its number and where its checkpoint is.
pub async fn rebuilds_are_listed_with_their_positions(
    subject: &dyn StoreUnderTest,
) -> Result<(), Violation> {
    let balances = Building::open(subject).await?;
    balances.ensure_upkeep(&[], &[]).await?;
    balances.write(0, (0, 9), &[("a", "1")]).await?;
    let accounts = balances.of("accounts@2");
    balances.begin().await?;
    balances.ensure_upkeep(&[("balances@1", 1, 0)], &[]).await?;
    accounts.begin().await?;
    balances.build(1, (0, 4), &[("a", "2")]).await?;
    let both = [("accounts@2", 1, 0), ("balances@1", 1, 4)];
    balances.ensure_upkeep(&both, &[]).await?;
    balances.build(1, (4, 9), &[]).await?;
    accounts.build(1, (0, 7), &[]).await?;
    let both = [("accounts@2", 1, 7), ("balances@1", 1, 9)];
    balances.ensure_upkeep(&both, &[]).await?;
    balances.switch(1, 9).await?;
    let dropped = ["balances@1"];
    balances
        .ensure_upkeep(&[("accounts@2", 1, 7)], &dropped)
        .await
}

/// Read models are listed by the beginnings of their names, which are no patterns, once they are behind the start of the log.
pub async fn read_models_are_listed_by_prefix(
    subject: &dyn StoreUnderTest,
) -> Result<(), Violation> {
    let balances = Building::open(subject).await?;
    let names = [
        "a%@1", "a*@1", "a?@1", "a@1", "a@10", "a@2", "aXb@1", "a[bc]@1", "a\\@1", "a_b@1", "ab@1",
        "A@1", "z@1",
    ];
    for name in names {
        balances.of(name).write(0, (0, 3), &[]).await?;
    }
    let unread = balances.of("a@3");
    unread.write(0, (0, 0), &[("a", "1")]).await?;
    let gone = balances.of("a@4");
    gone.write(0, (0, 3), &[]).await?;
    gone.drop("a@4").await?;
    let rebuilt = balances.of("a@5");
    rebuilt.rebuild(3, &[]).await?;
    for (prefix, expected) in [
        ("a@", &["a@1", "a@10", "a@2", "a@5"][..]),
        ("a@1", &["a@1", "a@10"]),
        ("a%", &["a%@1"]),
        ("a_", &["a_b@1"]),
        ("a*", &["a*@1"]),
        ("a?", &["a?@1"]),
        ("a[bc]", &["a[bc]@1"]),
        ("a\\", &["a\\@1"]),
        ("A", &["A@1"]),
        ("z@1", &["z@1"]),
        ("z@1 ", &[]),
        ("never", &[]),
    ] {
        let found = balances.store.read_models.read_models(prefix).await?;
        ensure_eq(format_args!("those with {prefix:?}"), found, expected)?;
    }
    let all = balances.store.read_models.read_models("").await?;
    let mut expected: Vec<_> = names.into_iter().chain(["a@5"]).collect();
    expected.sort_unstable();
    ensure_eq("all of them", all, expected)
}
