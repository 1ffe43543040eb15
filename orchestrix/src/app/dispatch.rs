//! `app.dispatch(command)`.

use std::fmt;
use std::future::{Future, IntoFuture};
use std::marker::PhantomData;
use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::Duration;

use tokio::time::Instant;
use tracing::{Instrument, Span, info_span};

use super::Core;
use crate::aggregate::{
    Aggregate, CommandContext, CommandFor, CommandOrigin, DispatchError, Locking, Receipt,
    origin_settings,
};
use crate::message::Command;
use crate::middleware::{CommandTarget, through};
use crate::module::{Module, ModuleCommand, ModuleContext};
use crate::randomness::Randomness;
use crate::store::{IdempotencyKey, NameError, StreamId};
use crate::telemetry;
use crate::tenant::ChosenTenant;

/// A command on its way: await it, or set more before.
///
/// ```
/// # use orchestrix::prelude::*;
/// # #[derive(Event, Serialize, Deserialize)] struct Counted { by: u32 }
/// # #[derive(Command)] struct Count { #[id] counter: u32, by: u32 }
/// # #[derive(Default)] struct Counter { total: u32 }
/// # #[aggregate] impl Counter {
/// #     #[handle] fn count(&self, cmd: Count) -> Counted { Counted { by: cmd.by } }
/// #     #[apply] fn counted(&mut self, event: &Counted) { self.total += event.by }
/// # }
/// # #[module(aggregates(Counter))] struct Counting;
/// # #[tokio::main(flavor = "current_thread")] async fn main() -> Result<(), Box<dyn std::error::Error>> {
/// # let app = Orchestrix::builder().isolated().store(MemoryStore::new()).module(Counting).start().await?;
/// let receipt = app.dispatch(Count { counter: 7, by: 1 }).actor("ada").await?;
/// assert_eq!(receipt.version.get(), 1);
/// # Ok(app.shutdown().await?) }
/// ```
#[must_use = "a command does nothing until it is awaited"]
pub struct Dispatch<C, Target> {
    core: Arc<Core>,
    command: C,
    origin: CommandOrigin,
    tenant: ChosenTenant,
    limit: Duration,
    locking: Locking,
    nested: bool,
    /// Why no key could be derived from that of the command it belongs to.
    underived: Option<NameError>,
    /// Counts it, once it has come to something.
    counted: Option<Arc<AtomicU32>>,
    target: PhantomData<fn() -> Target>,
}

impl<C, Target> Dispatch<C, Target> {
    pub(crate) fn new(core: Arc<Core>, command: C) -> Self {
        Self {
            limit: core.config.dispatch_timeout,
            core,
            command,
            origin: CommandOrigin::begin(),
            tenant: ChosenTenant::ambient(),
            locking: Locking::Optimistic,
            nested: false,
            underived: None,
            counted: None,
            target: PhantomData,
        }
    }

    /// One that belongs to a message under way: it may still run while the app is shutting down.
    pub(crate) fn nested(core: Arc<Core>, command: C, origin: CommandOrigin) -> Self {
        Self {
            tenant: ChosenTenant::named(origin.tenant.clone()),
            origin,
            nested: true,
            ..Self::new(core, command)
        }
    }

    /// As a part of a request with this key, if that could be derived.
    pub(crate) fn part_of(mut self, key: Result<Option<IdempotencyKey>, NameError>) -> Self {
        match key {
            Ok(key) => self.origin.idempotency_key = key,
            Err(error) => self.underived = Some(error),
        }
        self
    }

    /// Counted there, once it has come to something.
    pub(crate) fn counted_in(mut self, counter: Arc<AtomicU32>) -> Self {
        self.counted = Some(counter);
        self
    }

    origin_settings!();

    /// Under the lock of its stream, which is waited for at most `wait`: for commands whose decisions are so costly that
    /// deciding them again after a conflict would cost more than waiting. All who write to the stream should do so; who
    /// does not can still be faster, which is a conflict as usual. For commands on aggregates; modules decide nothing
    /// under it.
    pub fn pessimistic(mut self, wait: Duration) -> Self {
        self.locking = Locking::Pessimistic { wait };
        self
    }
}

impl<C, Target> fmt::Debug for Dispatch<C, Target> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Dispatch")
            .field("origin", &self.origin)
            .finish_non_exhaustive()
    }
}

impl<C: Dispatchable<Target>, Target: 'static> IntoFuture for Dispatch<C, Target> {
    type Output = Result<C::Output, DispatchError<C::Error>>;
    type IntoFuture = Pin<Box<dyn Future<Output = Self::Output> + Send>>;

    fn into_future(self) -> Self::IntoFuture {
        let span = info_span!(
            telemetry::DISPATCH,
            { telemetry::COMMAND } = C::NAME,
            { telemetry::CORRELATION_ID } = %self.origin.correlation_id(),
            { telemetry::STREAM } = tracing::field::Empty,
            { telemetry::ATTEMPTS } = tracing::field::Empty,
        );
        let (limit, counted) = (self.limit, self.counted);
        let run = async move {
            let layers = self.core.dispatch_layers.clone();
            let deadline = layers
                .as_ref()
                .and_then(|_| Instant::now().checked_add(limit));
            let mut origin = self.origin;
            if let (None, Some(source)) = (&origin.idempotency_key, self.underived) {
                return Err(DispatchError::InvalidKey {
                    command: C::NAME,
                    source,
                });
            }
            origin.tenant = self.tenant.resolve(self.core.config.require_tenant)?;
            let _place = match self.nested {
                true => None,
                false => Some(self.core.enter().await.ok_or(DispatchError::ShuttingDown)?),
            };
            let carrier = Carrier {
                core: self.core,
                origin,
                locking: self.locking,
            };
            match &layers {
                None => self.command.carry_out(carrier).await,
                // In a box, so that who has no layers does not carry the room for them.
                Some(layers) => Box::pin(through(layers, self.command, carrier, deadline)).await,
            }
        };
        Box::pin(
            async move {
                match tokio::time::timeout(limit, run).await {
                    Ok(outcome) => {
                        if let (Ok(_), Some(counter)) = (&outcome, counted) {
                            counter.fetch_add(1, Ordering::Relaxed);
                        }
                        outcome
                    }
                    Err(_) => Err(DispatchError::Timeout {
                        command: C::NAME,
                        limit,
                    }),
                }
            }
            .instrument(span),
        )
    }
}

/// A command that an app can carry out: one that an aggregate handles, or a module. `Target` is which of them, and
/// never has to be named.
#[diagnostic::on_unimplemented(
    message = "nothing handles the command `{Self}`",
    label = "no aggregate and no module handles it",
    note = "add a `#[handle]` method that takes it to an `#[aggregate]` or `#[module]` impl block"
)]
pub trait Dispatchable<Target>: Command {
    /// What it gives: a [`Receipt`] from an aggregate, its own type from a module.
    type Output: Send + 'static;
    /// The domain's own error.
    type Error: Send + Sync + 'static;

    /// Where it goes; nowhere, if it names no stream or nothing in the app handles it.
    #[doc(hidden)]
    fn target(&self, carrier: &Carrier) -> Result<CommandTarget, DispatchError<Self::Error>>;

    /// Carries it out.
    #[doc(hidden)]
    fn carry_out(
        self,
        carrier: Carrier,
    ) -> impl Future<Output = Result<Self::Output, DispatchError<Self::Error>>> + Send;
}

/// The app and what travels with the command; opaque, so that [`Dispatchable`] is implemented here only.
#[doc(hidden)]
#[derive(Debug)]
pub struct Carrier {
    core: Arc<Core>,
    origin: CommandOrigin,
    locking: Locking,
}

impl Carrier {
    pub(crate) fn origin(&self) -> &CommandOrigin {
        &self.origin
    }

    pub(crate) fn randomness(&self) -> &dyn Randomness {
        &*self.core.randomness
    }

    /// The same for a command of another origin.
    pub(crate) fn on_behalf(&self, origin: CommandOrigin) -> Self {
        Self {
            core: self.core.clone(),
            origin,
            locking: self.locking,
        }
    }
}

/// The target of a command that the aggregate `A` handles.
#[derive(Debug)]
pub struct ToAggregate<A>(PhantomData<fn() -> A>);

/// The target of a command that the module `M` handles.
#[derive(Debug)]
pub struct ToModule<M>(PhantomData<fn() -> M>);

impl<C: CommandFor<A>, A: Aggregate> Dispatchable<ToAggregate<A>> for C {
    type Output = Receipt;
    type Error = C::Error;

    fn target(&self, carrier: &Carrier) -> Result<CommandTarget, DispatchError<C::Error>> {
        stream_of::<C, A>(self, carrier).map(CommandTarget::Stream)
    }

    async fn carry_out(self, carrier: Carrier) -> Result<Receipt, DispatchError<C::Error>> {
        let stream = stream_of::<C, A>(&self, &carrier)?;
        let Carrier {
            core,
            origin,
            locking,
        } = carrier;
        Span::current().record(telemetry::STREAM, tracing::field::display(&stream));
        let cx = CommandContext {
            now: core.clock.now(),
            message_id: origin.message_id,
            correlation_id: origin.correlation_id(),
            tenant: origin.tenant.clone(),
            actor: origin.metadata.actor.clone(),
        };
        core.executor
            .execute::<C, A>(&self, stream, &origin, &cx, locking)
            .await
    }
}

impl<C: ModuleCommand<M>, M: Module> Dispatchable<ToModule<M>> for C {
    type Output = C::Output;
    type Error = C::Error;

    fn target(&self, carrier: &Carrier) -> Result<CommandTarget, DispatchError<C::Error>> {
        let module = module_of::<C, M>(&carrier.core)?;
        Ok(CommandTarget::Module(module.name()))
    }

    async fn carry_out(self, carrier: Carrier) -> Result<C::Output, DispatchError<C::Error>> {
        let Carrier { core, origin, .. } = carrier;
        let module = module_of::<C, M>(&core)?;
        let cx = ModuleContext::new(core, origin);
        self.handle(&module, &cx)
            .await
            .map_err(DispatchError::Rejected)
    }
}

/// The stream of a command, if the app has its aggregate.
fn stream_of<C: CommandFor<A>, A: Aggregate>(
    command: &C,
    carrier: &Carrier,
) -> Result<StreamId, DispatchError<C::Error>> {
    if !carrier.core.registry.has_aggregate::<A>() {
        return Err(DispatchError::NotRegistered {
            command: C::NAME,
            handler: std::any::type_name::<A>(),
        });
    }
    let stream = StreamId::new(A::CATEGORY, &command.stream_key());
    let stream = stream.map_err(|source| DispatchError::InvalidId {
        command: C::NAME,
        source,
    })?;
    Ok(stream.with_tenant(carrier.origin.tenant.clone()))
}

/// The module of a command, if the app has it.
fn module_of<C: ModuleCommand<M>, M: Module>(
    core: &Core,
) -> Result<Arc<M>, DispatchError<C::Error>> {
    core.module::<M>().ok_or(DispatchError::NotRegistered {
        command: C::NAME,
        handler: std::any::type_name::<M>(),
    })
}
