//! Nothing turns up behind a reader of the PostgreSQL store, and no reader waits for a stranger, while writers roll back
//! and dawdle. Beside the readers goes the control, which takes what is visible for all there will be: where it loses
//! nothing, the run has proved nothing.

mod naive_reader;
mod reader;
mod strangers;
mod verdict;
mod writer;

use std::time::{Duration, Instant};

use orchestrix::error::BoxError;
use orchestrix::store::{Backend, EventStore, GlobalPosition};
use orchestrix_postgres::{PostgresOptions, PostgresStore};
use tokio::sync::watch;
use tokio::task::JoinSet;
use url::Url;

use self::reader::{Feed, Reader};
use self::strangers::Strangers;
use self::verdict::{Lag, Stored};
use super::in_database::in_database;
use super::work::{PATIENCE, Seeded, amount, seed, within};

/// Events to be stored at full size.
const FULL: usize = 100_000;
const WRITERS: usize = 32;
/// Each of them stands for a process of its own.
const WRITING_STORES: usize = 2;
/// Readers from the first event on, by the size of their pages; each of them stands for a process of its own.
const PAGES: [usize; 3] = [1_000, 100, 25];
/// How long readers may need for what is left when the writers have ended. Nobody holds a transaction that long.
const CLOSING: Duration = Duration::from_secs(15);

#[test]
fn readers_miss_nothing_and_wait_for_no_stranger() -> Result<(), BoxError> {
    const TEST: &str = "readers_miss_nothing_and_wait_for_no_stranger";
    let Some(events) = amount(TEST, FULL) else {
        return Ok(());
    };
    in_database(TEST, |url| run(url, events))
}

async fn run(url: Url, events: usize) -> Result<(), BoxError> {
    let seed = seed();
    eprintln!("ORCHESTRIX_SEED={seed}");
    let mut random = Seeded::new(seed);
    let writing_stores = open(&url, WRITING_STORES, (WRITERS / WRITING_STORES) as u32).await?;
    let reading_stores = open(&url, PAGES.len(), 2).await?;
    let mut strangers = Strangers::begin(&url).await?;

    let (end, ended) = watch::channel(None);
    let committed = watch::Sender::new(0);
    let mut readers = JoinSet::new();
    for (store, page) in reading_stores.iter().zip(PAGES) {
        readers
            .spawn(Reader::new(store.clone(), page, GlobalPosition::START).follow(ended.clone()));
    }
    let naive = naive_reader::follow(url.clone(), writing_stores[0].changes(), ended.clone());
    let naive = tokio::spawn(naive);
    let latecomers = tokio::spawn(come_late(
        url.clone(),
        committed.subscribe(),
        events / 2,
        ended,
    ));
    let mut writers = JoinSet::new();
    let began = Instant::now();
    for n in 0..WRITERS {
        let store = writing_stores[n % WRITING_STORES].clone();
        let writer = writer::connect(store, &url, random.fork(), committed.clone(), events).await?;
        writers.spawn(writer.write());
    }

    // A second for every hundred events, at the least, though the machine be busy.
    let limit = PATIENCE + Duration::from_millis(10 * events as u64);
    let written = within(limit, "the writers end", writer::join(writers)).await??;
    let writers_ended = Instant::now();
    let stored = Stored::read(&url).await?;
    end.send_replace(Some(stored.last_position()));
    let mut feeds = Vec::new();
    let closing = async {
        while let Some(feed) = readers.join_next().await {
            feeds.push(feed??);
        }
        let early = feeds.len();
        feeds.extend(latecomers.await??);
        Ok::<_, BoxError>((early, naive.await??))
    };
    let (early, naive) = within(CLOSING, "the readers have read what is left", closing).await??;
    strangers.assert_open_and_in_the_way().await?;
    for store in &reading_stores {
        assert_eq!(store.head_stall(), None, "the strangers stall the head");
    }

    stored.assert_is(&written);
    let lags: Vec<Lag> = feeds[..early]
        .iter()
        .map(|feed| Lag::of(feed, &written.committed))
        .collect();
    let lost_by_naive = stored.missing_from(&naive);
    let faults: Vec<_> = feeds.iter().map(|feed| stored.faults_of(feed)).collect();
    eprintln!(
        "{} events in {} transactions in {:.1?}, {} events rolled back, {} transactions held open; {} readers: missed {}, \
         inversions {}, out of stream order {}; missed by the naive reader: {lost_by_naive}; longest head lag {:.0?}, \
         median {:.0?}; closed {:.0?} after the last commit",
        stored.len(),
        written.transactions,
        writers_ended - began,
        written.rolled_back.len(),
        written.held,
        feeds.len(),
        faults.iter().map(|faults| faults.missed).sum::<usize>(),
        faults.iter().map(|faults| faults.inversions).sum::<usize>(),
        faults
            .iter()
            .map(|faults| faults.out_of_stream_order)
            .sum::<usize>(),
        lags.iter().map(|lag| lag.longest).max().unwrap_or_default(),
        lags.iter().map(|lag| lag.median).max().unwrap_or_default(),
        feeds
            .iter()
            .map(|feed| feed.closed_after(writers_ended))
            .max()
            .unwrap_or_default(),
    );
    for (feed, faults) in feeds.iter().zip(&faults) {
        assert!(
            faults.are_none(),
            "the reader in pages of {}: {faults:?}",
            feed.page
        );
        assert!(
            stored.is_read_by(feed),
            "a reader got other events than are stored"
        );
    }
    for feed in &feeds[..early] {
        let read = feed.read_before(writers_ended);
        assert!(
            read >= stored.len() / 4,
            "only {read} events were read while the writers wrote and the strangers were there"
        );
    }
    assert!(
        lost_by_naive > 0,
        "the naive reader missed nothing: the run was too tame to prove anything"
    );

    strangers.end().await?;
    for store in writing_stores.iter().chain(&reading_stores) {
        store.close().await?;
    }
    Ok(())
}

async fn open(url: &Url, stores: usize, connections: u32) -> Result<Vec<PostgresStore>, BoxError> {
    let mut opened = Vec::new();
    for _ in 0..stores {
        let options = PostgresOptions::new(url.as_str())
            .with_max_connections(connections)
            .with_acquire_timeout(PATIENCE);
        opened.push(PostgresStore::connect_with(options).await?);
    }
    Ok(opened)
}

/// Two more processes that start when so many events are stored: one reads all from the first event on, one what comes
/// after the head that it finds.
async fn come_late(
    url: Url,
    mut committed: watch::Receiver<usize>,
    when: usize,
    ended: watch::Receiver<Option<u64>>,
) -> Result<Vec<Feed>, BoxError> {
    committed.wait_for(|events| *events >= when).await?;
    let stores = open(&url, 2, 2).await?;
    let head = stores[1].head().await?;
    let mut feeds = Vec::new();
    let mut readers = JoinSet::new();
    for (store, from) in stores.iter().zip([GlobalPosition::START, head]) {
        readers.spawn(Reader::new(store.clone(), PAGES[0], from).follow(ended.clone()));
    }
    while let Some(feed) = readers.join_next().await {
        feeds.push(feed??);
    }
    for store in stores {
        store.close().await?;
    }
    Ok(feeds)
}
