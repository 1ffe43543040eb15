//! Streams that are archived.

use std::sync::Arc;

use orchestrix::error::BoxError;
use orchestrix::store::copy::{CopyError, CopyLog};
use orchestrix::store::{AppendError, EventStore, ExpectedVersion, MemoryStore, ReadStream};
use orchestrix::testkit::conformance::StoreUnderTest;
use tests::SqliteSubject;

use super::log::{contents, event, fill, filled, stream};

#[tokio::test]
async fn archived_streams_are_copied_and_archived_when_asked_for() -> Result<(), BoxError> {
    let (from, events) = filled(120, 9).await?;
    for number in [2, 4, 6] {
        from.archive_stream(&stream(number)?, ExpectedVersion::StreamExists)
            .await?;
    }
    let file = SqliteSubject::new("archived_streams_are_copied");
    let sqlite = file.open().await?;
    let to = sqlite.ports().events;
    let copy = CopyLog::new(from.clone(), to.clone()).page(50);
    assert_eq!(copy.run().await?.events, events as u64);
    assert!(contents(&*from).await? == contents(&*to).await?);
    let read = |number| Ok::<_, BoxError>(ReadStream::forward(stream(number)?));
    assert!(!to.read_stream(read(4)?).await?.is_empty());
    // Twice, as after a crash.
    for _ in 0..2 {
        assert_eq!(copy.archive_streams().await?, 3);
    }
    for number in 0..9 {
        let is_archived = [2, 4, 6].contains(&number);
        assert_eq!(to.read_stream(read(number)?).await?.is_empty(), is_archived);
        let whole = to.read_stream(read(number)?.with_archived()).await?;
        assert!(!whole.is_empty());
    }
    assert_eq!(copy.verify().await?.events, events as u64);
    assert_eq!(copy.run().await?.events, 0);
    sqlite.close().await
}

#[tokio::test]
async fn a_stream_that_is_not_copied_as_a_whole_is_not_archived() -> Result<(), BoxError> {
    let (from, _) = filled(40, 4).await?;
    let to = Arc::new(MemoryStore::new());
    let copy = CopyLog::new(from.clone(), to.clone());
    copy.run().await?;
    fill(&*from, 40, 4).await?;
    let archived = stream(1)?;
    from.archive_stream(&archived, ExpectedVersion::Any).await?;
    let error = copy.archive_streams().await.expect_err("a part is missing");
    let CopyError::Archive {
        stream: refused,
        source,
    } = &error
    else {
        return Err(error.into());
    };
    assert_eq!(refused, &archived);
    assert!(matches!(source, AppendError::Conflict { .. }), "{source:?}");
    copy.run().await?;
    assert_eq!(copy.archive_streams().await?, 1);
    let more = orchestrix::store::Append::new(archived, ExpectedVersion::Any, vec![event(1)?]);
    let outcome = to.append(vec![more]).await.remove(0);
    assert!(
        matches!(outcome, Err(AppendError::Archived { .. })),
        "{outcome:?}"
    );
    Ok(())
}
