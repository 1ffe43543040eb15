//! A command on its way to what handles it.

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use tokio::time::Instant;

use super::call::{Logged, Outcomes};
use super::carry_out::Runnable;
use super::{Call, CommandError, CommandReply};
use crate::aggregate::CommandOrigin;
use crate::app::DispatchError;
use crate::error::BoxError;
use crate::message::{CorrelationId, MessageId, Metadata};
use crate::randomness::Randomness;
use crate::store::{IdempotencyKey, StreamId, TenantId};
use crate::subscription::logged;
use crate::telemetry;

/// A command on its way to what handles it.
///
/// Cloning it is cheap. Each run decides the command anew, under one message id.
#[derive(Clone)]
pub struct CommandCall {
    pub(super) command: Arc<dyn Runnable>,
    pub(super) origin: Arc<CommandOrigin>,
    /// No limit where it lies too far ahead.
    pub(super) deadline: Option<Instant>,
}

/// What handles a command.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum CommandTarget {
    /// The aggregate of this stream.
    Stream(StreamId),
    /// The module of this name.
    Module(&'static str),
}

impl fmt::Display for CommandTarget {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Stream(stream) => write!(f, "stream {stream}"),
            Self::Module(module) => write!(f, "module {module}"),
        }
    }
}

impl CommandCall {
    /// The command's name.
    pub fn name(&self) -> &'static str {
        self.command.name()
    }

    /// The command, if it is of this type.
    pub fn command<C: 'static>(&self) -> Option<&C> {
        self.command.command().downcast_ref()
    }

    /// What handles it.
    pub fn target(&self) -> &CommandTarget {
        self.command.target()
    }

    /// Its stream, where an aggregate handles it.
    pub fn stream(&self) -> Option<&StreamId> {
        match self.target() {
            CommandTarget::Stream(stream) => Some(stream),
            CommandTarget::Module(_) => None,
        }
    }

    /// Whose command it is.
    pub fn tenant(&self) -> &TenantId {
        &self.origin.tenant
    }

    /// The command's id.
    pub fn message_id(&self) -> MessageId {
        self.origin.message_id
    }

    /// The chain it belongs to.
    pub fn correlation_id(&self) -> CorrelationId {
        self.origin.correlation_id()
    }

    /// Who acts, what caused it, and what else travels with it.
    pub fn metadata(&self) -> &Metadata {
        &self.origin.metadata
    }

    /// The key that makes it the same request when it comes again, if it has one.
    pub fn idempotency_key(&self) -> Option<&IdempotencyKey> {
        self.origin.idempotency_key.as_ref()
    }

    /// How much time is left for it; [`Duration::MAX`] where there is no limit.
    pub fn time_left(&self) -> Duration {
        let left = |deadline: Instant| deadline.saturating_duration_since(Instant::now());
        self.deadline.map_or(Duration::MAX, left)
    }

    /// On behalf of this user, service or job.
    #[must_use]
    pub fn with_actor(mut self, actor: impl Into<String>) -> Self {
        Arc::make_mut(&mut self.origin).metadata.actor = Some(actor.into());
        self
    }

    /// With one more metadata entry, which its events carry too. The last value of a name wins.
    #[must_use]
    pub fn with_metadata(mut self, name: impl Into<String>, value: impl Into<String>) -> Self {
        let metadata = &mut Arc::make_mut(&mut self.origin).metadata;
        metadata.extra.insert(name.into(), value.into());
        self
    }

    /// As the request that this key [names](crate::app::Dispatch::idempotency_key), instead of the one that it was.
    #[must_use]
    pub fn with_idempotency_key(mut self, key: IdempotencyKey) -> Self {
        Arc::make_mut(&mut self.origin).idempotency_key = Some(key);
        self
    }

    /// The app's.
    pub(super) fn randomness(&self) -> &dyn Randomness {
        self.command.randomness()
    }
}

impl fmt::Debug for CommandCall {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("CommandCall")
            .field("name", &self.name())
            .field("target", self.target())
            .field("origin", &self.origin)
            .finish_non_exhaustive()
    }
}

impl Call for CommandCall {
    type Reply = CommandReply;
    type Error = CommandError;
}

impl Outcomes for CommandCall {
    type Given = CommandReply;
    type Failed = CommandError;

    fn failed(error: BoxError) -> CommandError {
        match error.downcast() {
            Ok(error) => *error,
            Err(source) => DispatchError::Middleware { source },
        }
    }

    fn late(&self, limit: Duration) -> CommandError {
        DispatchError::Timeout {
            command: self.name(),
            limit,
        }
    }

    fn limited(&self, retry_after: Duration) -> CommandError {
        DispatchError::RateLimited {
            command: self.name(),
            retry_after,
        }
    }

    fn within(mut self, limit: Duration) -> Self {
        let sooner = Instant::now().checked_add(limit);
        // `None` is later than all.
        self.deadline = self.deadline.into_iter().chain(sooner).min();
        self
    }

    fn log(&self, outcome: Logged<'_, CommandError>, took: Duration) {
        macro_rules! log {
            ($level:ident, $outcome:literal, $text:literal $(, $error:expr)?) => {
                tracing::$level!(
                    { telemetry::COMMAND } = self.name(),
                    { telemetry::TARGET } = %self.target(),
                    { telemetry::CORRELATION_ID } = %self.correlation_id(),
                    { telemetry::OUTCOME } = $outcome,
                    { telemetry::TOOK } = ?took,
                    $({ telemetry::ERROR } = $error,)?
                    $text
                )
            };
        }
        match outcome {
            Logged::Done => log!(info, "done", "a command was carried out"),
            // Refusals are a part of the domain's life.
            Logged::Failed(error @ DispatchError::Rejected(_)) => {
                log!(info, "rejected", "a command was rejected", logged(error));
            }
            Logged::Failed(error) => log!(warn, "failed", "a command failed", logged(error)),
            Logged::Abandoned => log!(warn, "abandoned", "a command was given up"),
        }
    }
}
