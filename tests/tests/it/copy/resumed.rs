//! Copies that are brought up to date, that end where they were told to, and large ones.

use std::sync::Arc;

use orchestrix::error::BoxError;
use orchestrix::store::copy::{CopyError, CopyLog, Difference, VerifyError};
use orchestrix::store::{
    Append, AppendError, EventData, EventStore, ExpectedVersion, GlobalPosition, Limit, Limits,
    MemoryStore, Payload, ReadAll, StreamId,
};
use orchestrix::testkit::faults::FaultStore;

use super::log::{contents, event, fill, filled, stream};

#[tokio::test]
async fn a_source_that_goes_on_is_followed() -> Result<(), BoxError> {
    let from = Arc::new(MemoryStore::new());
    let to = Arc::new(MemoryStore::new());
    let copy = CopyLog::new(from.clone(), to);
    assert_eq!(copy.run().await?.events, 0);
    let mut events = 0;
    for round in 1..=5 {
        let more = fill(&*from, round * 90, 9).await?;
        let begun = copy.run().await?;
        assert_eq!(begun.events, more as u64, "round {round}");
        assert_eq!(begun.resumed_after, GlobalPosition::new(events as u64));
        events += more;
        assert_eq!(copy.verify().await?.events, events as u64);
    }
    Ok(())
}

#[tokio::test]
async fn a_copy_ends_where_it_was_told_to() -> Result<(), BoxError> {
    let (from, events) = filled(200, 7).await?;
    let to = Arc::new(MemoryStore::new());
    let whole = CopyLog::new(from.clone(), to.clone());
    for last in [0, 1, 2, 150, 151, 300, events as u64] {
        let last = GlobalPosition::new(last);
        let copy = CopyLog::new(from.clone(), to.clone()).up_to(last).page(150);
        assert_eq!(copy.run().await?.copied_to, last);
        assert_eq!(to.head().await?, last);
        assert_eq!(copy.verify().await?.events, last.get());
        if last.get() < events as u64 {
            let error = whole.verify().await.expect_err("the source goes on");
            let VerifyError::Different { equal, difference } = error else {
                return Err(error.into());
            };
            assert_eq!(equal, last.get());
            assert!(
                matches!(*difference, Difference::Missing { .. }),
                "{difference}"
            );
        }
    }
    // What is beyond is left as it is.
    let short = CopyLog::new(from, to.clone()).up_to(GlobalPosition::new(100));
    let report = short.run().await?;
    assert_eq!((report.events, to.head().await?.get()), (0, events as u64));
    assert!(matches!(
        short.verify().await,
        Err(VerifyError::Different { equal: 100, .. })
    ));
    Ok(())
}

/// Long runs of one stream, many streams at once, and payloads that fill an append alone.
#[tokio::test]
async fn appends_stay_within_the_limits() -> Result<(), BoxError> {
    let from = Arc::new(MemoryStore::new());
    let long = StreamId::new("long", "1")?;
    for n in 0..4 {
        let several = (n..n + 400).map(event).collect::<Result<Vec<_>, _>>()?;
        from.append(vec![Append::new(
            long.clone(),
            ExpectedVersion::Any,
            several,
        )])
        .await
        .remove(0)?;
    }
    for n in 0..700 {
        let stream = StreamId::new("short", &n.to_string())?;
        from.append(vec![Append::new(
            stream,
            ExpectedVersion::NoStream,
            vec![event(n)?],
        )])
        .await
        .remove(0)?;
    }
    let large = StreamId::new("large", "1")?;
    for n in 0..13 {
        let payload = Payload::binary(vec![n; 1 << 20]);
        let large_event = EventData::new("Large", 1, payload);
        from.append(vec![Append::new(
            large.clone(),
            ExpectedVersion::Any,
            vec![large_event],
        )])
        .await
        .remove(0)?;
    }
    let mut limits = Limits::default();
    limits.append_events = 500;
    limits.append_bytes = 4 << 20;
    let to = FaultStore::over(Arc::new(MemoryStore::with_limits(limits)));
    let copy = CopyLog::new(from.clone(), Arc::new(to.clone()));
    copy.run().await?;
    assert_eq!(copy.verify().await?.events, from.head().await?.get());
    // Not an append for each event.
    assert!(to.counts().appends <= 20, "{:?}", to.counts());
    Ok(())
}

/// What the target does not take ends the copy before it, and not only there: nothing behind it is stored either.
#[tokio::test]
async fn an_event_that_is_too_large_for_the_target_leaves_no_hole() -> Result<(), BoxError> {
    let (from, before) = filled(500, 7).await?;
    let large = EventData::new("Large", 1, Payload::binary(vec![1; 2_000]));
    let large = Append::new(stream(1)?, ExpectedVersion::Any, vec![large]);
    let position = from.append(vec![large]).await.remove(0)?.position;
    fill(&*from, 60, 7).await?;
    let mut limits = Limits::default();
    limits.event_bytes = 1_000;
    let small = Arc::new(MemoryStore::with_limits(limits));
    for _ in 0..2 {
        let copy = CopyLog::new(from.clone(), small.clone());
        let error = copy.run().await.expect_err("it is too large");
        let CopyError::Append {
            position: first,
            source,
        } = error
        else {
            return Err(error.into());
        };
        assert!(first <= position);
        assert!(
            matches!(
                source,
                AppendError::LimitExceeded {
                    limit: Limit::EventBytes,
                    ..
                }
            ),
            "{source:?}"
        );
        let there = contents(&*small).await?;
        assert!(there.len() <= before && contents(&*from).await?.starts_with(&there));
    }
    let rest = small
        .read_all(ReadAll::after(GlobalPosition::START))
        .await?;
    assert!(
        rest.events
            .iter()
            .all(|event| event.event_type() != "Large")
    );
    Ok(())
}
