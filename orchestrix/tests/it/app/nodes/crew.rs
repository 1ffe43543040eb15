//! A handler on each node, all of which write into one book.

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering::SeqCst};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use orchestrix::app::{Builder, Config, StartError};
use orchestrix::prelude::*;
use orchestrix::store::{Backend, LeaseStore, NodeId};
use orchestrix::subscription::{Delivery, RetryPolicy, SubscriptionState};

use crate::app::counter::{Counted, Counter, Total};
use crate::app::gate::Gate;
use crate::app::waiting::{eventually, status};

pub(super) const WORK: &str = "crew.work";
pub(super) const TOTAL: &str = "total@1";
pub(super) const LEASE: Duration = Duration::from_secs(1);

/// What all nodes handled.
#[derive(Debug, Clone, Default)]
pub(super) struct Book(Arc<Pages>);

#[derive(Debug, Default)]
pub(super) struct Pages {
    handled: Mutex<Vec<Handled>>,
    under_way: AtomicUsize,
    pub(super) most_at_once: AtomicUsize,
    /// Where handlers wait before they are done.
    pub(super) gate: Gate,
    pub(super) fails: AtomicBool,
}

#[derive(Debug, Clone)]
struct Handled {
    node: &'static str,
    counter: String,
    by: u32,
}

impl std::ops::Deref for Book {
    type Target = Pages;

    fn deref(&self) -> &Pages {
        &self.0
    }
}

impl Book {
    fn handled(&self) -> Vec<Handled> {
        self.handled.lock().unwrap().clone()
    }

    /// How many were handled, over and over ones included.
    pub(super) fn count(&self) -> usize {
        self.handled.lock().unwrap().len()
    }

    /// The numbers, in the order in which they were handled.
    pub(super) fn numbers(&self) -> Vec<u32> {
        self.handled().iter().map(|handled| handled.by).collect()
    }

    /// The nodes, in the order in which they handled something.
    pub(super) fn nodes(&self) -> Vec<&'static str> {
        self.handled().iter().map(|handled| handled.node).collect()
    }

    /// Checks that each of the numbers was handled once, and that those of each counter came in their order.
    pub(super) fn is_complete(&self, numbers: std::ops::RangeInclusive<u32>) {
        let mut all = self.numbers();
        all.sort_unstable();
        assert_eq!(all, numbers.collect::<Vec<_>>());
        let mut last: BTreeMap<String, u32> = BTreeMap::new();
        for handled in self.handled() {
            let before = last.insert(handled.counter.clone(), handled.by);
            assert!(before < Some(handled.by), "{handled:?} after {before:?}");
        }
    }
}

#[derive(Debug, thiserror::Error)]
#[error("too tired")]
pub(super) struct Tired;

struct Working {
    book: Book,
    node: &'static str,
}

#[module(name = "crew", aggregates(Counter), projections(Total))]
impl Working {
    #[on]
    async fn work(&self, event: &Counted) -> Result<(), Tired> {
        let book = &self.book;
        let now = book.under_way.fetch_add(1, SeqCst) + 1;
        book.most_at_once.fetch_max(now, SeqCst);
        book.gate.pass().await;
        book.under_way.fetch_sub(1, SeqCst);
        if book.fails.load(SeqCst) {
            return Err(Tired);
        }
        book.handled.lock().unwrap().push(Handled {
            node: self.node,
            counter: event.counter.clone(),
            by: event.by,
        });
        Ok(())
    }
}

/// A node whose leases last for a second.
pub(super) async fn node(
    name: &'static str,
    store: &(impl Backend + Clone),
    book: &Book,
    lanes: u16,
) -> App {
    let mut delivery = Delivery::default();
    delivery.retry = RetryPolicy::none();
    delivery.lanes = lanes;
    let started = start(name, store, book, delivery, LEASE).await;
    started.expect("the module is in order")
}

pub(super) async fn start(
    name: &'static str,
    store: &(impl Backend + Clone),
    book: &Book,
    delivery: Delivery,
    lease: Duration,
) -> Result<App, StartError> {
    let mut config = Config::new();
    config.lease_duration = lease;
    let builder = builder(name, store, book).config(config);
    builder.delivery(WORK, delivery).start().await
}

pub(super) fn builder(name: &'static str, store: &(impl Backend + Clone), book: &Book) -> Builder {
    let book = book.clone();
    let builder = Orchestrix::builder().isolated().store(store.clone());
    builder.module(Working { book, node: name })
}

/// Whether it leaves a subscription to another node.
pub(super) fn stands_by(app: &App, subscription: &str) -> bool {
    let state = status(app, subscription).state;
    matches!(state, SubscriptionState::Standby { .. })
}

/// Which of the two serves the handler, and which does not.
pub(super) async fn serving<'a>(one: &'a App, other: &'a App) -> (&'a App, &'a App) {
    // On a paused clock this takes no time: until each node knows of the other, and leases are where they are to stay.
    tokio::time::sleep(LEASE * 60).await;
    eventually("one serves", || {
        let live = |app: &App| matches!(status(app, WORK).state, SubscriptionState::Live);
        live(one) && stands_by(other, WORK) || live(other) && stands_by(one, WORK)
    })
    .await;
    match stands_by(one, WORK) {
        true => (other, one),
        false => (one, other),
    }
}

/// Who holds which leases, by the node's name.
pub(super) async fn leases(store: &impl LeaseStore) -> BTreeMap<NodeId, Vec<String>> {
    let onlooker = NodeId::new("onlooker");
    let view = store.renew_leases(&onlooker, &[], LEASE).await;
    store.retire_node(&onlooker).await.expect("a memory store");
    let mut held: BTreeMap<_, Vec<_>> = BTreeMap::new();
    for lease in view.expect("a memory store").leases {
        held.entry(lease.node).or_default().push(lease.name);
    }
    held
}
