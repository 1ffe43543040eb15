//! A handler that fails at some events, or hangs at them.

use std::collections::HashSet;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use orchestrix::app::StartError;
use orchestrix::prelude::*;
use orchestrix::store::Backend;
use orchestrix::subscription::Delivery;
use serde_json::json;
use tokio::time::Instant;

use crate::app::counter::{Counted, Counter, Total};
use crate::app::stored::{event, write};

pub(in crate::app) const DELIVER: &str = "post.deliver";
pub(in crate::app) const TOTAL: &str = "total@1";

/// What the handler was called with, and what it makes of it.
#[derive(Debug, Clone, Default)]
pub(in crate::app) struct Calls(Arc<Mutex<CallsState>>);

#[derive(Debug, Default)]
struct CallsState {
    calls: Vec<(u32, Instant)>,
    poison: HashSet<u32>,
    hanging: HashSet<u32>,
}

impl Calls {
    /// A handler that fails at these.
    pub(in crate::app) fn failing_at(poison: impl IntoIterator<Item = u32>) -> Self {
        let calls = Self::default();
        calls.fail_at(poison);
        calls
    }

    /// From now on it fails at these only.
    pub(in crate::app) fn fail_at(&self, poison: impl IntoIterator<Item = u32>) {
        self.0.lock().unwrap().poison = poison.into_iter().collect();
    }

    /// From now on it does not come to an end at these.
    pub(in crate::app) fn hang_at(&self, events: impl IntoIterator<Item = u32>) {
        self.0.lock().unwrap().hanging = events.into_iter().collect();
    }

    /// Every call, in order.
    pub(in crate::app) fn all(&self) -> Vec<u32> {
        let state = self.0.lock().unwrap();
        state.calls.iter().map(|(by, _)| *by).collect()
    }

    /// The times between calls.
    pub(in crate::app) fn waits(&self) -> Vec<Duration> {
        let state = self.0.lock().unwrap();
        let pairs = state.calls.windows(2);
        pairs.map(|pair| pair[1].1 - pair[0].1).collect()
    }
}

#[derive(Debug, thiserror::Error)]
#[error("the letter box is full")]
pub(in crate::app) struct Full;

pub(in crate::app) struct Post(pub(in crate::app) Calls);

#[module(name = "post", aggregates(Counter), projections(Total))]
impl Post {
    #[on]
    async fn deliver(&self, event: &Counted) -> Result<(), Full> {
        let (fails, hangs) = {
            let mut state = self.0.0.lock().unwrap();
            state.calls.push((event.by, Instant::now()));
            let by = &event.by;
            (state.poison.contains(by), state.hanging.contains(by))
        };
        if hangs {
            std::future::pending::<()>().await;
        }
        match fails {
            true => Err(Full),
            false => Ok(()),
        }
    }
}

/// An app whose handler gets its events so.
pub(in crate::app) async fn posting(
    store: impl Backend,
    calls: &Calls,
    delivery: Delivery,
) -> Result<App, StartError> {
    let builder = Orchestrix::builder().isolated().store(store);
    let builder = builder.module(Post(calls.clone()));
    builder.delivery(DELIVER, delivery).start().await
}

/// Writes events, each to the stream of its remainder by three, so that the position of the n-th is n in an empty store.
pub(in crate::app) async fn counted(
    store: &MemoryStore,
    numbers: impl IntoIterator<Item = u32>,
) -> Result<(), Box<dyn std::error::Error>> {
    for by in numbers {
        let counter = format!("c{}", by % 3);
        let body = json!({ "counter": counter, "by": by });
        write(
            store,
            &format!("counter-{counter}"),
            vec![event("Counted", 1, body)],
        )
        .await?;
    }
    Ok(())
}
