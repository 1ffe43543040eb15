//! Requests that came before, told from what their idempotency key was stored with.

use super::{Receipt, ReceiptEvent};
use crate::store::{
    Appended, AppendedStream, EventStore, GlobalPosition, ReadError, ReadStream, StreamId,
};

/// What was stored when a request came first.
pub(crate) struct FirstOutcome {
    pub(crate) written: AppendedStream,
    pub(crate) position: GlobalPosition,
    pub(crate) events: Vec<ReceiptEvent>,
}

/// Why an outcome is not told.
pub(crate) enum Unrecalled {
    /// It concerns another stream than the one that is asked about: this one.
    Elsewhere(StreamId),
    /// Its events cannot be read.
    Unread(ReadError),
}

impl From<ReadError> for Unrecalled {
    fn from(error: ReadError) -> Self {
        Self::Unread(error)
    }
}

impl FirstOutcome {
    /// What was stored with an outcome, if that was in this stream alone, or in any where none is named.
    pub(crate) async fn recall(
        store: &dyn EventStore,
        outcome: Appended,
        stream: Option<&StreamId>,
    ) -> Result<Self, Unrecalled> {
        let position = outcome.position;
        let mut streams = outcome.streams.into_iter();
        let (Some(written), others) = (streams.next(), streams.next()) else {
            return Err(damaged("an idempotency key", "its outcome names no stream").into());
        };
        if others.is_some() || stream.is_some_and(|stream| *stream != written.stream) {
            return Err(Unrecalled::Elsewhere(written.stream));
        }
        let count = 1 + (written.last_version.get()).saturating_sub(written.first_version.get());
        let mut events = Vec::new();
        while (events.len() as u64) < count {
            let rest = ReadStream::forward(written.stream.clone())
                .from(written.first_version.plus(events.len() as u64))
                .to(written.last_version)
                .with_archived();
            let page = store.read_stream(rest).await?;
            if page.is_empty() {
                let place = format!("{} from version {}", written.stream, written.first_version);
                return Err(damaged(place, "events that were stored are missing").into());
            }
            events.extend(page.into_iter().map(|event| ReceiptEvent::of(event.data)));
        }
        Ok(Self {
            written,
            position,
            events,
        })
    }

    pub(crate) fn into_receipt(self) -> Receipt {
        Receipt {
            stream: self.written.stream,
            version: self.written.last_version,
            position: self.position,
            events: self.events,
        }
    }
}

fn damaged(place: impl Into<String>, what: &'static str) -> ReadError {
    ReadError::Corrupt {
        place: place.into(),
        source: what.into(),
    }
}
