//! Inline projections: documents that are written in the transaction of the append that changes them.
//!
//! Each document is fed by one stream, and how far that is folded is kept beside it: the subscription and the appends move
//! it by compare-and-set, so that each event is folded once, by whichever of them comes first.

use std::collections::HashMap;
use std::sync::Arc;

use async_trait::async_trait;

use super::fold::ErasedProjection;
use crate::error::BoxError;
use crate::store::{
    Append, AppendError, BesideAppends, EventStore, GlobalPosition, InlineWrite, MAX_PAGE,
    ReadError, ReadModelError, ReadModelStore, ReadStream, RecordedEvent, StreamVersion,
    StreamWrite, expected_version,
};
use crate::telemetry;

/// The inline projections of an app, by the categories of the streams that feed them.
pub(crate) struct InlineProjections {
    by_category: HashMap<&'static str, Vec<InlineProjection>>,
    log: Arc<dyn EventStore>,
    read_models: Arc<dyn ReadModelStore>,
}

struct InlineProjection {
    read_model: String,
    projection: Arc<dyn ErasedProjection>,
}

impl InlineProjections {
    /// Those among these projections, if there are any.
    pub(crate) fn among(
        projections: impl IntoIterator<Item = Arc<dyn ErasedProjection>>,
        log: Arc<dyn EventStore>,
        read_models: Arc<dyn ReadModelStore>,
    ) -> Option<Arc<dyn BesideAppends>> {
        let mut by_category: HashMap<_, Vec<_>> = HashMap::new();
        for projection in projections {
            let info = projection.info();
            if let Some(category) = info.inline {
                by_category
                    .entry(category)
                    .or_default()
                    .push(InlineProjection {
                        read_model: info.subscription,
                        projection,
                    });
            }
        }
        if by_category.is_empty() {
            return None;
        }
        Some(Arc::new(Self {
            by_category,
            log,
            read_models,
        }))
    }

    fn of(&self, write: &StreamWrite) -> &[InlineProjection] {
        let projections = self.by_category.get(write.stream.category());
        projections.map_or(&[], Vec::as_slice)
    }

    /// What the append does to one projection, in all of its builds; nothing where it is too far behind in each.
    async fn follow(
        &self,
        InlineProjection {
            read_model,
            projection,
        }: &InlineProjection,
        write: &StreamWrite,
        expected: StreamVersion,
    ) -> Result<Vec<InlineWrite>, AppendError> {
        let places = self.read_models.inline_places(read_model, &write.stream);
        let places = places.await.map_err(unread)?;
        let own = recorded(write, expected);
        let mut inline = Vec::with_capacity(places.len());
        for (n, place) in places.into_iter().enumerate() {
            if place.progress > expected {
                // The append is stored already, or others were faster: the store will say.
                return Ok(Vec::new());
            }
            let tail = self.tail(write, place.progress, expected).await?;
            let folded = match tail {
                None => None,
                Some(tail) => match projection.fold_inline(&place, &tail, &own) {
                    // What only a build cannot fold, its builder tells.
                    Err(AppendError::NotFolded { .. }) if n > 0 => None,
                    folded => folded?,
                },
            };
            let moves = folded.is_some();
            let (indexes, written) = match folded {
                Some(folded) => (folded.indexes, folded.write),
                None => (Vec::new(), None),
            };
            inline.push(InlineWrite {
                read_model: read_model.clone(),
                build: place.build,
                stream: write.stream.clone(),
                from: place.progress,
                moves,
                indexes,
                write: written,
            });
        }
        if inline.iter().any(|one| one.moves) {
            return Ok(inline);
        }
        tracing::debug!(
            { telemetry::SUBSCRIPTION } = read_model,
            { telemetry::STREAM } = %write.stream,
            "a stream is left to its subscription, which is behind with it"
        );
        Ok(Vec::new())
    }

    /// The events of the stream behind a version, up to another; none where there are too many, or not all of them are
    /// there.
    async fn tail(
        &self,
        write: &StreamWrite,
        after: StreamVersion,
        to: StreamVersion,
    ) -> Result<Option<Vec<RecordedEvent>>, AppendError> {
        let missing = to.get() - after.get();
        if missing == 0 {
            return Ok(Some(Vec::new()));
        }
        if missing > MAX_PAGE as u64 {
            return Ok(None);
        }
        let read = ReadStream::forward(write.stream.clone())
            .from(after.next())
            .to(to);
        let tail = self.log.read_stream(read).await.map_err(unread_log)?;
        Ok((tail.len() as u64 == missing).then_some(tail))
    }
}

#[async_trait]
impl BesideAppends for InlineProjections {
    fn concerns(&self, append: &Append) -> bool {
        let mut writes = append.writes().iter();
        writes.any(|write| !self.of(write).is_empty() && expected_version(write.expected).is_some())
    }

    async fn attach(&self, append: Append) -> Result<Append, AppendError> {
        let mut inline = Vec::new();
        for write in append.writes() {
            let Some(expected) = expected_version(write.expected) else {
                continue;
            };
            for projection in self.of(write) {
                inline.extend(self.follow(projection, write, expected).await?);
            }
        }
        Ok(append.with_inline(inline))
    }
}

/// The events as they will be read, but for their positions, which are not known yet.
fn recorded(write: &StreamWrite, expected: StreamVersion) -> Vec<RecordedEvent> {
    let events = (1..).zip(&write.events);
    let recorded = events.map(|(n, data)| {
        let stream = write.stream.clone();
        let data = data.clone().in_microseconds();
        RecordedEvent::new(GlobalPosition::START, stream, expected.plus(n), data)
    });
    recorded.collect()
}

/// Nothing was sent yet.
fn unread(error: ReadModelError) -> AppendError {
    let is_transient = error.is_transient();
    failed(is_transient, error.into())
}

fn unread_log(error: ReadError) -> AppendError {
    let is_transient = error.is_transient();
    failed(is_transient, error.into())
}

fn failed(is_transient: bool, source: BoxError) -> AppendError {
    match is_transient {
        true => AppendError::Unavailable { source },
        false => AppendError::Failed { source },
    }
}
