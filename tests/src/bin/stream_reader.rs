//! A process that streams events out of a SQLite file, so that what it uses of the memory is its own:
//! `stream_reader <database> <log | stream | projection> <drop | keep> <events>`.
//!
//! Prints how many events there were, the memory it had when a tenth of them had come, and the most it had later, in
//! KiB. `projection` is an app whose projection catches up. `keep` keeps all events, which is what a stream must not do.
//! Linux only.

use std::error::Error;
use std::pin::pin;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use futures_util::{Stream, StreamExt as _};
use orchestrix::prelude::*;
use orchestrix::projection::{Documents, FoldError, Keys};
use orchestrix::store::{
    Backend as _, EventStore as _, EventStoreExt as _, GlobalPosition, ReadAll, ReadError,
    ReadStream, RecordedEvent,
};
use orchestrix_sqlite::SqliteStore;
use tests::WatchedStore;

type AnyError = Box<dyn Error + Send + Sync>;

/// How long the projection may take at most.
const PATIENCE: Duration = Duration::from_secs(1_800);
/// How many documents it has: all of them long before a tenth of the events.
const DOCUMENTS: u64 = 1_000;

fn main() -> Result<(), AnyError> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let [database, what, keeping, events] = &arguments[..] else {
        return Err(
            "usage: stream_reader <database> <log | stream | projection> <drop | keep> <events>"
                .into(),
        );
    };
    let memory = Memory::new(events.parse()?, keeping == "keep");
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .worker_threads(2)
        .enable_all()
        .build()?;
    let (count, tenth, most) = runtime.block_on(async {
        let store = SqliteStore::open(database).await?;
        match &what[..] {
            "log" => {
                let read = ReadAll::after(GlobalPosition::START);
                stream(store.stream_all(read), memory).await
            }
            "stream" => {
                let read = ReadStream::forward("long-1".parse()?);
                stream(store.stream_events(read), memory).await
            }
            "projection" => catch_up(store, memory).await,
            other => Err(format!("there is no `{other}` to read").into()),
        }
    })?;
    println!("{count} {tenth} {most}");
    Ok(())
}

async fn stream(
    events: impl Stream<Item = Result<RecordedEvent, ReadError>>,
    mut memory: Memory,
) -> Result<(usize, u64, u64), AnyError> {
    let mut events = pin!(events);
    while let Some(event) = events.next().await {
        memory.note(event?)?;
    }
    Ok(memory.measured())
}

async fn catch_up(store: SqliteStore, memory: Memory) -> Result<(usize, u64, u64), AnyError> {
    let head = store.head().await?;
    let memory = Arc::new(Mutex::new(memory));
    let noted = memory.clone();
    let events = WatchedStore::over(store.ports().events, move |_, page| {
        let mut memory = noted.lock().expect("nobody panicked");
        for event in &page.events {
            memory.note(event.clone()).expect("the kernel tells VmRSS");
        }
    });
    let builder = Orchestrix::builder().isolated().store(store);
    let builder = builder.events(Arc::new(events)).module(Buckets);
    let app = builder.start().await?;
    let view = app.view::<Bucket>(&bucket(1)).at_least(head);
    view.within(PATIENCE).await?.ok_or("there is no document")?;
    app.shutdown().await?;
    let measured = memory.lock().expect("nobody panicked").measured();
    Ok(measured)
}

/// What a process has of the memory while so many events come.
struct Memory {
    expected: usize,
    keeps: bool,
    kept: Vec<RecordedEvent>,
    count: usize,
    tenth: u64,
    most: u64,
}

impl Memory {
    fn new(expected: usize, keeps: bool) -> Self {
        Self {
            expected,
            keeps,
            kept: Vec::new(),
            count: 0,
            tenth: 0,
            most: 0,
        }
    }

    fn note(&mut self, event: RecordedEvent) -> Result<(), AnyError> {
        self.count += 1;
        if self.keeps {
            self.kept.push(event);
        }
        if self.count.is_multiple_of((self.expected / 100).max(1))
            && self.count >= self.expected / 10
        {
            let now = resident_kib()?;
            if self.tenth == 0 {
                self.tenth = now;
            }
            self.most = self.most.max(now);
        }
        Ok(())
    }

    fn measured(&self) -> (usize, u64, u64) {
        (self.count, self.tenth, self.most)
    }
}

/// What this process has of the memory now.
fn resident_kib() -> Result<u64, AnyError> {
    let status = std::fs::read_to_string("/proc/self/status")?;
    let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:"));
    let number = line.and_then(|line| line.split_whitespace().next());
    Ok(number.ok_or("the kernel does not tell VmRSS")?.parse()?)
}

#[derive(Event, Serialize, Deserialize)]
struct Happened(String);

/// The events of one long stream, in turn.
#[derive(Debug, Default, Serialize, Deserialize)]
struct Bucket {
    events: u64,
    bytes: usize,
}

fn bucket(version: u64) -> String {
    (version % DOCUMENTS).to_string()
}

impl Projection for Bucket {
    const NAME: &'static str = "bucket";
    const VERSION: u32 = 1;
    type Event = Happened;

    fn keys(_: &Happened, recorded: &RecordedEvent, keys: &mut Keys) {
        keys.push(&bucket(recorded.version.get()));
    }

    fn apply(
        event: &Happened,
        recorded: &RecordedEvent,
        documents: &mut Documents<'_, Self>,
    ) -> Result<(), FoldError> {
        documents.change(&bucket(recorded.version.get()), |bucket: &mut Self| {
            bucket.events += 1;
            bucket.bytes += event.0.len();
        });
        Ok(())
    }
}

#[module(projections(Bucket))]
struct Buckets;
