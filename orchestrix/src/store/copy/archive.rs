//! Which streams are archived.

use futures_util::StreamExt as _;

use super::{CopyError, CopyLog};
use crate::store::{
    EventStoreExt as _, ExpectedVersion, GlobalPosition, ReadAll, ReadStream, StreamId,
    StreamVersion,
};

impl CopyLog {
    /// Archives in the target every stream that is archived in the source, and gives their number; those that are archived
    /// in the target already are counted, too. To be called when everything was copied: an archived stream takes no more
    /// events.
    ///
    /// Reads the log of the source, and each of its streams once.
    ///
    /// # Errors
    /// [`CopyError::Archive`] where the target's stream is not at the source's version, [`CopyError::Source`].
    pub async fn archive_streams(&self) -> Result<u64, CopyError> {
        let unread = |source| CopyError::Source { source };
        let read = ReadAll::after(GlobalPosition::START).limit(self.page);
        let mut log = self.from.stream_all(read);
        let mut archived = 0;
        while let Some(event) = log.next().await {
            let event = event.map_err(unread)?;
            if !self.reaches(event.position) {
                break;
            }
            // Every stream has one first event, so none has to be remembered.
            if event.version != StreamVersion::FIRST {
                continue;
            }
            if let Some(version) = self.archived_at(&event.stream).await? {
                let stream = event.stream;
                let expected = ExpectedVersion::Exact(version);
                let outcome = self.to.archive_stream(&stream, expected).await;
                outcome.map_err(|source| CopyError::Archive { stream, source })?;
                archived += 1;
            }
        }
        Ok(archived)
    }

    /// The last version of a stream of the source, if it is archived.
    async fn archived_at(&self, stream: &StreamId) -> Result<Option<StreamVersion>, CopyError> {
        let last = ReadStream::backward(stream.clone()).limit(1);
        let unread = |source| CopyError::Source { source };
        if !self
            .from
            .read_stream(last.clone())
            .await
            .map_err(unread)?
            .is_empty()
        {
            return Ok(None);
        }
        let events = self.from.read_stream(last.with_archived()).await;
        Ok(events.map_err(unread)?.first().map(|event| event.version))
    }
}
