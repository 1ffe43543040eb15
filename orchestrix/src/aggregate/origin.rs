//! What travels with a command.

use crate::message::{CorrelationId, MessageId, Metadata};
use crate::store::{IdempotencyKey, TenantId};

/// A command's identity, origin and tenant.
#[derive(Debug, Clone)]
pub(crate) struct CommandOrigin {
    pub(crate) message_id: MessageId,
    pub(crate) tenant: TenantId,
    pub(crate) metadata: Metadata,
    /// What makes it the same request when it comes again.
    pub(crate) idempotency_key: Option<IdempotencyKey>,
}

impl CommandOrigin {
    /// A command that begins a chain.
    pub(crate) fn begin() -> Self {
        let message_id = MessageId::new();
        Self {
            message_id,
            tenant: TenantId::default(),
            metadata: Metadata::begin(message_id),
            idempotency_key: None,
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
            idempotency_key: None,
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

/// The settings of whose and on whose behalf something is done: for a struct with the fields `origin` and `tenant`.
macro_rules! chain_settings {
    () => {
        /// For this tenant instead of that of the [scope](crate::tenant) it is awaited in.
        pub fn tenant(mut self, tenant: $crate::store::TenantId) -> Self {
            self.tenant = $crate::tenant::ChosenTenant::named(tenant);
            self
        }

        /// On behalf of this user, service or job.
        pub fn actor(mut self, actor: impl Into<String>) -> Self {
            self.origin.metadata.actor = Some(actor.into());
            self
        }

        /// As a part of this chain of messages, instead of beginning one.
        pub fn correlation(mut self, id: $crate::message::CorrelationId) -> Self {
            self.origin.metadata.correlation_id = Some(id);
            self
        }

        /// Caused by this message.
        pub fn caused_by(mut self, message: $crate::message::MessageId) -> Self {
            self.origin.metadata.causation_id = Some(message.into());
            self
        }

        /// As a part of this trace.
        pub fn trace(mut self, trace: $crate::message::TraceContext) -> Self {
            self.origin.metadata.trace = Some(trace);
            self
        }

        /// With one more metadata entry, which its events carry too.
        pub fn metadata(mut self, name: impl Into<String>, value: impl Into<String>) -> Self {
            self.origin.metadata = self.origin.metadata.with(name, value);
            self
        }
    };
}
pub(crate) use chain_settings;

/// The settings of what is done on somebody's behalf: for a struct with the fields `origin`, `tenant` and `limit`.
macro_rules! origin_settings {
    () => {
        $crate::aggregate::chain_settings!();

        /// As the request that this key names in its tenant: whoever sends it again, from whichever node and after
        /// whatever crash, stores nothing and gets the first receipt, as long as the log is kept. That is decided in the
        /// append.
        ///
        /// What stored nothing is not kept: a refusal, or no events, is decided again when the request comes again. What is
        /// done under a key is known by its stream; where the key was used for another stream, the request fails with
        /// `KeyReused`. Whether it is the same command is not compared.
        pub fn idempotency_key(mut self, key: $crate::store::IdempotencyKey) -> Self {
            self.origin.idempotency_key = Some(key);
            self
        }

        /// Within this time limit instead of the app's for commands.
        pub fn timeout(mut self, limit: ::std::time::Duration) -> Self {
            self.limit = limit;
            self
        }
    };
}
pub(crate) use origin_settings;
