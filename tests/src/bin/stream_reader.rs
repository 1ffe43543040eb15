//! A process that streams events out of a SQLite file, so that what it uses of the memory is its own:
//! `stream_reader <database> <log | stream> <drop | keep> <events>`.
//!
//! Prints how many events there were, the memory it had when a tenth of them had come, and the most it had later, in
//! KiB. `keep` keeps all events, which is what a stream must not do. Linux only.

use std::error::Error;
use std::pin::pin;

use futures_util::{Stream, StreamExt as _};
use orchestrix::store::{
    EventStoreExt as _, GlobalPosition, ReadAll, ReadError, ReadStream, RecordedEvent,
};
use orchestrix_sqlite::SqliteStore;

type AnyError = Box<dyn Error + Send + Sync>;

fn main() -> Result<(), AnyError> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let [database, what, keeping, events] = &arguments[..] else {
        return Err("usage: stream_reader <database> <log | stream> <drop | keep> <events>".into());
    };
    let (keeps, events) = (keeping == "keep", events.parse()?);
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .worker_threads(2)
        .enable_all()
        .build()?;
    let (count, tenth, most) = runtime.block_on(async {
        let store = SqliteStore::open(database).await?;
        match &what[..] {
            "log" => {
                let read = ReadAll::after(GlobalPosition::START);
                measure(store.stream_all(read), events, keeps).await
            }
            "stream" => {
                let read = ReadStream::forward("long-1".parse()?);
                measure(store.stream_events(read), events, keeps).await
            }
            other => Err(format!("there is no `{other}` to read").into()),
        }
    })?;
    println!("{count} {tenth} {most}");
    Ok(())
}

async fn measure(
    events: impl Stream<Item = Result<RecordedEvent, ReadError>>,
    expected: usize,
    keeps: bool,
) -> Result<(usize, u64, u64), AnyError> {
    let mut events = pin!(events);
    let mut kept = Vec::new();
    let (mut count, mut tenth, mut most) = (0, 0, 0);
    while let Some(event) = events.next().await {
        let event = event?;
        count += 1;
        if keeps {
            kept.push(event);
        }
        if count % (expected / 100).max(1) == 0 && count >= expected / 10 {
            let now = resident_kib()?;
            if tenth == 0 {
                tenth = now;
            }
            most = most.max(now);
        }
    }
    Ok((count, tenth, most))
}

/// What this process has of the memory now.
fn resident_kib() -> Result<u64, AnyError> {
    let status = std::fs::read_to_string("/proc/self/status")?;
    let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:"));
    let number = line.and_then(|line| line.split_whitespace().next());
    Ok(number.ok_or("the kernel does not tell VmRSS")?.parse()?)
}
