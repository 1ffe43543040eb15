//! What a handler may know of the world.

use jiff::Timestamp;
use uuid::Uuid;

use crate::message::{CorrelationId, MessageId};
use crate::store::TenantId;

/// The world as a command's handler sees it: given, not read, so that a decision can be repeated in a test.
///
/// ```
/// use orchestrix::aggregate::CommandContext;
/// let cx = CommandContext::for_test("2026-01-31T12:00:00Z".parse()?);
/// assert_eq!(cx.now().to_string(), "2026-01-31T12:00:00Z");
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug, Clone)]
pub struct CommandContext {
    pub(crate) now: Timestamp,
    pub(crate) message_id: MessageId,
    pub(crate) correlation_id: CorrelationId,
    pub(crate) tenant: TenantId,
    pub(crate) actor: Option<String>,
}

impl CommandContext {
    /// A context with this time, a fresh message id, the default tenant and no actor.
    pub fn for_test(now: Timestamp) -> Self {
        let message_id = MessageId::new();
        Self {
            now,
            message_id,
            correlation_id: message_id.into(),
            tenant: TenantId::default(),
            actor: None,
        }
    }

    /// The time of the dispatch, by the app's clock. The same when the command is decided again after a conflict.
    pub fn now(&self) -> Timestamp {
        self.now
    }

    /// A fresh UUID of version 7.
    pub fn new_id(&self) -> Uuid {
        Uuid::now_v7()
    }

    /// The command's own id, which is the causation id of its events.
    pub fn message_id(&self) -> MessageId {
        self.message_id
    }

    /// The chain the command belongs to.
    pub fn correlation_id(&self) -> CorrelationId {
        self.correlation_id
    }

    /// Whose stream it is for.
    pub fn tenant(&self) -> &TenantId {
        &self.tenant
    }

    /// Who acts, if the dispatch said so.
    pub fn actor(&self) -> Option<&str> {
        self.actor.as_deref()
    }
}
