//! A projection whose code changes while it runs, as with a new version of a program.

use std::collections::{BTreeMap, HashSet};
use std::convert::Infallible;
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use orchestrix::app::{Config, StartError};
use orchestrix::prelude::*;
use orchestrix::store::{Backend, GlobalPosition};
use orchestrix::subscription::{Delivery, ErrorPolicy, RetryPolicy, SubscriptionState};
use serde_json::json;

use crate::app::counter::Counted;
use crate::app::stored::{event, write};
use crate::app::waiting::LONG;

pub(super) const TALLY: &str = "tally@1";

/// How the code is for the events of each test.
static CODE: Mutex<BTreeMap<String, Code>> = Mutex::new(BTreeMap::new());

#[derive(Debug, Default)]
struct Code {
    is_corrected: bool,
    poison: HashSet<u32>,
    folded: Vec<u32>,
}

/// The events of one test: they say whose they are.
#[derive(Debug, Clone, Copy)]
pub(super) struct Events(pub(super) &'static str);

impl Events {
    fn with<T>(self, what: impl FnOnce(&mut Code) -> T) -> T {
        let mut code = CODE.lock().unwrap_or_else(PoisonError::into_inner);
        what(code.entry(self.0.to_owned()).or_default())
    }

    /// From now on each event counts a hundred times.
    pub(super) fn correct(self) {
        self.with(|code| code.is_corrected = true);
    }

    /// From now on it fails at these only.
    pub(super) fn fail_at(self, poison: impl IntoIterator<Item = u32>) {
        self.with(|code| code.poison = poison.into_iter().collect());
    }

    /// What was folded since this was asked for, in order.
    pub(super) fn folded(self) -> Vec<u32> {
        self.with(|code| std::mem::take(&mut code.folded))
    }

    /// The name of one of two counters, each a stream and a document.
    pub(super) fn counter(self, by: u32) -> String {
        format!("{}:{}", self.0, by % 2)
    }

    /// Writes events of these numbers, so that the position of the n-th is n in an empty store.
    pub(super) async fn write(
        self,
        store: &MemoryStore,
        numbers: impl IntoIterator<Item = u32>,
    ) -> Result<(), Box<dyn std::error::Error>> {
        for by in numbers {
            let counter = self.counter(by);
            let body = json!({ "counter": counter, "by": by });
            let stream = format!("counter-{}", by % 2);
            write(store, &stream, vec![event("Counted", 1, body)]).await?;
        }
        Ok(())
    }

    /// The sums of both documents, those of even numbers first.
    pub(super) async fn sums(
        self,
        app: &App,
    ) -> Result<[Option<u32>; 2], Box<dyn std::error::Error>> {
        let mut sums = [None; 2];
        for (by, sum) in (0..).zip(&mut sums) {
            let tally = app.view::<Tally>(&self.counter(by)).await?;
            *sum = tally.map(|tally| tally.sum);
        }
        Ok(sums)
    }
}

/// What the events of a counter come to.
#[derive(Debug, Default, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Tally {
    pub(super) sum: u32,
}

#[projection(key = counter)]
impl Tally {
    #[apply]
    fn counted(&mut self, event: &Counted) {
        let mut code = CODE.lock().unwrap_or_else(PoisonError::into_inner);
        let of = event.counter.split(':').next().unwrap_or_default();
        let code = code.entry(of.to_owned()).or_default();
        assert!(!code.poison.contains(&event.by), "{} is poison", event.by);
        code.folded.push(event.by);
        self.sum += event.by * if code.is_corrected { 100 } else { 1 };
    }
}

pub(super) struct Tallies;

#[module(name = "tallies", projections(Tally))]
impl Tallies {
    #[on]
    async fn listen(&self, _: &Counted) -> Result<(), Infallible> {
        Ok(())
    }
}

/// An app that folds ten events at a time, and tries none twice.
pub(super) async fn tallying(
    store: impl Backend,
    on_error: ErrorPolicy,
) -> Result<App, StartError> {
    let mut config = Config::new();
    config.projection_page = 10;
    let mut delivery = Delivery::default();
    delivery.retry = RetryPolicy::none();
    delivery.on_error = on_error;
    let builder = Orchestrix::builder().isolated().store(store).config(config);
    let builder = builder.module(Tallies).delivery(TALLY, delivery);
    builder.start().await
}

/// Waits until the build has halted, and says where its checkpoint is.
pub(super) async fn halted(app: &App) -> Result<GlobalPosition, Box<dyn std::error::Error>> {
    let halting = async {
        loop {
            if let [build] = &app.rebuilds().await?[..]
                && matches!(build.state, Some(SubscriptionState::Halted { .. }))
            {
                return Ok(build.position);
            }
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
    };
    tokio::time::timeout(LONG, halting).await?
}
