//! Faults of reads that a test names one by one.

use std::error::Error as _;
use std::sync::Arc;

use orchestrix::error::BoxError;
use orchestrix::message::MessageId;
use orchestrix::store::{
    Append, EventData, EventStore, EventStoreExt as _, ExpectedVersion, GlobalPosition,
    MemoryStore, Page, Payload, ReadAll, ReadError, ReadStream, StreamId, StreamVersion, TenantId,
};
use orchestrix::testkit::faults::ReadFault::{Failed, Held, Short, Stale, Unavailable};
use orchestrix::testkit::faults::{FaultOdds, FaultStore, InjectedReadFault, ReadCall};

const CALLS: [ReadCall; 4] = [
    ReadCall::Stream,
    ReadCall::All,
    ReadCall::Find,
    ReadCall::Head,
];

fn stream() -> Result<StreamId, BoxError> {
    Ok(StreamId::new("thing", "a")?)
}

/// A store with so many events in one stream, and the id of the first.
async fn with_events(count: usize) -> Result<(FaultStore, MessageId), BoxError> {
    let memory = MemoryStore::new();
    let mut events = Vec::new();
    for n in 0..count {
        events.push(EventData::new("Happened", 1, Payload::of(&n)?));
    }
    let first = events[0].event_id;
    let append = Append::new(stream()?, ExpectedVersion::NoStream, events);
    memory.append(vec![append]).await.remove(0)?;
    Ok((FaultStore::over(Arc::new(memory)), first))
}

/// Makes one read, and tells how many events there were, or where the head was.
async fn read(store: &FaultStore, call: ReadCall, id: MessageId) -> Result<u64, ReadError> {
    let all = ReadAll::after(GlobalPosition::START);
    let whole = ReadStream::forward(stream().expect("a valid name"));
    Ok(match call {
        ReadCall::Stream => store.read_stream(whole).await?.len() as u64,
        ReadCall::All => store.read_all(all).await?.events.len() as u64,
        ReadCall::Find => store
            .find_event(&TenantId::default(), id)
            .await?
            .map_or(0, |event| event.version.get()),
        ReadCall::Head => store.head().await?.get(),
        other => panic!("{other:?} is not known here"),
    })
}

#[tokio::test]
async fn every_kind_of_read_meets_its_own_faults() -> Result<(), BoxError> {
    for call in CALLS {
        let (store, id) = with_events(3).await?;
        let sound = read(&store, call, id).await?;
        store.next_reads(
            call,
            [Some(Unavailable), None, Some(Failed), Some(Unavailable)],
        );
        for other in CALLS.into_iter().filter(|other| *other != call) {
            read(&store, other, id).await?;
        }
        for fault in [
            Some(Unavailable),
            None,
            Some(Failed),
            Some(Unavailable),
            None,
        ] {
            let outcome = read(&store, call, id).await;
            let Some(fault) = fault else {
                assert_eq!(outcome?, sound, "{call:?}");
                continue;
            };
            let error = outcome.expect_err("a fault");
            assert_eq!(error.is_transient(), fault == Unavailable, "{call:?}");
            let cause = error.source().and_then(|cause| cause.downcast_ref());
            let named = cause.map(|InjectedReadFault { fault, .. }| *fault);
            assert_eq!(named, Some(fault), "{call:?}");
        }
        let counts = store.counts();
        assert_eq!(
            (counts.reads, counts.reads_unavailable, counts.reads_failed),
            (9, 2, 1)
        );
        assert_eq!((counts.calls, counts.reads_held), (0, 0));
    }
    Ok(())
}

#[tokio::test]
async fn always_goes_on_until_it_is_healed() -> Result<(), BoxError> {
    for call in CALLS {
        let (store, id) = with_events(1).await?;
        store.always_reads(call, Unavailable);
        store.next_reads(call, [None]);
        read(&store, call, id).await?;
        for _ in 0..3 {
            read(&store, call, id).await.expect_err("it is unavailable");
        }
        store.heal();
        read(&store, call, id).await?;
    }
    Ok(())
}

#[tokio::test]
async fn what_is_held_waits_for_the_read_gate() -> Result<(), BoxError> {
    for call in CALLS {
        let (store, id) = with_events(2).await?;
        store.next_reads(call, [Some(Held), Some(Held)]);
        let reading = || {
            let store = store.clone();
            tokio::spawn(async move { read(&store, call, id).await })
        };
        let held = reading();
        store.read_gate().until_waiting(1).await;
        let given_up = reading();
        store.read_gate().until_waiting(2).await;
        given_up.abort();
        given_up.await.expect_err("it was given up");
        assert_eq!(store.read_gate().waiting(), 1);
        // The next is not held, nor are appends.
        read(&store, call, id).await?;
        let more = EventData::new("Happened", 1, Payload::of(&7)?);
        let more = Append::new(stream()?, ExpectedVersion::Any, vec![more]);
        store.append(vec![more]).await.remove(0)?;
        assert!(!held.is_finished());
        store.read_gate().open();
        let seen = held.await??;
        assert_eq!(seen, if call == ReadCall::Find { 1 } else { 3 }, "{call:?}");
        assert_eq!(store.counts().reads_held, 2);
    }
    Ok(())
}

fn shape(page: &Page) -> (usize, u64, bool) {
    (page.events.len(), page.scanned_to.get(), page.at_head)
}

#[tokio::test]
async fn pages_are_shortened_and_made_stale_within_what_a_page_may_say() -> Result<(), BoxError> {
    // (events there, read behind, at most, fault, events on the page, scanned to, at the head)
    let cases = [
        (5, 0, 10, Short, (3, 3, false)),
        (5, 0, 3, Short, (2, 2, false)),
        (5, 3, 10, Short, (1, 4, false)),
        (5, 4, 10, Short, (1, 5, true)),
        (5, 5, 10, Short, (0, 5, true)),
        (5, 0, 10, Stale, (4, 4, true)),
        (5, 4, 10, Stale, (0, 4, true)),
        (5, 5, 10, Stale, (0, 5, true)),
        (5, 0, 3, Stale, (3, 3, false)),
        (5, 2, 3, Stale, (2, 4, true)),
    ];
    for (events, after, limit, fault, expected) in cases {
        let (store, _) = with_events(events).await?;
        store.next_reads(ReadCall::All, [Some(fault)]);
        let read = ReadAll::after(GlobalPosition::new(after)).limit(limit);
        let page = store.read_all(read).await?;
        let case = format!("{fault:?} behind {after}, at most {limit}");
        assert_eq!(shape(&page), expected, "{case}");
        let rest = store.read_all(ReadAll::after(page.scanned_to)).await?;
        let next = rest.events.first().map(|event| event.position.get());
        assert_eq!(
            next,
            (expected.1 < events as u64).then_some(expected.1 + 1),
            "{case}"
        );
    }
    Ok(())
}

#[tokio::test]
async fn a_stale_stream_lacks_its_newest_event_and_no_other() -> Result<(), BoxError> {
    let whole = ReadStream::forward(stream()?);
    let cases = [
        (whole.clone(), vec![1, 2, 3, 4]),
        (whole.clone().limit(5), vec![1, 2, 3, 4, 5]),
        (whole.clone().limit(2), vec![1, 2]),
        (whole.from(StreamVersion::new(5)), vec![]),
        (ReadStream::backward(stream()?), vec![4, 3, 2, 1]),
    ];
    for (read, expected) in cases {
        let (store, _) = with_events(5).await?;
        let sound = store.read_stream(read.clone()).await?;
        store.next_reads(ReadCall::Stream, [Some(Stale), Some(Short)]);
        let stale = store.read_stream(read.clone()).await?;
        let versions: Vec<_> = stale.iter().map(|event| event.version.get()).collect();
        assert_eq!(versions, expected, "{read:?}");
        // Half a stream would be one that ends there.
        assert_eq!(store.read_stream(read).await?, sound);
        let counts = store.counts();
        let hidden = usize::from(stale.len() < sound.len());
        assert_eq!((counts.reads_stale, counts.reads_shortened), (hidden, 0));
    }
    Ok(())
}

/// The same seed draws the same, and a reader who goes on sees everything once.
#[tokio::test]
async fn drawn_faults_lose_no_event() -> Result<(), BoxError> {
    use futures_util::TryStreamExt as _;

    const EVENTS: usize = 200;
    let odds = || FaultOdds::none().with(Unavailable, 100).with(Short, 300);
    let (mut shortened, mut unavailable) = (0, 0);
    for seed in 0..20 {
        let mut runs = Vec::new();
        for _ in 0..2 {
            let (store, _) = with_events(EVENTS).await?;
            store.seeded_reads(ReadCall::All, seed, odds());
            let mut seen = Vec::new();
            let mut after = GlobalPosition::START;
            loop {
                let log = store.stream_all(ReadAll::after(after).limit(20));
                let read = log.try_for_each(|event| {
                    after = event.position;
                    seen.push(event.position.get());
                    std::future::ready(Ok(()))
                });
                match read.await {
                    Ok(()) => break,
                    Err(error) => assert!(error.is_transient(), "{error:?}"),
                }
            }
            assert!(seen.iter().copied().eq(1..=EVENTS as u64), "seed {seed}");
            runs.push(store.counts());
        }
        assert_eq!(runs[0], runs[1], "seed {seed}");
        shortened += runs[0].reads_shortened;
        unavailable += runs[0].reads_unavailable;
    }
    assert!(
        shortened > 20 && unavailable > 10,
        "{shortened}, {unavailable}"
    );
    Ok(())
}
