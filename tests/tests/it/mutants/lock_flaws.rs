//! Flaws in locks.

use async_trait::async_trait;
use orchestrix::store::{
    HeldLock, Lock, LockError, LockKey, LockStore as _, MemoryStore, TenantId,
};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use super::mutant::{Mutant, gap};
use super::{Flaw, flaw};

pub(super) fn flaws() -> Vec<Flaw> {
    [of_holding(), of_keys()].into_iter().flatten().collect()
}

fn of_holding() -> Vec<Flaw> {
    vec![
        flaw(
            "everybody gets the lock",
            &[
                "a_lock_excludes_others",
                "a_lock_is_waited_for",
                "a_wait_for_a_lock_ends",
                "held_locks_are_counted",
                "one_of_sixteen_takes_a_lock",
                "locks_of_two_exclude_each_other",
            ],
            |mutant| mutant.try_lock(|_, key| async move { Ok(Some(Lock::new(key, Nothing))) }),
        ),
        flaw(
            "nobody gets the lock",
            &["a_lock_excludes_others", "a_released_lock_is_free"],
            |mutant| mutant.try_lock(|_, _| async { Ok(None) }),
        ),
        flaw(
            "a released lock stays taken",
            &["a_released_lock_is_free", "a_lock_is_waited_for"],
            |mutant| holding(mutant, Holding::KeptForEver),
        ),
        flaw(
            "a dropped lock stays taken",
            &["a_dropped_lock_becomes_free"],
            |mutant| holding(mutant, Holding::KeptWhenDropped),
        ),
        flaw(
            "a lock is lost while it is held",
            &["a_held_lock_says_so"],
            |mutant| holding(mutant, Holding::Lost),
        ),
        flaw(
            "a lock that others tried to take is lost",
            &["a_held_lock_says_so"],
            lose_when_tried,
        ),
        flaw(
            "held locks are not counted",
            &["held_locks_are_counted"],
            |mutant| mutant.held_locks(|_| 0),
        ),
        flaw(
            "whether a lock is free is looked up, then it is taken",
            &["one_of_sixteen_takes_a_lock"],
            |mutant| {
                mutant.try_lock(|store: MemoryStore, key| async move {
                    let Some(free) = store.try_lock(&key).await? else {
                        return Ok(None);
                    };
                    drop(free);
                    gap().await;
                    let taken = store.try_lock(&key).await?;
                    Ok(Some(taken.unwrap_or_else(|| Lock::new(key, Nothing))))
                })
            },
        ),
    ]
}

fn of_keys() -> Vec<Flaw> {
    vec![
        flaw(
            "locks are shared by all tenants",
            &["locks_are_apart_by_tenant"],
            |mutant| naming(mutant, |key| (TenantId::DEFAULT.into(), key.name().into())),
        ),
        flaw(
            "names of locks are compared without their case",
            &["hostile_lock_names_are_kept_apart"],
            |mutant| {
                naming(mutant, |key| {
                    (key.tenant().to_string(), key.name().to_lowercase())
                })
            },
        ),
        flaw(
            "names of locks are cut",
            &["hostile_lock_names_are_kept_apart"],
            |mutant| {
                naming(mutant, |key| {
                    (
                        key.tenant().to_string(),
                        key.name().chars().take(255).collect(),
                    )
                })
            },
        ),
        flaw(
            "tenant and name of a lock are one text",
            &["hostile_lock_names_are_kept_apart"],
            |mutant| {
                naming(mutant, |key| {
                    let joined = format!("{}/{}", key.tenant(), key.name());
                    (TenantId::DEFAULT.into(), joined.chars().take(640).collect())
                })
            },
        ),
    ]
}

/// The holding of no lock.
struct Nothing;

#[async_trait]
impl HeldLock for Nothing {
    async fn is_held(&self) -> Result<bool, LockError> {
        Ok(true)
    }

    async fn release(self: Box<Self>) -> Result<bool, LockError> {
        Ok(true)
    }
}

#[derive(Clone, Copy, PartialEq)]
enum Holding {
    KeptForEver,
    KeptWhenDropped,
    Lost,
}

/// A lock that is held in a wrong way.
struct Wrong {
    lock: Option<Lock>,
    holding: Holding,
}

#[async_trait]
impl HeldLock for Wrong {
    async fn is_held(&self) -> Result<bool, LockError> {
        Ok(self.holding != Holding::Lost)
    }

    async fn release(mut self: Box<Self>) -> Result<bool, LockError> {
        if self.holding != Holding::KeptForEver
            && let Some(lock) = self.lock.take()
        {
            lock.release().await?;
        }
        Ok(true)
    }
}

impl Drop for Wrong {
    fn drop(&mut self) {
        if self.holding != Holding::Lost {
            std::mem::forget(self.lock.take());
        }
    }
}

fn holding(mutant: Mutant, holding: Holding) -> Mutant {
    mutant.try_lock(move |store, key| async move {
        let taken = store.try_lock(&key).await?;
        Ok(taken.map(|lock| {
            let lock = Some(lock);
            Lock::new(key, Wrong { lock, holding })
        }))
    })
}

/// The holding of a lock that says it was lost once anybody was refused.
struct Shy {
    lock: Lock,
    refused: Arc<AtomicBool>,
}

#[async_trait]
impl HeldLock for Shy {
    async fn is_held(&self) -> Result<bool, LockError> {
        Ok(!self.refused.load(Ordering::Acquire))
    }

    async fn release(self: Box<Self>) -> Result<bool, LockError> {
        self.lock.release().await?;
        Ok(true)
    }
}

fn lose_when_tried(mutant: Mutant) -> Mutant {
    let refused: Arc<AtomicBool> = Arc::default();
    mutant.try_lock(move |store, key| {
        let refused = refused.clone();
        async move {
            let taken = store.try_lock(&key).await?;
            refused.store(taken.is_none(), Ordering::Release);
            Ok(taken.map(|lock| Lock::new(key, Shy { lock, refused })))
        }
    })
}

/// Takes the lock of another key, by tenant and name.
fn naming(mutant: Mutant, change: fn(&LockKey) -> (String, String)) -> Mutant {
    mutant.try_lock(move |store, key| async move {
        let (tenant, name) = change(&key);
        let other = TenantId::new(tenant).and_then(|tenant| LockKey::new(tenant, name));
        let other = other.unwrap_or_else(|error| panic!("a key from a key: {error}"));
        store.try_lock(&other).await
    })
}
