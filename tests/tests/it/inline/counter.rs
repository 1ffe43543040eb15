//! Counters, and documents that are written with their events.

use std::collections::BTreeMap;

use orchestrix::error::BoxError;
use orchestrix::prelude::*;
use orchestrix::store::{
    Append, Backend, EventData, EventStore, ExpectedVersion, GlobalPosition, Payload, ReadAll,
    StreamId,
};
use serde_json::json;

/// The subscription of [`Tally`].
pub(super) const TALLY: &str = "tally@1+inline";

#[derive(Event, Serialize, Deserialize)]
pub(super) struct Counted {
    pub(super) counter: String,
    pub(super) by: u64,
}

#[derive(Event, Serialize, Deserialize)]
pub(super) struct Looked {
    pub(super) counter: String,
}

#[derive(Event, Serialize, Deserialize)]
pub(super) struct Mixed {
    pub(super) counter: String,
    pub(super) with: String,
}

#[derive(Event, Serialize, Deserialize)]
pub(super) struct Ended {
    pub(super) counter: String,
}

#[derive(Command)]
pub(super) struct Count {
    #[id]
    pub(super) counter: String,
    pub(super) by: u64,
}

#[derive(Command)]
pub(super) struct Look {
    #[id]
    pub(super) counter: String,
}

/// What no inline projection can fold, unless a counter is mixed with itself.
#[derive(Command)]
pub(super) struct Mix {
    #[id]
    pub(super) counter: String,
    pub(super) with: String,
}

#[derive(Command)]
pub(super) struct End {
    #[id]
    pub(super) counter: String,
}

#[derive(Default)]
pub(super) struct Counter {
    sum: u64,
}

#[aggregate]
impl Counter {
    #[handle]
    fn count(&self, count: &Count) -> Counted {
        Counted {
            counter: count.counter.clone(),
            by: count.by,
        }
    }

    #[handle]
    fn look(&self, look: &Look) -> Looked {
        Looked {
            counter: look.counter.clone(),
        }
    }

    #[handle]
    fn mix(&self, mix: &Mix) -> Mixed {
        Mixed {
            counter: mix.counter.clone(),
            with: mix.with.clone(),
        }
    }

    #[handle]
    fn end(&self, end: &End) -> Ended {
        Ended {
            counter: end.counter.clone(),
        }
    }

    #[apply]
    fn counted(&mut self, event: &Counted) {
        self.sum += event.by;
    }

    #[apply]
    fn looked(&mut self, _: &Looked) {}

    #[apply]
    fn mixed(&mut self, _: &Mixed) {}

    #[apply]
    fn ended(&mut self, _: &Ended) {
        self.sum = 0;
    }
}

/// An event that is folded twice shows.
#[derive(Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Tally {
    pub(super) events: u64,
    pub(super) sum: u64,
}

#[projection(key = counter, index(sum), inline = Counter)]
impl Tally {
    #[apply]
    fn counted(&mut self, event: &Counted) {
        self.events += 1;
        self.sum += event.by;
    }

    #[apply(key = with)]
    fn mixed(&mut self, _: &Mixed) {
        self.events += 1;
    }

    #[apply]
    fn ended(self, _: &Ended) -> Option<Self> {
        None
    }
}

/// Counters with documents, and the same without.
#[module(aggregates(Counter), projections(Tally))]
pub(super) struct Counting;

#[module(aggregates(Counter))]
pub(super) struct Plain;

pub(super) fn count(counter: &str, by: u64) -> Count {
    Count {
        counter: counter.to_owned(),
        by,
    }
}

pub(super) fn tally(events: u64, sum: u64) -> Option<Tally> {
    Some(Tally { events, sum })
}

/// Appends counts as no app does, whatever version the stream is at.
pub(super) async fn append_raw(
    log: &dyn EventStore,
    counter: &str,
    counts: &[u64],
) -> Result<(), BoxError> {
    let event = |by: &u64| -> Result<EventData, BoxError> {
        let body = Payload::of(&json!({ "counter": counter, "by": by }))?;
        Ok(EventData::new("Counted", 1, body))
    };
    let events = counts.iter().map(event).collect::<Result<_, _>>()?;
    let stream = StreamId::new("counter", counter)?;
    let append = Append::new(stream, ExpectedVersion::Any, events);
    for appended in log.append(vec![append]).await {
        appended?;
    }
    Ok(())
}

/// What the documents are to be, counted from the log by other code.
pub(super) async fn recount(log: &dyn EventStore) -> Result<BTreeMap<String, Tally>, BoxError> {
    let mut counted = BTreeMap::new();
    let mut after = GlobalPosition::START;
    loop {
        let page = log.read_all(ReadAll::after(after)).await?;
        for event in &page.events {
            let body: serde_json::Value = event.data.payload.read()?;
            let counter = event.stream.key().to_owned();
            match event.event_type() {
                "Counted" => {
                    let tally: &mut Tally = counted.entry(counter).or_default();
                    tally.events += 1;
                    tally.sum += body["by"].as_u64().unwrap_or_default();
                }
                "Ended" => {
                    counted.remove(&counter);
                }
                _ => {}
            }
        }
        if page.at_head {
            return Ok(counted);
        }
        after = page.scanned_to;
    }
}

pub(super) async fn documents(app: &App) -> Result<BTreeMap<String, Tally>, BoxError> {
    Ok(app.views::<Tally>().await?.into_iter().collect())
}

/// What is read by way of the index.
pub(super) async fn sums(app: &App) -> Result<Vec<u64>, BoxError> {
    let found = app
        .query::<Tally>()
        .ascending("sum")
        .fetch()
        .await?
        .documents;
    Ok(found.into_iter().map(|(_, tally)| tally.sum).collect())
}

/// The ports of one of the stores.
pub(super) fn log(store: &dyn Backend) -> std::sync::Arc<dyn EventStore> {
    store.ports().events
}
