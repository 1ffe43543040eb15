//! Leases as behaviours take and look at them.

use std::sync::Arc;
use std::time::{Duration, Instant};

use super::opened::Opened;
use super::subject::StoreUnderTest;
use super::violation::{Violation, ensure_eq};
use crate::store::{Lease, LeaseStore, LeaseView, NodeId};

/// Longer than any behaviour takes.
pub(super) const LONG: Duration = Duration::from_secs(600);
/// For leases that are to end.
pub(super) const SHORT: Duration = Duration::from_millis(20);
/// How long it may take until a lease has ended whose time is short.
const ENDING: Duration = Duration::from_secs(5);

/// The leases of one store.
#[derive(Clone)]
pub(super) struct Leasing {
    store: Opened,
    leases: Arc<dyn LeaseStore>,
}

impl Leasing {
    /// Those beside the checkpoints.
    pub(super) async fn open(subject: &dyn StoreUnderTest) -> Result<Self, Violation> {
        let store = Opened::open(subject).await?;
        let leases = store.checkpoints.clone();
        Ok(Self { store, leases })
    }

    /// These.
    pub(super) fn over(store: &Opened, leases: Arc<dyn LeaseStore>) -> Self {
        Self {
            store: store.clone(),
            leases,
        }
    }

    pub(super) async fn close(self) -> Result<(), Violation> {
        self.store.close().await
    }

    pub(super) async fn renew(
        &self,
        node: &str,
        wants: &[&str],
        duration: Duration,
    ) -> Result<LeaseView, Violation> {
        let (node, wants) = (NodeId::new(node), names(wants));
        Ok(self.leases.renew_leases(&node, &wants, duration).await?)
    }

    pub(super) async fn acquire(
        &self,
        node: &str,
        wanted: &[&str],
        duration: Duration,
    ) -> Result<Vec<Lease>, Violation> {
        let (node, wanted) = (NodeId::new(node), names(wanted));
        Ok(self.leases.acquire_leases(&node, &wanted, duration).await?)
    }

    pub(super) async fn release(&self, node: &str, held: &[&str]) -> Result<(), Violation> {
        let (node, held) = (NodeId::new(node), names(held));
        Ok(self.leases.release_leases(&node, &held).await?)
    }

    pub(super) async fn retire(&self, node: &str) -> Result<(), Violation> {
        Ok(self.leases.retire_node(&NodeId::new(node)).await?)
    }

    /// Takes a lease that is free; gives its token.
    pub(super) async fn token(
        &self,
        node: &str,
        name: &str,
        duration: Duration,
    ) -> Result<u64, Violation> {
        let taken = self.acquire(node, &[name], duration).await?;
        match &taken[..] {
            [lease] => Ok(lease.token),
            other => {
                let expected = format_args!("the lease {name:?} to be free");
                Err(Violation::new(expected, format_args!("{other:?}")))
            }
        }
    }

    /// Tries to take leases, and checks which of them are taken.
    pub(super) async fn ensure_taken(
        &self,
        node: &str,
        wanted: &[&str],
        expected: &[&str],
    ) -> Result<(), Violation> {
        let taken = self.acquire(node, wanted, LONG).await?;
        let mut taken: Vec<_> = taken.into_iter().map(|lease| lease.name).collect();
        // They are told in no particular order.
        taken.sort();
        let mut expected = names(expected);
        expected.sort();
        ensure_eq("the leases that were taken", taken, expected)
    }

    /// Checks who holds what, with which tokens: names, in their order, nodes and tokens.
    pub(super) async fn ensure_held(
        &self,
        expected: &[(&str, &str, u64)],
    ) -> Result<(), Violation> {
        let view = self.renew("onlooker", &[], LONG).await?;
        let held: Vec<_> = view
            .leases
            .iter()
            .map(|lease| (&*lease.name, lease.node.as_str(), lease.token))
            .collect();
        self.retire("onlooker").await?;
        ensure_eq("the leases that hold", held, expected)
    }

    /// Takes a lease once it is free.
    pub(super) async fn until_taken(&self, node: &str, name: &str) -> Result<u64, Violation> {
        self.until_taken_for(node, name, LONG).await
    }

    /// Takes a lease for so long, once it is free.
    pub(super) async fn until_taken_for(
        &self,
        node: &str,
        name: &str,
        duration: Duration,
    ) -> Result<u64, Violation> {
        let looks = Looks::begin();
        loop {
            let taken = self.acquire(node, &[name], duration).await?;
            if let Some(lease) = taken.first() {
                return Ok(lease.token);
            }
            looks.again("the lease to end").await?;
        }
    }

    /// Waits for the end of a lease that nobody takes.
    pub(super) async fn until_ended(&self, name: &str) -> Result<(), Violation> {
        let looks = Looks::begin();
        loop {
            let view = self.renew("onlooker", &[], LONG).await?;
            self.retire("onlooker").await?;
            if view.leases.iter().all(|lease| lease.name != name) {
                return Ok(());
            }
            looks.again("the lease to end").await?;
        }
    }
}

/// Looking for something until it is there.
pub(super) struct Looks {
    deadline: Instant,
}

impl Looks {
    pub(super) fn begin() -> Self {
        Self {
            deadline: Instant::now() + ENDING,
        }
    }

    /// Waits a little, if there is time left.
    pub(super) async fn again(&self, what: &str) -> Result<(), Violation> {
        if Instant::now() > self.deadline {
            let expected = format_args!("{what} within {ENDING:?}");
            return Err(Violation::new(expected, "it did not"));
        }
        tokio::time::sleep(Duration::from_millis(2)).await;
        Ok(())
    }
}

pub(super) fn names(names: &[&str]) -> Vec<String> {
    names.iter().map(|name| (*name).to_owned()).collect()
}
