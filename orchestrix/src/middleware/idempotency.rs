//! What makes a command that comes again the same request.

use std::fmt;

use tower_layer::Layer;

use super::{
    Around, CommandCall, CommandError, CommandReply, Middleware, Next, Surrounded, around,
};
use crate::app::DispatchError;
use crate::store::{IdempotencyKey, NameError};

/// Gives commands an [idempotency key](crate::app::Dispatch::idempotency_key), so that a command which comes again stores
/// nothing and gets the first receipt. A command that has a key already keeps it, and is not asked about.
///
/// Commands that event handlers and modules dispatch are asked about too, and carry the metadata of their cause: a key
/// that is taken from metadata belongs to the command that came from outside, which no message caused. A module's own
/// commands get keys from the module's command.
///
/// ```
/// use orchestrix::middleware::{CommandCall, Idempotency};
/// use orchestrix::prelude::*;
/// use orchestrix::store::IdempotencyKey;
///
/// let keys = Idempotency::new(|call: &CommandCall| match call.metadata().causation_id {
///     None => call.metadata().extra.get("request").map(|id| IdempotencyKey::new(id.as_str())).transpose(),
///     Some(_) => Ok(None),
/// });
/// # let _ = Orchestrix::builder().dispatch_layer(keys);
/// ```
pub struct Idempotency<F>(Around<Keyed<F>>);

/// The key of a command: an `Option` of one, or a `Result` of that where the key is made from a text.
///
/// ```
/// use orchestrix::middleware::{CommandCall, Idempotency};
/// use orchestrix::store::IdempotencyKey;
///
/// let by_chain = Idempotency::new(|call: &CommandCall| {
///     IdempotencyKey::new(format!("{}/{}", call.correlation_id(), call.name())).ok()
/// });
/// # let _ = by_chain;
/// ```
pub trait IdempotencyOutput {
    /// As a `Result`.
    ///
    /// # Errors
    /// [`NameError`] where the text is no key; the command then fails with
    /// [`InvalidKey`](crate::app::DispatchError::InvalidKey).
    fn into_result(self) -> Result<Option<IdempotencyKey>, NameError>;
}

impl IdempotencyOutput for Option<IdempotencyKey> {
    fn into_result(self) -> Result<Self, NameError> {
        Ok(self)
    }
}

impl IdempotencyOutput for Result<Option<IdempotencyKey>, NameError> {
    fn into_result(self) -> Self {
        self
    }
}

impl<F, Key> Idempotency<F>
where
    F: Fn(&CommandCall) -> Key + Send + Sync + 'static,
    Key: IdempotencyOutput,
{
    /// Takes the keys from this function; a command that it has none for goes on without.
    pub fn new(key_of: F) -> Self {
        Self(around(Keyed(key_of)))
    }
}

impl<F> Clone for Idempotency<F> {
    fn clone(&self) -> Self {
        Self(self.0.clone())
    }
}

impl<F> fmt::Debug for Idempotency<F> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Idempotency").finish_non_exhaustive()
    }
}

impl<F, S> Layer<S> for Idempotency<F> {
    type Service = Surrounded<Keyed<F>, S>;

    fn layer(&self, inner: S) -> Self::Service {
        self.0.layer(inner)
    }
}

/// The middleware of [`Idempotency`].
pub struct Keyed<F>(F);

impl<F> fmt::Debug for Keyed<F> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Keyed").finish_non_exhaustive()
    }
}

impl<F, Key> Middleware<CommandCall> for Keyed<F>
where
    F: Fn(&CommandCall) -> Key + Send + Sync + 'static,
    Key: IdempotencyOutput,
{
    async fn handle(
        &self,
        call: CommandCall,
        next: Next<CommandCall>,
    ) -> Result<CommandReply, CommandError> {
        if call.idempotency_key().is_some() {
            return next.run(call).await;
        }
        let key = (self.0)(&call).into_result();
        let key = key.map_err(|source| DispatchError::InvalidKey {
            command: call.name(),
            source,
        })?;
        match key {
            Some(key) => next.run(call.with_idempotency_key(key)).await,
            None => next.run(call).await,
        }
    }
}
