//! How far streams are folded into read models, and the appends that change documents.

use super::read_models::ReadModels;
use crate::store::{
    AppendError, InlinePlace, InlineWrite, ProgressMove, ReadModelError, Rebuild, StreamId,
    StreamVersion, StreamWrite,
};

impl ReadModels {
    /// By the name of a collection, or of a read model.
    pub(super) fn stream_progress(&self, name: &str, streams: &[StreamId]) -> Vec<StreamVersion> {
        let collection = Rebuild::collection(name, self.build(name));
        let progress = streams
            .iter()
            .map(|stream| self.progress_in(&collection, stream));
        progress.collect()
    }

    pub(super) fn inline_places(&self, read_model: &str, stream: &StreamId) -> Vec<InlinePlace> {
        let builds = self.inline_builds(read_model);
        let places = builds.into_iter().map(|build| {
            let collection = Rebuild::collection(read_model, build);
            let documents = self
                .collections
                .get(&collection)
                .and_then(|tenants| tenants.get(stream.tenant()));
            let found =
                documents.and_then(|documents| documents.get(&[stream.key().to_owned()]).pop());
            InlinePlace {
                build,
                progress: self.progress_in(&collection, stream),
                document: found.map(|document| document.body),
            }
        });
        places.collect()
    }

    /// Changes read models with an append of these writes, or nothing.
    pub(super) fn write_inline(
        &mut self,
        inline: &[InlineWrite],
        writes: &[StreamWrite],
    ) -> Result<(), AppendError> {
        for one in inline {
            let builds = self.inline_builds(&one.read_model);
            let is_named = |build: &u64| {
                let mut others = inline.iter();
                others.any(|other| {
                    (&other.read_model, &other.stream, other.build)
                        == (&one.read_model, &one.stream, *build)
                })
            };
            let is_as_seen = builds.contains(&one.build)
                && builds.iter().all(is_named)
                && self.progress_in(&one.collection(), &one.stream) == one.from;
            if !is_as_seen {
                return Err(one.moved());
            }
        }
        for one in inline {
            let collection = one.collection();
            if let Some(moved) = one.progress(writes) {
                self.put_progress(&collection, &moved);
            }
            if let Some(write) = &one.write {
                let tenants = self.collections.entry(collection).or_default();
                let documents = tenants.entry(write.tenant.clone()).or_default();
                documents.write(&one.indexes.clone().into(), write.clone());
            }
        }
        Ok(())
    }

    /// Whether the progress of all streams is where it was.
    pub(super) fn check_progress(
        &self,
        name: &str,
        moves: &[ProgressMove],
    ) -> Result<(), ReadModelError> {
        let collection = Rebuild::collection(name, self.build(name));
        let is_elsewhere =
            |moved: &&ProgressMove| self.progress_in(&collection, &moved.stream) != moved.from;
        match moves.iter().find(is_elsewhere) {
            None => Ok(()),
            Some(moved) => Err(ReadModelError::ProgressMoved {
                collection: name.to_owned(),
                stream: moved.stream.clone(),
            }),
        }
    }

    pub(super) fn put_progress(&mut self, collection: &str, moved: &ProgressMove) {
        let streams = self.progress.entry(collection.to_owned()).or_default();
        streams.insert(moved.stream.clone(), moved.to);
    }

    /// The build that is read, and the one that is under way.
    fn inline_builds(&self, read_model: &str) -> Vec<u64> {
        let under_way = self.rebuilds.get(read_model).copied();
        std::iter::once(self.build(read_model))
            .chain(under_way)
            .collect()
    }

    fn progress_in(&self, collection: &str, stream: &StreamId) -> StreamVersion {
        let streams = self.progress.get(collection);
        let found = streams.and_then(|streams| streams.get(stream));
        found.copied().unwrap_or(StreamVersion::NONE)
    }
}
