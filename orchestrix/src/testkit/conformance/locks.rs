//! Locks by name.

use std::sync::Arc;
use std::time::{Duration, Instant};

use tokio::sync::Barrier;
use tokio::task::JoinSet;

use super::opened::Opened;
use super::samples::HOSTILE_TEXTS;
use super::subject::StoreUnderTest;
use super::violation::{Violation, ensure, ensure_eq, present};
use crate::store::{Lock, LockError, LockKey, MAX_LOCK_NAME_BYTES, TenantId};

/// How long a lock that was dropped may still be held.
const FREEING: Duration = Duration::from_secs(5);
/// Longer than any wait that is expected to end.
const LONG: Duration = Duration::from_secs(10);

/// Who holds a lock keeps all others from it, however often they ask.
pub async fn a_lock_excludes_others(subject: &dyn StoreUnderTest) -> Result<(), Violation> {
    let store = Opened::open(subject).await?;
    let lock = store.taken("report").await?;
    ensure_eq("the lock's key", lock.key(), &key("report")?)?;
    for _ in 0..3 {
        ensure_held_by_others(&store, &key("report")?).await?;
    }
    Ok(lock.release().await?)
}

/// A lock that was released can be taken again at once.
pub async fn a_released_lock_is_free(subject: &dyn StoreUnderTest) -> Result<(), Violation> {
    let store = Opened::open(subject).await?;
    for _ in 0..5 {
        store.taken("report").await?.release().await?;
    }
    Ok(())
}

/// A lock that was dropped becomes free without anybody's doing.
pub async fn a_dropped_lock_becomes_free(subject: &dyn StoreUnderTest) -> Result<(), Violation> {
    let store = Opened::open(subject).await?;
    for _ in 0..3 {
        drop(store.taken("report").await?);
        let until = Instant::now() + FREEING;
        let again = loop {
            match store.locks.try_lock(&key("report")?).await? {
                Some(lock) => break lock,
                None if Instant::now() > until => {
                    let expected = format!("a dropped lock to be free within {FREEING:?}");
                    return Err(Violation::new(expected, "it is held"));
                }
                None => tokio::time::sleep(Duration::from_millis(5)).await,
            }
        };
        again.release().await?;
    }
    Ok(())
}

/// Who waits for a lock gets it once it is released, and not before.
pub async fn a_lock_is_waited_for(subject: &dyn StoreUnderTest) -> Result<(), Violation> {
    let store = Opened::open(subject).await?;
    let held = store.taken("report").await?;
    let waiting = key("report")?;
    let waits = store.locks.lock(&waiting, LONG);
    tokio::pin!(waits);
    let early = tokio::time::timeout(Duration::from_millis(50), &mut waits).await;
    ensure(early.is_err(), "no lock while it is held", &early)?;
    held.release().await?;
    let lock = waits.await?;
    ensure_held_by_others(&store, &waiting).await?;
    Ok(lock.release().await?)
}

/// A wait for a lock that stays held ends with the time that was waited; without a wait, at once.
pub async fn a_wait_for_a_lock_ends(subject: &dyn StoreUnderTest) -> Result<(), Violation> {
    let store = Opened::open(subject).await?;
    let held = store.taken("report").await?;
    for waited in [Duration::ZERO, Duration::from_millis(30)] {
        let began = Instant::now();
        let outcome = store.locks.lock(&key("report")?, waited).await;
        let told = matches!(&outcome, Err(LockError::TimedOut { key: told, wait })
            if *told == key("report")? && *wait == waited);
        ensure(told, format_args!("TimedOut after {waited:?}"), &outcome)?;
        let took = began.elapsed();
        ensure(took >= waited, format_args!("a wait of {waited:?}"), took)?;
    }
    Ok(held.release().await?)
}

/// Locks of equal names are apart by tenant.
pub async fn locks_are_apart_by_tenant(subject: &dyn StoreUnderTest) -> Result<(), Violation> {
    let store = Opened::open(subject).await?;
    let tenants = [
        TenantId::default(),
        TenantId::new("a")?,
        TenantId::new("A")?,
    ];
    let keys: Result<Vec<_>, _> = tenants
        .into_iter()
        .map(|tenant| LockKey::new(tenant, "report"))
        .collect();
    all_at_once(&store, &keys?).await
}

/// Quotes, patterns, blanks and any script in a lock's name, and the longest names: compared byte by byte.
pub async fn hostile_lock_names_are_kept_apart(
    subject: &dyn StoreUnderTest,
) -> Result<(), Violation> {
    let store = Opened::open(subject).await?;
    let long = "l".repeat(MAX_LOCK_NAME_BYTES - 1);
    let long = [format!("{long}1"), format!("{long}2")];
    let names = HOSTILE_TEXTS
        .iter()
        .copied()
        .chain(long.iter().map(String::as_str));
    let keys: Result<Vec<_>, Violation> = names.map(key).collect();
    // Few at once: a lock may keep a connection busy.
    for keys in keys?.windows(2) {
        all_at_once(&store, keys).await?;
    }
    // A tenant and a name are told apart wherever the one ends and the other begins.
    let split = [
        ("a", "b/c"),
        ("a/b", "c"),
        ("a/b/c", "d"),
        ("default", "a/b/c"),
    ];
    for pair in split.windows(2) {
        let keys: Result<Vec<_>, Violation> = pair
            .iter()
            .map(|(tenant, name)| Ok(LockKey::new(TenantId::new(*tenant)?, *name)?))
            .collect();
        all_at_once(&store, &keys?).await?;
    }
    Ok(())
}

/// The locks that a process holds are counted, until they are released.
pub async fn held_locks_are_counted(subject: &dyn StoreUnderTest) -> Result<(), Violation> {
    let store = Opened::open(subject).await?;
    let mut held = Vec::new();
    for (count, name) in ["a", "b", "c"].into_iter().enumerate() {
        ensure_eq("the number of held locks", store.locks.held_locks(), count)?;
        held.push(store.taken(name).await?);
        ensure_held_by_others(&store, &key(name)?).await?;
    }
    while let Some(lock) = held.pop() {
        ensure_eq(
            "the number of held locks",
            store.locks.held_locks(),
            held.len() + 1,
        )?;
        lock.release().await?;
    }
    ensure_eq("the number of held locks", store.locks.held_locks(), 0)
}

/// A lock says that it is held while it is, also while others try to take it.
pub async fn a_held_lock_says_so(subject: &dyn StoreUnderTest) -> Result<(), Violation> {
    let store = Opened::open(subject).await?;
    let lock = store.taken("report").await?;
    for _ in 0..3 {
        ensure_held_by_others(&store, &key("report")?).await?;
        ensure_eq("whether the lock is held", lock.is_held().await?, true)?;
    }
    Ok(lock.release().await?)
}

/// Of sixteen that try at once, one gets the lock.
pub async fn one_of_sixteen_takes_a_lock(subject: &dyn StoreUnderTest) -> Result<(), Violation> {
    let store = Opened::open(subject).await?;
    for round in 0..10 {
        let (start, key) = (Arc::new(Barrier::new(16)), key(&round.to_string())?);
        let mut takers = JoinSet::new();
        for _ in 0..16 {
            let (store, start, key) = (store.clone(), start.clone(), key.clone());
            takers.spawn(async move {
                start.wait().await;
                store.locks.try_lock(&key).await
            });
        }
        let mut winners = Vec::new();
        for taken in takers.join_all().await {
            winners.extend(taken?);
        }
        ensure(winners.len() == 1, "one that takes the lock", &winners)?;
        for lock in winners {
            lock.release().await?;
        }
    }
    Ok(())
}

/// Two that have the store open exclude each other, and hand locks over.
pub async fn locks_of_two_exclude_each_other(
    subject: &dyn StoreUnderTest,
) -> Result<(), Violation> {
    let (one, two) = (Opened::open(subject).await?, Opened::open(subject).await?);
    for (holder, other) in [(&one, &two), (&two, &one), (&one, &two)] {
        let lock = holder.taken("report").await?;
        ensure_held_by_others(other, &key("report")?).await?;
        let waiting = key("report")?;
        let (waited, released) = tokio::join!(other.locks.lock(&waiting, LONG), lock.release());
        released?;
        let lock = waited?;
        ensure_held_by_others(holder, &key("report")?).await?;
        lock.release().await?;
    }
    Ok(())
}

impl Opened {
    /// A lock that nobody holds.
    async fn taken(&self, name: &str) -> Result<Lock, Violation> {
        let lock = self.locks.try_lock(&key(name)?).await?;
        present(lock, format_args!("the lock {name:?} to be free"))
    }
}

fn key(name: &str) -> Result<LockKey, Violation> {
    Ok(LockKey::new(TenantId::default(), name)?)
}

#[track_caller]
fn ensure_held_by_others<'a>(
    store: &'a Opened,
    key: &'a LockKey,
) -> impl Future<Output = Result<(), Violation>> + 'a {
    let violation = Violation::new(format_args!("the lock {key} to be held"), "it was free");
    async move {
        match store.locks.try_lock(key).await? {
            None => Ok(()),
            Some(_) => Err(violation),
        }
    }
}

/// Takes locks that must not keep each other from being taken, all of them at the same time.
async fn all_at_once(store: &Opened, keys: &[LockKey]) -> Result<(), Violation> {
    let mut held = Vec::new();
    for key in keys {
        let lock = store.locks.try_lock(key).await?;
        held.push(present(lock, format_args!("the lock {key:?} to be free"))?);
    }
    for lock in held {
        lock.release().await?;
    }
    Ok(())
}
