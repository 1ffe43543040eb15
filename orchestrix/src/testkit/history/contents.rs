//! What a store holds in the end.

use std::collections::BTreeMap;

use super::operation::SeenEvent;
use crate::store::{
    EventStore, GlobalPosition, MAX_PAGE, ReadAll, ReadError, ReadStream, StreamId, StreamVersion,
};

/// An event that is stored.
pub type Stored = SeenEvent;

/// Everything in a store, read in both ways.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
#[non_exhaustive]
pub struct Contents {
    /// The log, in the order it was read in.
    pub log: Vec<Stored>,
    /// Each stream, in the order it was read in; those of the log and those asked for.
    pub streams: BTreeMap<StreamId, Vec<Stored>>,
}

impl Contents {
    /// Reads a store to its head, and every stream that is in the log or named here. Nobody may write meanwhile.
    ///
    /// # Errors
    /// [`ReadError`]; [`ReadError::Failed`] also when the store says that there is more but gives no more.
    pub async fn of(
        store: &dyn EventStore,
        streams: impl IntoIterator<Item = StreamId>,
    ) -> Result<Self, ReadError> {
        let mut contents = Self {
            streams: streams.into_iter().map(|id| (id, Vec::new())).collect(),
            log: whole_log(store).await?,
        };
        for event in &contents.log {
            if !contents.streams.contains_key(&event.stream) {
                contents.streams.insert(event.stream.clone(), Vec::new());
            }
        }
        for (stream, events) in &mut contents.streams {
            *events = whole_stream(store, stream).await?;
        }
        Ok(contents)
    }
}

async fn whole_log(store: &dyn EventStore) -> Result<Vec<Stored>, ReadError> {
    let mut log = Vec::new();
    let mut after = GlobalPosition::START;
    loop {
        let page = store.read_all(ReadAll::after(after)).await?;
        log.extend(page.events.iter().map(Stored::of));
        if page.at_head {
            return Ok(log);
        }
        if page.scanned_to <= after {
            return Err(ReadError::Failed {
                source: format!("the log does not go on after {after} and has not ended").into(),
            });
        }
        after = page.scanned_to;
    }
}

async fn whole_stream(store: &dyn EventStore, stream: &StreamId) -> Result<Vec<Stored>, ReadError> {
    let mut events = Vec::new();
    let mut from = StreamVersion::FIRST;
    loop {
        let read = ReadStream::forward(stream.clone()).from(from);
        let page = store.read_stream(read).await?;
        events.extend(page.iter().map(Stored::of));
        match page.last() {
            Some(last) if page.len() == MAX_PAGE && last.version >= from => {
                from = last.version.next();
            }
            _ => return Ok(events),
        }
    }
}
