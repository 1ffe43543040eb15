//! Copies that end anywhere, and are taken up again.

use std::sync::Arc;

use orchestrix::error::BoxError;
use orchestrix::store::copy::{CopyError, CopyLog};
use orchestrix::store::{
    Append, EventData, EventStore, ExpectedVersion, GlobalPosition, MemoryStore, Payload, ReadAll,
    StreamId,
};
use orchestrix::testkit::faults::AppendFault::{self, AnswerLost, NotSent, Twice, Unavailable};
use orchestrix::testkit::faults::{FaultOdds, FaultStore, ReadCall, ReadFault};

use super::log::{contents, event, filled, stream};

fn over(target: &Arc<MemoryStore>) -> FaultStore {
    FaultStore::over(target.clone())
}

/// Whether the target holds the source's first events, in their order, and nothing else.
async fn is_beginning(from: &dyn EventStore, to: &dyn EventStore) -> Result<bool, BoxError> {
    Ok(contents(from).await?.starts_with(&contents(to).await?))
}

/// First counts the appends of a copy, and then lets one after the other meet a fault: alone, so that those behind it in
/// the same call are sent, and with everything behind it, as in a crash.
#[tokio::test]
async fn a_copy_that_fails_at_any_append_is_taken_up_and_equal() -> Result<(), BoxError> {
    // More events than are sent one append at a time.
    let (from, events) = filled(420, 17).await?;
    let counting = over(&Arc::new(MemoryStore::new()));
    CopyLog::new(from.clone(), Arc::new(counting.clone()))
        .run()
        .await?;
    let counts = counting.counts();
    assert!(
        counts.appends > counts.calls + 20,
        "no call has several appends: {counts:?}"
    );
    let faults: [(AppendFault, bool); 4] = [
        (Unavailable, false),
        (Unavailable, true),
        (NotSent, false),
        (AnswerLost, false),
    ];
    for n in 0..counts.appends {
        let (fault, goes_on) = faults[n % faults.len()];
        let target = Arc::new(MemoryStore::new());
        let faulty = over(&target);
        faulty.next(std::iter::repeat_n(None, n).chain([Some(fault)]));
        if goes_on {
            faulty.always(fault);
        }
        let copy = CopyLog::new(from.clone(), Arc::new(faulty.clone()));
        let error = copy.run().await.expect_err("an append failed");
        assert!(error.is_transient(), "append {n}: {error:?}");
        assert!(
            matches!(error, CopyError::Append { .. }),
            "append {n}: {error:?}"
        );
        assert!(
            is_beginning(&*from, &*target).await?,
            "append {n}, {fault:?}"
        );
        let before = contents(&*target).await?.len();

        faulty.heal();
        let report = copy.run().await?;
        assert_eq!(
            (report.events, report.repeated),
            ((events - before) as u64, 0),
            "append {n}"
        );
        assert_eq!(copy.verify().await?.events, events as u64, "append {n}");
    }
    Ok(())
}

#[tokio::test]
async fn a_copy_over_a_bad_line_comes_to_its_end() -> Result<(), BoxError> {
    let (from, events) = filled(400, 11).await?;
    for seed in 0..30 {
        let target = Arc::new(MemoryStore::new());
        let (source, faulty) = (FaultStore::over(from.clone()), over(&target));
        let odds = FaultOdds::none()
            .with(Unavailable, 8)
            .with(NotSent, 8)
            .with(AnswerLost, 8)
            .with(Twice, 50);
        faulty.seeded(seed, odds);
        let reads = FaultOdds::none()
            .with(ReadFault::Unavailable, 30)
            .with(ReadFault::Short, 200);
        for call in [ReadCall::All, ReadCall::Find, ReadCall::Head] {
            source.seeded_reads(call, seed, reads.clone());
            faulty.seeded_reads(call, !seed, reads.clone());
        }
        let copy = CopyLog::new(Arc::new(source), Arc::new(faulty.clone())).page(100);
        let mut runs = 0;
        while let Err(error) = copy.run().await {
            assert!(error.is_transient(), "seed {seed}: {error:?}");
            assert!(is_beginning(&*from, &*target).await?, "seed {seed}");
            runs += 1;
            assert!(runs < 1_000, "seed {seed}");
        }
        assert_eq!(faulty.counts().unrecognised, 0);
        let plain = CopyLog::new(from.clone(), target);
        assert_eq!(plain.verify().await?.events, events as u64, "seed {seed}");
    }
    Ok(())
}

/// The call of a run that was given up comes to its end while the next run is under way.
#[tokio::test]
async fn what_was_sent_before_and_comes_late_is_recognised() -> Result<(), BoxError> {
    let (from, events) = filled(300, 13).await?;
    let target = Arc::new(MemoryStore::new());
    // The first run sends this, and is gone before it is stored.
    let first = from
        .read_all(ReadAll::after(GlobalPosition::START).limit(1))
        .await?;
    let first = &first.events[0];
    let late = Append::new(
        first.stream.clone(),
        ExpectedVersion::NoStream,
        vec![first.data.clone()],
    );
    let faulty = over(&target);
    faulty.next([Some(AppendFault::Held)]);
    let copy = Arc::new(CopyLog::new(from.clone(), Arc::new(faulty.clone())));
    let run = tokio::spawn({
        let copy = copy.clone();
        async move { copy.run().await }
    });
    // The run has looked where to go on, and comes to its first append.
    faulty.gate().until_waiting(1).await;
    target.append(vec![late]).await.remove(0)?;
    faulty.gate().open();
    let error = run.await?.expect_err("a part was there already");
    assert!(matches!(error, CopyError::Append { .. }), "{error:?}");
    assert!(is_beginning(&*from, &*target).await?);
    copy.run().await?;
    assert_eq!(copy.verify().await?.events, events as u64);
    Ok(())
}

/// Whole appends that come late are counted as such.
#[tokio::test]
async fn whole_appends_that_come_late_are_counted() -> Result<(), BoxError> {
    let (from, target) = (Arc::new(MemoryStore::new()), Arc::new(MemoryStore::new()));
    let events = (0..3).map(event).collect::<Result<Vec<_>, _>>()?;
    let append = Append::new(stream(1)?, ExpectedVersion::NoStream, events);
    from.append(vec![append.clone()]).await.remove(0)?;
    let faulty = over(&target);
    faulty.next([Some(AppendFault::Held)]);
    let copy = CopyLog::new(from, Arc::new(faulty.clone()));
    let (report, stored) = tokio::join!(copy.run(), async {
        faulty.gate().until_waiting(1).await;
        let stored = target.append(vec![append]).await.remove(0);
        faulty.gate().open();
        stored
    });
    stored?;
    let report = report?;
    assert_eq!((report.events, report.repeated, report.streams), (0, 3, 0));
    assert!(
        report
            .to_string()
            .ends_with("3 events had come late from an earlier run")
    );
    Ok(())
}

/// A part of an append that comes late gets the append refused. What follows in the log would fit on the late part, and
/// must not be stored without the rest.
#[tokio::test]
async fn a_part_that_comes_late_leaves_no_hole() -> Result<(), BoxError> {
    let (from, target) = (Arc::new(MemoryStore::new()), Arc::new(MemoryStore::new()));
    let (one, other) = (stream(1)?, stream(2)?);
    let mut late = None;
    for (n, stream) in [&one, &other, &one].into_iter().enumerate() {
        let append = Append::new(stream.clone(), ExpectedVersion::Any, vec![event(n)?]);
        from.append(vec![append.clone()]).await.remove(0)?;
        late.get_or_insert(append);
    }
    let faulty = over(&target);
    faulty.next([Some(AppendFault::Held)]);
    let copy = CopyLog::new(from.clone(), Arc::new(faulty.clone()));
    let (copied, stored) = tokio::join!(copy.run(), async {
        faulty.gate().until_waiting(1).await;
        let stored = target.append(late.into_iter().collect()).await.remove(0);
        faulty.gate().open();
        stored
    });
    stored?;
    copied.expect_err("a part was there already");
    assert_eq!(contents(&*target).await?.len(), 1);
    copy.run().await?;
    assert_eq!(copy.verify().await?.events, 3);
    Ok(())
}

/// Appends that end because they are full have no stream in common, so they are not sent side by side.
#[tokio::test]
async fn full_appends_that_fail_leave_no_hole() -> Result<(), BoxError> {
    let (from, small) = filled(250, 3).await?;
    for n in 0..9 {
        let stream = StreamId::new("large", &n.to_string())?;
        let large = EventData::new("Large", 1, Payload::binary(vec![n; 1 << 20]));
        let append = Append::new(stream, ExpectedVersion::NoStream, vec![large]);
        from.append(vec![append]).await.remove(0)?;
    }
    assert!(small > 500);
    let counting = over(&Arc::new(MemoryStore::new()));
    let counted = CopyLog::new(from.clone(), Arc::new(counting.clone()));
    counted.run().await?;
    let appends = counting.counts().appends;
    // The last of them are full.
    for n in appends - 5..appends {
        let target = Arc::new(MemoryStore::new());
        let faulty = over(&target);
        faulty.next(std::iter::repeat_n(None, n).chain([Some(Unavailable)]));
        let copy = CopyLog::new(from.clone(), Arc::new(faulty));
        copy.run().await.expect_err("an append failed");
        assert!(is_beginning(&*from, &*target).await?, "append {n}");
        copy.run().await?;
        copy.verify().await?;
    }
    Ok(())
}
