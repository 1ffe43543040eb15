//! Readers that follow the log while it is written.

use std::collections::{HashMap, HashSet};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use tokio::task::JoinSet;

use super::expectations::ensure_conflict;
use super::opened::Opened;
use super::polling::at_full_length;
use super::samples::{event, events, exact, ids, ids_of, some, stream};
use super::subject::StoreUnderTest;
use super::violation::{Violation, ensure, ensure_eq};
use crate::message::MessageId;
use crate::store::{
    Append, Changes, ExpectedVersion, Filter, GlobalPosition, ReadAll, RecordedEvent, StreamId,
    StreamVersion,
};

const WRITERS: usize = 8;
/// What all writers together store at least.
const EVENTS: usize = 10_000;
/// The category of the streams that all writers write to.
const SHARED: &str = "shared";
/// How long a reader waits where no wake-up comes.
const POLL: Duration = Duration::from_millis(20);
/// A wake-up that takes longer is none.
const WAKING: Duration = Duration::from_secs(2);

/// While eight writers append, readers that follow the log see every event once, in the order of positions and of
/// versions, and nothing appears behind them.
pub async fn a_tailing_reader_sees_every_event_once_in_order(
    subject: &dyn StoreUnderTest,
) -> Result<(), Violation> {
    let store = Opened::open(subject).await?;
    let ended = Arc::new(AtomicBool::new(false));
    let mut readers = JoinSet::new();
    for (filter, limit) in [
        (Filter::all(), 100),
        (Filter::all().categories([SHARED]), 1_000),
    ] {
        let (store, ended) = (store.clone(), ended.clone());
        readers.spawn(async move { (filter.clone(), tail(&store, filter, limit, &ended).await) });
    }
    let mut writers = JoinSet::new();
    for writer in 0..WRITERS {
        let store = store.clone();
        writers.spawn(async move { write(&store, writer, at_full_length(EVENTS) / WRITERS).await });
    }
    let mut written = HashSet::new();
    for of_one in writers.join_all().await {
        written.extend(of_one?);
    }
    ended.store(true, Ordering::Release);
    let log = store.log().await?;
    ensure_eq("the number of events in the log", log.len(), written.len())?;
    let stored: HashSet<MessageId> = log.iter().map(RecordedEvent::event_id).collect();
    ensure(
        stored == written,
        "the acknowledged events in the log",
        stored.len(),
    )?;
    for (filter, seen) in readers.join_all().await {
        let expected: Vec<_> = log
            .iter()
            .filter(|event| filter.matches(event))
            .cloned()
            .collect();
        let seen = seen?;
        ensure_eq(
            "the number of events that a reader saw",
            seen.len(),
            expected.len(),
        )?;
        ensure(
            ids(&seen) == ids(&expected),
            "the events in the log's order",
            "another order",
        )?;
    }
    Ok(())
}

/// A reader that waits for changes is woken by an append.
pub async fn an_append_wakes_a_waiting_reader(
    subject: &dyn StoreUnderTest,
) -> Result<(), Violation> {
    let store = Opened::open(subject).await?;
    wakes(&store, store.events.changes()).await
}

/// Wake-ups that nobody waited for, or that never came, lose nothing: what is read is the log.
pub async fn a_missed_wake_up_loses_nothing(subject: &dyn StoreUnderTest) -> Result<(), Violation> {
    let store = Opened::open(subject).await?;
    let mut written = Vec::new();
    // While nobody listens; then while somebody listens and does not wait; then after it has gone.
    for listening in [false, true, false] {
        let changes = listening.then(|| store.events.changes());
        let append = some(&stream("1")?, 3)?;
        written.extend(ids_of(&append));
        store.append(append).await?;
        drop(changes);
        let mut late = store.events.changes();
        late.changed(POLL).await;
        ensure_eq(
            "the log's events",
            ids(&store.log().await?),
            written.clone(),
        )?;
    }
    Ok(())
}

/// Checks that a reader's end is woken when its store appends. A single wake-up may go missing, not all.
pub(super) async fn wakes(store: &Opened, mut changes: Changes) -> Result<(), Violation> {
    const ATTEMPTS: usize = 2;
    for _ in 0..ATTEMPTS {
        let append = some(&stream("1")?, 1)?;
        let an_hour = Duration::from_secs(3_600);
        let woken = async {
            tokio::time::timeout(WAKING, changes.changed(an_hour))
                .await
                .is_ok()
        };
        let (woken, appended) = tokio::join!(woken, store.append(append));
        appended?;
        if woken {
            return Ok(());
        }
    }
    Err(Violation::new(
        format_args!(
            "a wake-up within {} s of one of {ATTEMPTS} appends",
            WAKING.as_secs()
        ),
        "none",
    ))
}

/// Appends at least so many events, with conflicts among them, to streams of its own and of all writers.
async fn write(store: &Opened, writer: usize, count: usize) -> Result<Vec<MessageId>, Violation> {
    let own = stream(&format!("of-{writer}"))?;
    let other = stream(&format!("beside-{writer}"))?;
    let shared = [StreamId::new(SHARED, "1")?, StreamId::new(SHARED, "2")?];
    let mut written = Vec::new();
    let mut version = 0;
    while written.len() < count {
        let accepted = [
            Append::new(own.clone(), exact(version), events(3)?),
            Append::new(shared[0].clone(), ExpectedVersion::Any, vec![event()?]),
            some(&other, 2)?.and(shared[1].clone(), ExpectedVersion::Any, events(1)?),
        ];
        written.extend(accepted.iter().flat_map(ids_of));
        let mut call = accepted.to_vec();
        // A conflict between them: where positions come from a sequence, it leaves a gap that a reader must pass.
        call.insert(2, Append::new(own.clone(), exact(version), events(1)?));
        version += 3;
        for (n, outcome) in store.events.append(call).await.into_iter().enumerate() {
            match outcome {
                Ok(_) if n != 2 => {}
                Err(error) if n == 2 => ensure_conflict(&error, &own, exact(version - 3), version)?,
                other => {
                    let found = format_args!("{other:?} for number {n}");
                    return Err(Violation::new("only the third append to be refused", found));
                }
            }
        }
    }
    Ok(written)
}

/// Follows the log until the writers have ended and the head is reached.
async fn tail(
    store: &Opened,
    filter: Filter,
    limit: usize,
    ended: &AtomicBool,
) -> Result<Vec<RecordedEvent>, Violation> {
    let mut changes = store.events.changes();
    let mut seen: Vec<RecordedEvent> = Vec::new();
    let mut versions: HashMap<StreamId, StreamVersion> = HashMap::new();
    let mut after = GlobalPosition::START;
    loop {
        // Asked before the page is read: all that was acknowledged by then is in it, or in a later one.
        let last = ended.load(Ordering::Acquire);
        let page = store
            .page(ReadAll::after(after).filter(filter.clone()).limit(limit))
            .await?;
        after = page.scanned_to;
        for event in page.events {
            let version = versions.entry(event.stream.clone()).or_default();
            let expected = format_args!("version {} of {} next", version.next(), event.stream);
            ensure(event.version == version.next(), expected, event.version)?;
            *version = event.version;
            seen.push(event);
        }
        match (page.at_head, last) {
            (true, true) => return Ok(seen),
            (true, false) => changes.changed(POLL).await,
            (false, _) => {}
        }
    }
}
