//! Keyed documents that projections keep.

use async_trait::async_trait;

use super::{
    CheckpointError, CheckpointMove, DeadLetterStore, DocumentQuery, FoundDocument, GlobalPosition,
    IndexCondition, InlinePlace, LeaseStore, Payload, ProgressMove, RebuildStore, StreamId,
    StreamVersion, TenantId,
};
use crate::error::BoxError;

/// One document of a read model.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Document {
    /// Unique within tenant and collection.
    pub key: String,
    /// Its body.
    pub body: Payload,
}

/// A change to one document.
#[derive(Debug, Clone)]
pub struct DocumentWrite {
    /// Whose document.
    pub tenant: TenantId,
    /// Which.
    pub key: String,
    /// Its new body, or nothing to delete it.
    pub body: Option<Payload>,
    /// Its places in the [indexes](ReadModelCommit::indexes) of the commit, in their order: what
    /// [`IndexValue::encode`](crate::projection::IndexValue::encode) gives, at most 1002 bytes each. Empty for a document
    /// that is deleted.
    pub index_values: Vec<Vec<u8>>,
}

/// The effect of a page of events on one read model: documents and checkpoint in one transaction.
#[derive(Debug, Clone)]
pub struct ReadModelCommit {
    /// Whose checkpoint moves, and where.
    pub checkpoint: CheckpointMove,
    /// The collection the documents are in.
    pub collection: String,
    /// The names of the collection's indexes, each once. A document that is written leaves all others. Where there are
    /// none, what indexes hold is left alone.
    pub indexes: Vec<String>,
    /// At most one write for each tenant and key.
    pub writes: Vec<DocumentWrite>,
    /// How far its streams are folded, for read models that appends change, too: each stream once.
    pub progress: Vec<ProgressMove>,
}

impl ReadModelCommit {
    /// Whether each index is named once, and each document has a place in each, or is deleted and has none: stores ask
    /// this before they write.
    ///
    /// # Errors
    /// [`ReadModelError::Failed`].
    pub fn check_indexes(&self) -> Result<(), ReadModelError> {
        let failed = |source: String| {
            Err(ReadModelError::Failed {
                collection: self.collection.clone(),
                source: source.into(),
            })
        };
        for (at, index) in self.indexes.iter().enumerate() {
            if self.indexes.iter().take(at).any(|earlier| earlier == index) {
                return failed(format!("index `{index}` is named twice"));
            }
        }
        let expected = |write: &DocumentWrite| match write.body {
            Some(_) => self.indexes.len(),
            None => 0,
        };
        let unfit = |write: &&DocumentWrite| write.index_values.len() != expected(write);
        match self.writes.iter().find(unfit) {
            None => Ok(()),
            Some(write) => failed(format!(
                "document `{}` has {} places in {} indexes",
                write.key,
                write.index_values.len(),
                expected(write)
            )),
        }
    }
}

/// Keeps read models: documents by collection, tenant and key, each with the checkpoint of the projection that
/// writes them.
#[async_trait]
pub trait ReadModelStore: DeadLetterStore + LeaseStore + RebuildStore {
    /// The documents with these keys, in no particular order; absent ones are left out.
    ///
    /// # Errors
    /// [`ReadModelError`].
    async fn documents(
        &self,
        collection: &str,
        tenant: &TenantId,
        keys: &[String],
    ) -> Result<Vec<Document>, ReadModelError>;

    /// The documents whose keys come after `after`, in the order of their keys' bytes, at most `limit`.
    ///
    /// # Errors
    /// [`ReadModelError`].
    async fn scan(
        &self,
        collection: &str,
        tenant: &TenantId,
        after: Option<&str>,
        limit: usize,
    ) -> Result<Vec<Document>, ReadModelError>;

    /// The documents whose places in indexes meet all conditions, in the order that is asked for.
    ///
    /// - A document that has no place in an index of a condition, or of the order, is not found.
    /// - All that is found is of one moment.
    ///
    /// # Errors
    /// [`ReadModelError`].
    async fn query_documents(
        &self,
        query: DocumentQuery,
    ) -> Result<Vec<FoundDocument>, ReadModelError>;

    /// How many documents a query with these conditions, without a limit, would find; without conditions all of them.
    ///
    /// # Errors
    /// [`ReadModelError`].
    async fn count_documents(
        &self,
        collection: &str,
        tenant: &TenantId,
        conditions: &[IndexCondition],
    ) -> Result<u64, ReadModelError>;

    /// Those of these indexes in which at least one document of the collection, of any tenant, has no place, in their order.
    /// It may look at all documents.
    ///
    /// # Errors
    /// [`ReadModelError`].
    async fn unindexed(
        &self,
        collection: &str,
        indexes: &[String],
    ) -> Result<Vec<String>, ReadModelError>;

    /// How far a projection got; [`GlobalPosition::START`] when it never committed.
    ///
    /// # Errors
    /// [`ReadModelError`].
    async fn read_model_checkpoint(
        &self,
        subscription: &str,
    ) -> Result<GlobalPosition, ReadModelError>;

    /// How far the events of these streams are folded into the documents of a collection, in their order;
    /// [`StreamVersion::NONE`] where none is. Only read models that appends change, too, keep it.
    ///
    /// # Errors
    /// [`ReadModelError`].
    async fn stream_progress(
        &self,
        collection: &str,
        streams: &[StreamId],
    ) -> Result<Vec<StreamVersion>, ReadModelError>;

    /// Where a stream is in the builds of a read model: the one that is read first, then the one that is under way, if there
    /// is one. All of it is of one moment.
    ///
    /// # Errors
    /// [`ReadModelError`].
    async fn inline_places(
        &self,
        read_model: &str,
        stream: &StreamId,
    ) -> Result<Vec<InlinePlace>, ReadModelError>;

    /// Writes documents with their places in indexes and moves the checkpoint, and the progress of streams, in one
    /// transaction.
    ///
    /// - Refused, with no change, where [`ReadModelCommit::check_indexes`] says so.
    /// - Refused, with no change, as [`move_checkpoint`](super::CheckpointStore::move_checkpoint).
    /// - Refused with [`ReadModelError::ProgressMoved`], with no change, when the progress of a stream is not where it was.
    /// - Refused with [`ReadModelError::NotBuilding`] when it is of a build ([`Rebuild::of_collection`](super::Rebuild)) that
    ///   is not under way: what is late would be written among the documents that are read.
    ///
    /// # Errors
    /// [`ReadModelError`].
    async fn commit(&self, commit: ReadModelCommit) -> Result<(), ReadModelError>;
}

/// Why a read model could not be read or written. Nothing was changed, unless the connection broke in the commit.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum ReadModelError {
    /// The checkpoint was moved by another process, or could not be read.
    #[error(transparent)]
    Checkpoint(#[from] CheckpointError),
    /// An append, or another process, has folded events of the stream meanwhile: nothing was changed.
    #[error("the events of stream {stream} were folded into read model `{collection}` by others")]
    ProgressMoved {
        /// Which read model.
        collection: String,
        /// The stream.
        stream: StreamId,
    },
    /// No such build is under way: it was given up, or is in its place already.
    #[error("no build {build} of read model `{read_model}` is under way")]
    NotBuilding {
        /// Of which read model.
        read_model: String,
        /// Which build.
        build: u64,
    },
    /// The store cannot be reached or is too busy: it may work later.
    #[error("the store is unavailable for the read model `{collection}`")]
    Unavailable {
        /// Which.
        collection: String,
        /// What the driver said.
        source: BoxError,
    },
    /// The store failed.
    #[error("the store failed on the read model `{collection}`")]
    Failed {
        /// Which.
        collection: String,
        /// What the driver said.
        source: BoxError,
    },
}

impl ReadModelError {
    /// Whether the same call may succeed later.
    pub fn is_transient(&self) -> bool {
        match self {
            Self::Checkpoint(error) => error.is_transient(),
            Self::Unavailable { .. } => true,
            Self::Failed { .. } | Self::NotBuilding { .. } | Self::ProgressMoved { .. } => false,
        }
    }
}
