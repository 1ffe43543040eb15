//! A handler that writes down what it was given, on each node.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use orchestrix::app::{Config, StartError};
use orchestrix::prelude::*;
use orchestrix::store::Backend;
use orchestrix::subscription::Delivery;

use crate::dcb::stores::Opened;

pub(super) const CARRY: &str = "station.carry";
/// Long enough for a busy machine not to lose one; nobody here waits for the end of one.
const LEASE: Duration = Duration::from_secs(5);

#[derive(Event, Serialize, Deserialize)]
pub(super) struct Arrived {
    of: String,
    number: u64,
}

/// What all nodes were given.
#[derive(Debug, Clone, Default)]
pub(super) struct Carried(Arc<Mutex<Vec<Piece>>>);

/// Node, stream and number.
type Piece = (&'static str, String, u64);

impl Carried {
    fn all(&self) -> Vec<Piece> {
        let carried = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        carried.clone()
    }

    pub(super) fn nodes(&self) -> BTreeSet<&'static str> {
        self.all().into_iter().map(|(node, ..)| node).collect()
    }

    /// Checks that each of the numbers came once, and those of each stream in their order.
    pub(super) fn is_complete(&self, numbers: std::ops::RangeInclusive<u64>) {
        let all = self.all();
        let mut carried: Vec<u64> = all.iter().map(|(.., number)| *number).collect();
        carried.sort_unstable();
        assert_eq!(carried, numbers.collect::<Vec<_>>());
        let mut last = BTreeMap::new();
        for (node, stream, number) in &all {
            let before = last.insert(stream, number);
            assert!(
                before < Some(number),
                "{number} came to {node} after {before:?}"
            );
        }
    }
}

struct Station {
    node: &'static str,
    carried: Carried,
}

#[module(name = "station")]
impl Station {
    #[on]
    async fn carry(&self, event: &Arrived) {
        let mut carried = self
            .carried
            .0
            .lock()
            .unwrap_or_else(PoisonError::into_inner);
        carried.push((self.node, event.of.clone(), event.number));
    }
}

/// A node with so many lanes.
pub(super) async fn porter(
    node: &'static str,
    store: &Arc<dyn Backend>,
    carried: &Carried,
    lanes: u16,
) -> Result<App, StartError> {
    let mut config = Config::new();
    config.lease_duration = LEASE;
    let mut delivery = Delivery::default();
    delivery.lanes = lanes;
    let builder = Orchestrix::builder()
        .isolated()
        .store(Opened(store.clone()));
    let carried = carried.clone();
    let builder = builder.module(Station { node, carried }).config(config);
    builder.delivery(CARRY, delivery).start().await
}
