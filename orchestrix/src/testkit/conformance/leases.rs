//! Leases: who holds which, for how long, and who else there is.

use std::collections::BTreeMap;
use std::time::Duration;

use super::leasing::{LONG, Leasing, Looks, SHORT, names};
use super::samples::HOSTILE_TEXTS;
use super::subject::StoreUnderTest;
use super::violation::{Violation, ensure, ensure_eq, present};
use crate::store::{MAX_LEASE, Node, NodeId};

/// Of two who want a lease one gets it, and keeps it however often the other asks; who holds it does not get it again.
pub async fn a_lease_is_taken_by_one(subject: &dyn StoreUnderTest) -> Result<(), Violation> {
    let leasing = Leasing::open(subject).await?;
    let taken = leasing.acquire("one", &["a"], LONG).await?;
    let [lease] = &taken[..] else {
        return Err(Violation::new("one lease", format_args!("{taken:?}")));
    };
    let told = (&*lease.name, lease.node.as_str(), lease.expires_in <= LONG);
    ensure_eq("name, node, and an end in time", told, ("a", "one", true))?;
    for node in ["other", "one", "other"] {
        leasing.ensure_taken(node, &["a"], &[]).await?;
        leasing.ensure_held(&[("a", "one", lease.token)]).await?;
    }
    leasing.ensure_taken("other", &["a", "b"], &["b"]).await
}

/// A renewal sets the end of each lease that the node holds, whether it wants it or not, and of no other; tokens stay.
pub async fn a_renewal_sets_when_leases_end(subject: &dyn StoreUnderTest) -> Result<(), Violation> {
    let leasing = Leasing::open(subject).await?;
    let a = leasing.token("one", "a", LONG).await?;
    let b = leasing.token("one", "b", LONG).await?;
    let c = leasing.token("other", "c", LONG).await?;
    leasing.renew("one", &["a"], LONG * 10).await?;
    let held = [("a", "one", a), ("b", "one", b), ("c", "other", c)];
    leasing.ensure_held(&held).await?;
    let view = leasing.renew("one", &["a"], LONG * 10).await?;
    for lease in &view.leases {
        let longer = lease.expires_in > LONG;
        let mine = lease.node.as_str() == "one";
        ensure_eq("whether it ends later", longer, mine)?;
        let most = if mine { LONG * 10 } else { LONG };
        let expected = format_args!("an end within {most:?}");
        ensure(lease.expires_in <= most, expected, lease)?;
    }
    // It is shortened, too.
    leasing.renew("one", &[], SHORT).await?;
    for name in ["a", "b"] {
        leasing.until_taken("other", name).await?;
    }
    leasing.ensure_taken("one", &["c"], &[]).await
}

/// A lease whose time has ended can be taken, also by who held it, and each time its token is higher.
pub async fn an_ended_lease_can_be_taken(subject: &dyn StoreUnderTest) -> Result<(), Violation> {
    let leasing = Leasing::open(subject).await?;
    let mut last = leasing.token("one", "a", SHORT).await?;
    for node in ["other", "other", "one"] {
        let token = leasing.until_taken_for(node, "a", SHORT).await?;
        ensure(token > last, format_args!("a token above {last}"), token)?;
        last = token;
    }
    Ok(())
}

/// Who renews too late has lost the lease, whether somebody else took it or not.
pub async fn an_ended_lease_is_not_renewed(subject: &dyn StoreUnderTest) -> Result<(), Violation> {
    let leasing = Leasing::open(subject).await?;
    leasing.token("one", "a", SHORT).await?;
    leasing.token("one", "b", SHORT).await?;
    leasing.until_ended("a").await?;
    leasing.until_ended("b").await?;
    let token = leasing.token("other", "b", LONG).await?;
    leasing.renew("one", &["a", "b"], LONG).await?;
    leasing.ensure_held(&[("b", "other", token)]).await?;
    leasing.ensure_taken("third", &["a", "b"], &["a"]).await
}

/// A lease that its holder gives back is free at once, with a higher token for the next; nobody else can give it back.
pub async fn a_released_lease_is_free(subject: &dyn StoreUnderTest) -> Result<(), Violation> {
    let leasing = Leasing::open(subject).await?;
    let a = leasing.token("one", "a", LONG).await?;
    let b = leasing.token("one", "b", LONG).await?;
    let held = [("a", "one", a), ("b", "one", b)];
    leasing.release("other", &["a", "b"]).await?;
    leasing.release("one", &[]).await?;
    leasing.ensure_held(&held).await?;
    leasing.release("one", &["a", "never taken"]).await?;
    leasing.ensure_held(&held[1..]).await?;
    let mut last = a;
    for node in ["other", "one", "one"] {
        let token = leasing.token(node, "a", LONG).await?;
        ensure(token > last, format_args!("a token above {last}"), token)?;
        leasing.release(node, &["a"]).await?;
        last = token;
    }
    // It is given back, and stays so.
    leasing.renew("one", &["a"], LONG).await?;
    leasing.ensure_held(&held[1..]).await
}

/// A node that is no more is not told of, and all of its leases are free; it may come back, without them.
pub async fn a_retired_node_is_forgotten(subject: &dyn StoreUnderTest) -> Result<(), Violation> {
    let leasing = Leasing::open(subject).await?;
    leasing.renew("one", &["a", "b"], LONG).await?;
    leasing.renew("other", &["c"], LONG).await?;
    let a = leasing.token("one", "a", LONG).await?;
    leasing.token("one", "b", LONG).await?;
    let c = leasing.token("other", "c", LONG).await?;
    leasing.retire("one").await?;
    leasing.retire("never seen").await?;
    leasing.ensure_held(&[("c", "other", c)]).await?;
    let view = leasing.renew("other", &["c"], LONG).await?;
    ensure_eq("the nodes", ids(&view.nodes), ["other"])?;
    let token = leasing.token("other", "a", LONG).await?;
    ensure(token > a, format_args!("a token above {a}"), token)?;
    let view = leasing.renew("one", &["a", "b"], LONG).await?;
    ensure_eq("the nodes", ids(&view.nodes), ["one", "other"])?;
    let held = [("a", "other", token), ("c", "other", c)];
    leasing.ensure_held(&held).await
}

/// Nodes are told by name, with what they want now and a number that grows with each renewal, until their time ends.
pub async fn nodes_are_told(subject: &dyn StoreUnderTest) -> Result<(), Violation> {
    let leasing = Leasing::open(subject).await?;
    let mut beats = 0;
    for wants in [&["b", "a"][..], &[], &["c"]] {
        let view = leasing.renew("n", wants, LONG).await?;
        let node = present(view.nodes.first(), "the node")?;
        ensure_eq("what it wants", &node.wants, wants)?;
        ensure(node.beats > beats, "a number that grows", node)?;
        beats = node.beats;
    }
    for node in ["Z", "ä", "o"] {
        leasing.renew(node, &[], LONG).await?;
    }
    let view = leasing.renew("a", &["x"], LONG).await?;
    ensure_eq("the nodes", ids(&view.nodes), ["Z", "a", "n", "o", "ä"])?;
    let known = view.nodes.iter().find(|node| node.id.as_str() == "n");
    let expected = Node {
        id: NodeId::new("n"),
        wants: names(&["c"]),
        beats,
    };
    ensure_eq("a node, as others see it", known, Some(&expected))?;
    leasing.renew("n", &["c"], SHORT).await?;
    let looks = Looks::begin();
    loop {
        let view = leasing.renew("a", &["x"], LONG).await?;
        if ids(&view.nodes) == ["Z", "a", "o", "ä"] {
            return Ok(());
        }
        looks.again("the node's time to end").await?;
    }
}

/// Leases that hold are told by name, each with its holder, token and end; those that ended or were given back are not.
pub async fn leases_that_hold_are_told(subject: &dyn StoreUnderTest) -> Result<(), Violation> {
    let leasing = Leasing::open(subject).await?;
    leasing.ensure_held(&[]).await?;
    leasing.token("one", "gone", LONG).await?;
    leasing.release("one", &["gone"]).await?;
    leasing.token("one", "over", SHORT).await?;
    let mut held = BTreeMap::new();
    for (name, node) in [("b", "one"), ("Z", "other"), ("ä", "other"), ("a", "one")] {
        held.insert(name, (node, leasing.token(node, name, LONG).await?));
    }
    leasing.until_ended("over").await?;
    let held: Vec<_> = held
        .iter()
        .map(|(name, (node, token))| (*name, *node, *token))
        .collect();
    leasing.ensure_held(&held).await?;
    let view = leasing.renew("third", &[], LONG).await?;
    for lease in &view.leases {
        let in_time = lease.expires_in > Duration::ZERO && lease.expires_in <= LONG;
        ensure(in_time, format_args!("an end within {LONG:?}"), lease)?;
    }
    Ok(())
}

/// A name that stands twice in one call is taken once.
pub async fn a_lease_that_is_wanted_twice_is_taken_once(
    subject: &dyn StoreUnderTest,
) -> Result<(), Violation> {
    let leasing = Leasing::open(subject).await?;
    leasing
        .ensure_taken("one", &["a", "b", "a"], &["a", "b"])
        .await?;
    leasing.release("one", &["b", "b"]).await?;
    leasing
        .ensure_taken("other", &["b", "a", "b"], &["b"])
        .await
}

/// However long a lease is wanted for, it gets the longest time there is at most; one for no time has ended at once.
pub async fn no_lease_is_longer_than_the_longest(
    subject: &dyn StoreUnderTest,
) -> Result<(), Violation> {
    let leasing = Leasing::open(subject).await?;
    for duration in [MAX_LEASE * 2, Duration::MAX] {
        let taken = leasing.acquire("one", &["a"], duration).await?;
        let view = leasing.renew("one", &["a"], duration).await?;
        for leases in [taken, view.leases] {
            let ends: Vec<_> = leases.iter().map(|lease| lease.expires_in).collect();
            let longest = ends.len() == 1 && ends[0] > MAX_LEASE / 2 && ends[0] <= MAX_LEASE;
            ensure(longest, format_args!("an end within {MAX_LEASE:?}"), ends)?;
        }
        leasing.release("one", &["a"]).await?;
    }
    leasing.token("one", "a", Duration::ZERO).await?;
    leasing.ensure_held(&[]).await?;
    leasing.ensure_taken("other", &["a"], &["a"]).await
}

/// Quotes, patterns, commas and any script in the names of leases and nodes, and long names: compared byte by byte.
pub async fn hostile_names_of_leases_are_kept_apart(
    subject: &dyn StoreUnderTest,
) -> Result<(), Violation> {
    let leasing = Leasing::open(subject).await?;
    let long = "l".repeat(600);
    let mut all: Vec<&str> = HOSTILE_TEXTS.to_vec();
    all.push(&long);
    for name in &all {
        // Each by a node of the same name.
        leasing.ensure_taken(name, &[name], &[name]).await?;
    }
    for name in &all {
        leasing.ensure_taken("other", &[name], &[]).await?;
        let view = leasing.renew(name, &all, LONG).await?;
        let me = view.nodes.iter().find(|node| node.id.as_str() == *name);
        ensure_eq(
            "what it wants",
            me.map(|node| node.wants.clone()),
            Some(names(&all)),
        )?;
        let mine = view
            .leases
            .iter()
            .filter(|lease| lease.node.as_str() == *name);
        let mine: Vec<_> = mine.map(|lease| lease.name.clone()).collect();
        ensure_eq("what it holds", mine, [*name])?;
    }
    for name in &all {
        leasing.release(name, &[name]).await?;
    }
    leasing.ensure_held(&[]).await
}

/// A hundred leases in one call; the next calls keep them apart.
pub async fn a_hundred_leases_in_one_call(subject: &dyn StoreUnderTest) -> Result<(), Violation> {
    let leasing = Leasing::open(subject).await?;
    let all = hundred();
    let all: Vec<&str> = all.iter().map(String::as_str).collect();
    leasing.ensure_taken("one", &all[..60], &all[..60]).await?;
    leasing.ensure_taken("other", &all, &all[60..]).await?;
    leasing.release("one", &all[..50]).await?;
    leasing.ensure_taken("other", &all, &all[..50]).await?;
    leasing.retire("other").await?;
    leasing
        .ensure_taken("third", &all, &[&all[..50], &all[60..]].concat())
        .await
}

/// Of two nodes that take the same hundred leases at once, while they renew them, each lease goes to one.
pub async fn each_of_a_hundred_leases_goes_to_one(
    subject: &dyn StoreUnderTest,
) -> Result<(), Violation> {
    let leasing = Leasing::open(subject).await?;
    for _ in 0..10 {
        let taken = |node: &'static str, backwards: bool| {
            let leasing = leasing.clone();
            let mut all = hundred();
            if backwards {
                all.reverse();
            }
            tokio::spawn(async move {
                let all: Vec<&str> = all.iter().map(String::as_str).collect();
                let mut taken = leasing.acquire(node, &all[..70], LONG).await?;
                leasing.renew(node, &all, LONG).await?;
                taken.extend(leasing.acquire(node, &all[30..], LONG).await?);
                Ok::<_, Violation>(taken)
            })
        };
        let (one, other) = tokio::join!(taken("one", false), taken("other", true));
        let mut taken = Vec::new();
        for outcome in [one, other] {
            let outcome = outcome.map_err(|error| Violation::new("no panic", error))?;
            taken.extend(outcome?);
        }
        taken.sort_by(|a, b| a.name.cmp(&b.name));
        let names: Vec<_> = taken.iter().map(|lease| lease.name.clone()).collect();
        ensure_eq("the leases that were taken", names, hundred())?;
        let held: Vec<_> = taken
            .iter()
            .map(|lease| (&*lease.name, lease.node.as_str(), lease.token))
            .collect();
        leasing.ensure_held(&held).await?;
        let (one, other) = tokio::join!(leasing.retire("one"), leasing.retire("other"));
        one.and(other)?;
    }
    Ok(())
}

/// Two that have the store open exclude each other, and see each other.
pub async fn leases_of_two_exclude_each_other(
    subject: &dyn StoreUnderTest,
) -> Result<(), Violation> {
    let (one, two) = (Leasing::open(subject).await?, Leasing::open(subject).await?);
    one.renew("one", &["a"], LONG).await?;
    let first = one.token("one", "a", LONG).await?;
    two.ensure_taken("two", &["a"], &[]).await?;
    two.ensure_held(&[("a", "one", first)]).await?;
    let view = two.renew("two", &["a"], LONG).await?;
    ensure_eq("the nodes", ids(&view.nodes), ["one", "two"])?;
    one.release("one", &["a"]).await?;
    let second = two.token("two", "a", LONG).await?;
    ensure(
        second > first,
        format_args!("a token above {first}"),
        second,
    )?;
    one.ensure_held(&[("a", "two", second)]).await
}

/// After it was closed and opened again a store gives higher tokens than before.
pub async fn reopening_keeps_tokens(subject: &dyn StoreUnderTest) -> Result<(), Violation> {
    let mut last = 0;
    for _ in 0..3 {
        let leasing = Leasing::open(subject).await?;
        let token = leasing.token("one", "a", LONG).await?;
        ensure(token > last, format_args!("a token above {last}"), token)?;
        leasing.release("one", &["a"]).await?;
        leasing.close().await?;
        last = token;
    }
    Ok(())
}

fn ids(nodes: &[Node]) -> Vec<&str> {
    nodes.iter().map(|node| node.id.as_str()).collect()
}

/// In the order of their bytes.
fn hundred() -> Vec<String> {
    (0..100).map(|n| format!("lease {n:03}")).collect()
}
