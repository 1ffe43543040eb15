//! Targets that hold something else, or are written to by others.

use std::sync::Arc;

use orchestrix::error::BoxError;
use orchestrix::store::copy::{CopyError, CopyLog, Difference, VerifyError};
use orchestrix::store::{Append, AppendError, EventStore, ExpectedVersion, MemoryStore, StreamId};
use orchestrix::testkit::faults::{AppendFault, FaultStore};

use super::log::{contents, event, filled, stream};

fn foreign() -> Result<Append, BoxError> {
    let stream = StreamId::new("foreign", "1")?;
    Ok(Append::new(stream, ExpectedVersion::Any, vec![event(8)?]))
}

#[tokio::test]
async fn a_target_with_other_events_is_refused_and_left_as_it_is() -> Result<(), BoxError> {
    let (from, _) = filled(50, 5).await?;
    let (to, _) = filled(30, 5).await?;
    let before = contents(&*to).await?;
    let error = CopyLog::new(from, to.clone())
        .run()
        .await
        .expect_err("another log");
    assert!(matches!(error, CopyError::ForeignEvent { .. }), "{error:?}");
    assert!(!error.is_transient());
    assert!(contents(&*to).await? == before);
    Ok(())
}

#[tokio::test]
async fn a_foreign_event_behind_or_before_copied_ones_is_found_out() -> Result<(), BoxError> {
    let (from, events) = filled(300, 5).await?;
    for is_first in [false, true] {
        let to = Arc::new(MemoryStore::new());
        let copy = CopyLog::new(from.clone(), to.clone());
        if is_first {
            // It comes between the look at the empty target and the first append.
            let faulty = FaultStore::over(to.clone());
            faulty.next([Some(AppendFault::Held)]);
            let first = CopyLog::new(from.clone(), Arc::new(faulty.clone()));
            let (copied, stored) = tokio::join!(first.run(), async {
                faulty.gate().until_waiting(1).await;
                let stored = to.append(vec![foreign()?]).await.remove(0);
                faulty.gate().open();
                Ok::<_, BoxError>(stored?)
            });
            stored?;
            copied?;
        } else {
            copy.run().await?;
            to.append(vec![foreign()?]).await.remove(0)?;
        }
        let error = copy.run().await.expect_err("a foreign event");
        let CopyError::ForeignEvent { event } = &error else {
            return Err(error.into());
        };
        assert_eq!(event.stream, StreamId::new("foreign", "1")?);
        assert!(error.to_string().contains("foreign-1"), "{error}");
        let verdict = copy.verify().await.expect_err("a foreign event");
        let VerifyError::Different { equal, difference } = verdict else {
            return Err(verdict.into());
        };
        match is_first {
            true => assert!(matches!(*difference, Difference::OtherEvent { .. }) && equal == 0),
            false => {
                assert!(matches!(*difference, Difference::Extra { .. }) && equal == events as u64)
            }
        }
    }
    Ok(())
}

#[tokio::test]
async fn who_writes_to_a_stream_of_the_target_meanwhile_is_a_conflict() -> Result<(), BoxError> {
    let (from, _) = filled(400, 5).await?;
    let to = Arc::new(MemoryStore::new());
    let faulty = FaultStore::over(to.clone());
    faulty.next(std::iter::repeat_n(None, 20).chain([Some(AppendFault::Held)]));
    let copy = CopyLog::new(from, Arc::new(faulty.clone()));
    let (copied, stored) = tokio::join!(copy.run(), async {
        faulty.gate().until_waiting(1).await;
        let mut stored = Vec::new();
        for number in 0..5 {
            let theirs = Append::new(stream(number)?, ExpectedVersion::Any, vec![event(1)?]);
            stored.push(to.append(vec![theirs]).await.remove(0)?.position);
        }
        faulty.gate().open();
        Ok::<_, BoxError>(stored)
    });
    let theirs = stored?;
    let error = copied.expect_err("a conflict");
    let CopyError::Append { source, .. } = &error else {
        return Err(error.into());
    };
    assert!(matches!(source, AppendError::Conflict { .. }), "{source:?}");
    // What they wrote is there, and nothing behind it.
    assert_eq!(Some(&to.head().await?), theirs.last());
    Ok(())
}

/// Equal ids, but not in the order of the source: somebody else has copied by other means.
#[tokio::test]
async fn a_target_in_another_order_is_refused() -> Result<(), BoxError> {
    let from = Arc::new(MemoryStore::new());
    let to = Arc::new(MemoryStore::new());
    let mut appends = Vec::new();
    for number in 0..4 {
        appends.push(Append::new(
            stream(number)?,
            ExpectedVersion::NoStream,
            vec![event(number)?],
        ));
    }
    for append in &appends {
        from.append(vec![append.clone()]).await.remove(0)?;
    }
    for n in [0, 2, 1] {
        to.append(vec![appends[n].clone()]).await.remove(0)?;
    }
    let error = CopyLog::new(from, to)
        .run()
        .await
        .expect_err("another order");
    let CopyError::Different { difference } = &error else {
        return Err(error.into());
    };
    assert!(
        matches!(**difference, Difference::OtherEvent { .. }),
        "{difference}"
    );
    Ok(())
}
