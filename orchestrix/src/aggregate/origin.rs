//! What travels with a command.

use crate::message::{CorrelationId, MessageId, Metadata};
use crate::store::TenantId;

/// A command's identity, origin and tenant.
#[derive(Debug, Clone)]
pub(crate) struct CommandOrigin {
    pub(crate) message_id: MessageId,
    pub(crate) tenant: TenantId,
    pub(crate) metadata: Metadata,
}

impl CommandOrigin {
    /// A command that begins a chain.
    pub(crate) fn begin() -> Self {
        let message_id = MessageId::new();
        Self {
            message_id,
            tenant: TenantId::default(),
            metadata: Metadata::begin(message_id),
        }
    }

    /// A command caused by a message with this metadata.
    pub(crate) fn caused_by(cause: MessageId, metadata: &Metadata, tenant: TenantId) -> Self {
        let mut metadata = metadata.clone().caused_by(cause);
        metadata.correlation_id.get_or_insert(cause.into());
        Self {
            message_id: MessageId::new(),
            tenant,
            metadata,
        }
    }

    pub(crate) fn correlation_id(&self) -> CorrelationId {
        self.metadata
            .correlation_id
            .unwrap_or(self.message_id.into())
    }

    /// The metadata of the events that the command leads to: its own, and it as their cause.
    pub(crate) fn metadata_of_effects(&self) -> Metadata {
        self.metadata.clone().caused_by(self.message_id)
    }
}
