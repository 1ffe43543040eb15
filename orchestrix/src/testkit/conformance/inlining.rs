//! Appends that write documents, as behaviours use them.

use super::checkpoints::at;
use super::opened::Opened;
use super::samples::{events, exact};
use super::subject::StoreUnderTest;
use super::violation::{Violation, ensure, ensure_eq};
use crate::store::{
    Append, AppendError, CheckpointMove, DocumentWrite, InlinePlace, InlineWrite, Payload,
    ProgressMove, ReadModelCommit, StreamId, StreamVersion,
};

/// The index that all of its documents are in; the place of one is its body.
const INDEX: &str = "body";

/// A read model that appends write to.
#[derive(Debug, Clone)]
pub(super) struct Inlining {
    pub(super) store: Opened,
    pub(super) read_model: String,
    /// The builds that an append names.
    pub(super) builds: Vec<u64>,
}

impl Inlining {
    /// One in an empty store, which was never built anew.
    pub(super) async fn open(subject: &dyn StoreUnderTest) -> Result<Self, Violation> {
        Ok(Self {
            store: Opened::open(subject).await?,
            read_model: "balances@1+inline".to_owned(),
            builds: vec![0],
        })
    }

    /// Another one in the same store.
    pub(super) fn of(&self, read_model: &str) -> Self {
        Self {
            read_model: read_model.to_owned(),
            ..self.clone()
        }
    }

    /// The same, with other builds.
    pub(super) fn with_builds(&self, builds: &[u64]) -> Self {
        Self {
            builds: builds.to_vec(),
            ..self.clone()
        }
    }

    /// What an append does to the read model: progress must be here; the document has this body then, or is no more.
    pub(super) fn writes(
        &self,
        stream: &StreamId,
        from: u64,
        body: Option<&str>,
    ) -> Result<Vec<InlineWrite>, Violation> {
        let write = document(stream, body)?;
        let of_build = |&build: &u64| InlineWrite {
            read_model: self.read_model.clone(),
            build,
            stream: stream.clone(),
            from: StreamVersion::new(from),
            moves: true,
            indexes: vec![INDEX.to_owned()],
            write: Some(write.clone()),
        };
        Ok(self.builds.iter().map(of_build).collect())
    }

    /// One event behind this version, with the document.
    pub(super) fn append(
        &self,
        stream: &StreamId,
        version: u64,
        body: Option<&str>,
    ) -> Result<Append, Violation> {
        let append = Append::new(stream.clone(), exact(version), events(1)?);
        Ok(append.with_inline(self.writes(stream, version, body)?))
    }

    /// An append that must be done.
    pub(super) async fn step(
        &self,
        stream: &StreamId,
        version: u64,
        body: Option<&str>,
    ) -> Result<(), Violation> {
        let append = self.append(stream, version, body)?;
        self.store.append(append).await.map(drop)
    }

    /// A commit of the subscription, which moves the progress of streams and writes their documents.
    pub(super) fn commit(
        &self,
        build: u64,
        (from, to): (u64, u64),
        moves: &[(&StreamId, u64, u64, Option<&str>)],
    ) -> Result<ReadModelCommit, Violation> {
        let writes = moves
            .iter()
            .map(|(stream, _, _, body)| document(stream, *body));
        let progress = moves.iter().map(|(stream, from, to, _)| ProgressMove {
            stream: (*stream).clone(),
            from: StreamVersion::new(*from),
            to: StreamVersion::new(*to),
        });
        Ok(ReadModelCommit {
            checkpoint: CheckpointMove {
                build,
                ..CheckpointMove::new(&*self.read_model, at(from), at(to))
            },
            collection: self.read_model.clone(),
            indexes: vec![INDEX.to_owned()],
            writes: writes.collect::<Result<_, _>>()?,
            progress: progress.collect(),
        })
    }

    /// Checks how far the stream is folded into the build that is read, and its document there, by all calls that tell.
    pub(super) async fn ensure(
        &self,
        stream: &StreamId,
        progress: u64,
        body: Option<&str>,
    ) -> Result<(), Violation> {
        let (name, read_models) = (&*self.read_model, &self.store.read_models);
        let streams = [stream.clone()];
        let found = read_models.stream_progress(name, &streams).await?;
        let what = format!("how far {stream} is in {name}");
        ensure_eq(what, found, [StreamVersion::new(progress)])?;
        let places = read_models.inline_places(name, stream).await?;
        let expected = InlinePlace {
            build: self.builds.first().copied().unwrap_or_default(),
            progress: StreamVersion::new(progress),
            document: body.map(Payload::from_json_text).transpose()?,
        };
        let what = format!("where {stream} is in {name}");
        ensure_eq(what, places.first(), Some(&expected))?;
        let keys = [stream.key().to_owned()];
        let found = read_models.documents(name, stream.tenant(), &keys).await?;
        let found: Vec<_> = found.iter().map(|one| one.body.as_json()).collect();
        let expected: Vec<_> = body.iter().map(|&body| Some(body)).collect();
        let what = format!("the document of {stream} in {name}");
        ensure_eq(what, found, expected)?;
        // What is in no index is not found, and what is gone is in none.
        let query = crate::store::DocumentQuery {
            collection: name.to_owned(),
            order: super::indexed::order(Some(INDEX), false),
            tenant: stream.tenant().clone(),
            ..super::indexed::asking(Vec::new(), super::indexed::order(None, false))
        };
        let found = read_models.query_documents(query).await?;
        let found: Vec<_> = found
            .iter()
            .filter(|found| found.document.key == stream.key())
            .map(|found| found.value.as_slice())
            .collect();
        let expected: Vec<_> = body.iter().map(|body| body.as_bytes()).collect();
        let what = format!("the places of {stream} in {name}");
        ensure_eq(what, found, expected)
    }
}

/// The document that a stream feeds.
fn document(stream: &StreamId, body: Option<&str>) -> Result<DocumentWrite, Violation> {
    let places = body.iter().map(|body| body.as_bytes().to_vec());
    Ok(DocumentWrite {
        tenant: stream.tenant().clone(),
        key: stream.key().to_owned(),
        body: body.map(Payload::from_json_text).transpose()?,
        index_values: places.collect(),
    })
}

/// Checks that an append was refused because the read model is not as it was seen.
pub(super) fn ensure_read_model_moved(
    refused: &AppendError,
    name: &str,
    of: &StreamId,
) -> Result<(), Violation> {
    let is_told = matches!(
        refused,
        AppendError::ReadModelMoved { read_model, stream } if read_model == name && stream == of
    );
    ensure(
        is_told,
        format_args!("ReadModelMoved of {name} for {of}"),
        refused,
    )
}
