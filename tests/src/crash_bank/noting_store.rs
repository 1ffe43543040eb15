//! A store that writes down which checkpoints are moved under which leases.

use std::fmt;
use std::io;
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use orchestrix::error::BoxError;
use orchestrix::prelude::*;
use orchestrix::store::{
    Backend, CheckpointError, CheckpointMove, CheckpointStore, DeadLetter, DeadLetterRequest,
    DeadLetterSelection, DeadLetterStore, Document, DocumentQuery, Fence, FoundDocument,
    GlobalPosition, IndexCondition, InlinePlace, Lease, LeaseError, LeaseStore, LeaseView, NodeId,
    Ports, ReadModelCommit, ReadModelError, ReadModelStore, ReadModelUpkeep, RebuildStore,
    StoreHealth, StreamId, StreamVersion, SwitchBuild,
};

use super::{MoveStep, Moved};
use crate::Notes;

/// A backend whose moves of checkpoints are written down.
pub(super) struct NotingBackend {
    inner: Arc<dyn Backend>,
    notes: Arc<NotingStore>,
}

struct NotingStore {
    inner: Ports,
    node: String,
    moves: Notes,
}

impl NotingBackend {
    pub(super) fn over(inner: impl Backend, node: &str, moves: &Path) -> io::Result<Self> {
        let notes = NotingStore {
            inner: inner.ports(),
            node: node.to_owned(),
            moves: Notes::silent(moves)?,
        };
        Ok(Self {
            inner: Arc::new(inner),
            notes: Arc::new(notes),
        })
    }
}

impl fmt::Debug for NotingBackend {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("NotingBackend")
    }
}

impl NotingStore {
    /// A move that is not written down must not be made: then nobody could judge it.
    fn note(&self, fence: Option<&Fence>, step: MoveStep) -> io::Result<()> {
        let Some(fence) = fence else {
            return Ok(());
        };
        let moved = Moved {
            node: self.node.clone(),
            lease: fence.lease.to_string(),
            token: fence.token,
            step,
        };
        self.moves.note(moved.to_string().as_bytes())
    }
}

#[async_trait]
impl Backend for NotingBackend {
    fn name(&self) -> &'static str {
        self.inner.name()
    }

    fn ports(&self) -> Ports {
        let mut ports = self.inner.ports();
        ports.checkpoints = self.notes.clone();
        ports.read_models = self.notes.clone();
        ports
    }

    async fn health(&self) -> StoreHealth {
        self.inner.health().await
    }

    async fn close(&self) -> Result<(), BoxError> {
        self.inner.close().await
    }
}

/// A port that passes everything on, and whose moves are made by a call of another name.
macro_rules! passed_on {
    ($port:ident of $part:ident {
        $(async fn $name:ident(&self $(, $argument:ident: $type:ty)* $(,)?) -> $answer:ty;)*
        $(noted $method:ident($moved:ident: $moved_type:ty, $fence:expr) -> $error:ty;)?
    }) => {
        #[async_trait]
        impl $port for NotingStore {
            $(async fn $name(&self $(, $argument: $type)*) -> $answer {
                self.inner.$part.$name($($argument),*).await
            })*

            $(async fn $method(&self, $moved: $moved_type) -> Result<(), $error> {
                let fence = $fence;
                self.note(fence.as_ref(), MoveStep::Asked)
                    .expect("the file of moves is there");
                let outcome = self.inner.$part.$method($moved).await;
                let step = match &outcome {
                    Ok(()) => MoveStep::Done,
                    Err(error) if is_fenced(error) => MoveStep::Fenced,
                    Err(_) => MoveStep::Failed,
                };
                self.note(fence.as_ref(), step)
                    .expect("the file of moves is there");
                outcome
            })?
        }
    };
}

/// Whether the reason is, or begins with, a lease that is another's.
fn is_fenced(error: &(impl std::error::Error + 'static)) -> bool {
    let error: &dyn std::error::Error = error;
    let fenced = |error: &CheckpointError| matches!(error, CheckpointError::Fenced { .. });
    match error.downcast_ref::<ReadModelError>() {
        Some(ReadModelError::Checkpoint(error)) => fenced(error),
        Some(_) => false,
        None => error.downcast_ref().is_some_and(fenced),
    }
}

passed_on! { CheckpointStore of checkpoints {
    async fn load_checkpoint(&self, checkpoint: &str) -> Result<GlobalPosition, CheckpointError>;
    async fn lane_checkpoints(
        &self,
        subscription: &str,
    ) -> Result<Vec<(String, GlobalPosition)>, CheckpointError>;
    async fn checkpoints(&self) -> Result<Vec<(String, GlobalPosition)>, CheckpointError>;
    async fn checkpoint_resets(&self, subscription: &str) -> Result<u64, CheckpointError>;
    async fn reset_checkpoints(
        &self,
        subscription: &str,
        position: GlobalPosition,
    ) -> Result<u64, CheckpointError>;
    noted move_checkpoint(moved: CheckpointMove, moved.fence.clone()) -> CheckpointError;
} }

passed_on! { ReadModelStore of read_models {
    async fn documents(
        &self,
        collection: &str,
        tenant: &TenantId,
        keys: &[String],
    ) -> Result<Vec<Document>, ReadModelError>;
    async fn scan(
        &self,
        collection: &str,
        tenant: &TenantId,
        after: Option<&str>,
        limit: usize,
    ) -> Result<Vec<Document>, ReadModelError>;
    async fn query_documents(
        &self,
        query: DocumentQuery,
    ) -> Result<Vec<FoundDocument>, ReadModelError>;
    async fn count_documents(
        &self,
        collection: &str,
        tenant: &TenantId,
        conditions: &[IndexCondition],
    ) -> Result<u64, ReadModelError>;
    async fn unindexed(
        &self,
        collection: &str,
        indexes: &[String],
    ) -> Result<Vec<String>, ReadModelError>;
    async fn read_model_checkpoint(
        &self,
        subscription: &str,
    ) -> Result<GlobalPosition, ReadModelError>;
    async fn stream_progress(
        &self,
        collection: &str,
        streams: &[StreamId],
    ) -> Result<Vec<StreamVersion>, ReadModelError>;
    async fn inline_places(
        &self,
        read_model: &str,
        stream: &StreamId,
    ) -> Result<Vec<InlinePlace>, ReadModelError>;
    noted commit(commit: ReadModelCommit, commit.checkpoint.fence.clone()) -> ReadModelError;
} }

passed_on! { DeadLetterStore of checkpoints {
    async fn dead_letters(
        &self,
        subscription: &str,
        selection: &DeadLetterSelection,
        after: GlobalPosition,
        limit: usize,
    ) -> Result<Vec<DeadLetter>, CheckpointError>;
    async fn due_dead_letters(
        &self,
        subscription: &str,
        limit: usize,
    ) -> Result<Vec<DeadLetter>, CheckpointError>;
    async fn request_dead_letters(
        &self,
        subscription: &str,
        selection: &DeadLetterSelection,
        request: DeadLetterRequest,
    ) -> Result<u64, CheckpointError>;
    async fn count_dead_letters(&self, subscription: &str) -> Result<u64, CheckpointError>;
} }

passed_on! { LeaseStore of checkpoints {
    async fn renew_leases(
        &self,
        node: &NodeId,
        wants: &[String],
        duration: Duration,
    ) -> Result<LeaseView, LeaseError>;
    async fn acquire_leases(
        &self,
        node: &NodeId,
        names: &[String],
        duration: Duration,
    ) -> Result<Vec<Lease>, LeaseError>;
    async fn release_leases(&self, node: &NodeId, names: &[String]) -> Result<(), LeaseError>;
    async fn retire_node(&self, node: &NodeId) -> Result<(), LeaseError>;
} }

passed_on! { RebuildStore of read_models {
    async fn read_model_build(&self, read_model: &str) -> Result<u64, ReadModelError>;
    async fn begin_rebuild(&self, read_model: &str) -> Result<u64, ReadModelError>;
    async fn upkeep(&self) -> Result<ReadModelUpkeep, ReadModelError>;
    async fn switch_build(&self, switch: SwitchBuild) -> Result<bool, ReadModelError>;
    async fn drop_read_model(&self, collection: &str) -> Result<(), ReadModelError>;
    async fn purge_dropped(&self, collection: &str, limit: usize) -> Result<u64, ReadModelError>;
    async fn read_models(&self, prefix: &str) -> Result<Vec<String>, ReadModelError>;
} }
