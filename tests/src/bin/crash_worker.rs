//! A process that is killed while it writes: `crash_worker sqlite <database> <history> <seed> <writers>`.
//!
//! It writes its history as JSON lines, and tells of each acknowledged append with a byte on its standard output. It ends
//! by itself when its standard input ends, that is with the test that started it.

use std::error::Error;
use std::path::Path;
use std::sync::Arc;

use orchestrix::store::EventStore;
use orchestrix::testkit::history::Recorder;
use orchestrix_sqlite::SqliteStore;
use tests::{CrashLoad, Notes, end_with_standard_input};
use tokio::sync::watch;
use tokio::task::JoinSet;

type AnyError = Box<dyn Error + Send + Sync>;

fn main() -> Result<(), AnyError> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let [role, database, history, seed, writers] = &arguments[..] else {
        return Err("usage: crash_worker sqlite <database> <history> <seed> <writers>".into());
    };
    if role != "sqlite" {
        return Err(format!("there is no role `{role}`").into());
    }
    let recorder = Recorder::writing_to(Notes::told_where(Path::new(history), is_acknowledgement)?);
    let (seed, writers) = (seed.parse()?, writers.parse()?);
    end_with_standard_input();
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .worker_threads(2)
        .enable_all()
        .build()?;
    runtime.block_on(write(database, &recorder, seed, writers))
}

async fn write(
    database: &str,
    recorder: &Recorder,
    seed: u64,
    writers: u32,
) -> Result<(), AnyError> {
    let store: Arc<dyn EventStore> = Arc::new(SqliteStore::open(database).await?);
    let (_stop, stopped) = watch::channel(false);
    let load = CrashLoad {
        seed,
        counts: Arc::default(),
        stop: stopped,
    };
    let mut working = JoinSet::new();
    for number in 1..=writers {
        let (load, worker) = (load.clone(), recorder.worker(number));
        working.spawn(load.write(store.clone(), worker, number));
    }
    let reader = recorder.worker(writers + 1);
    working.spawn(async move {
        load.follow(store, reader, 200).await;
        Ok(())
    });
    while let Some(ended) = working.join_next().await {
        ended??;
    }
    Ok(())
}

fn is_acknowledgement(line: &[u8]) -> bool {
    let mark = b"\"answer\":{\"appended\"";
    line.windows(mark.len()).any(|window| window == mark)
}
