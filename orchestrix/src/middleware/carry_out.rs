//! From a dispatch into the layers, and out of them to what handles the command.

use std::any::Any;
use std::future::Future;
use std::marker::PhantomData;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};

use tokio::time::Instant;
use tower_service::Service;

use super::rejection::{forget, remember};
use super::{CallService, CommandCall, CommandError, CommandReply, CommandTarget};
use crate::aggregate::CommandOrigin;
use crate::app::{Carrier, DispatchError, Dispatchable};
use crate::randomness::Randomness;
use crate::store::TenantId;
use crate::tenant;

/// Sends a command through the layers, and gives what comes back its type again.
pub(crate) async fn through<C: Dispatchable<Target>, Target: 'static>(
    layers: &CallService<CommandCall>,
    command: C,
    carrier: Carrier,
    deadline: Option<Instant>,
) -> Result<C::Output, DispatchError<C::Error>> {
    let origin = Arc::new(carrier.origin().clone());
    let call = CommandCall {
        command: Arc::new(Typed {
            place: command.target(&carrier)?,
            scope: tenant::current(),
            command,
            carrier,
            target: PhantomData::<fn() -> Target>,
        }),
        origin,
        deadline,
    };
    let reply = layers.run(call).await.map_err(remember)?;
    reply
        .into_output()
        .map_err(|foreign| DispatchError::Middleware {
            source: foreign.into(),
        })
}

/// The innermost service: carries the command out.
#[derive(Debug, Clone, Copy)]
pub(crate) struct CarryOut;

impl Service<CommandCall> for CarryOut {
    type Response = CommandReply;
    type Error = CommandError;
    type Future = Running;

    fn poll_ready(&mut self, _: &mut Context<'_>) -> Poll<Result<(), CommandError>> {
        Poll::Ready(Ok(()))
    }

    fn call(&mut self, call: CommandCall) -> Running {
        let origin = Arc::unwrap_or_clone(call.origin);
        call.command.run(origin)
    }
}

/// A command with its type forgotten.
pub(super) trait Runnable: Send + Sync {
    fn name(&self) -> &'static str;
    fn command(&self) -> &dyn Any;
    fn target(&self) -> &CommandTarget;
    fn randomness(&self) -> &dyn Randomness;
    fn run(&self, origin: CommandOrigin) -> Running;
}

pub(super) type Running = Pin<Box<dyn Future<Output = Result<CommandReply, CommandError>> + Send>>;

struct Typed<C, Target> {
    command: C,
    carrier: Carrier,
    place: CommandTarget,
    /// The tenant's scope that the dispatch is awaited in.
    scope: Option<TenantId>,
    target: PhantomData<fn() -> Target>,
}

impl<C: Dispatchable<Target>, Target: 'static> Runnable for Typed<C, Target> {
    fn name(&self) -> &'static str {
        C::NAME
    }

    fn command(&self) -> &dyn Any {
        &self.command
    }

    fn target(&self) -> &CommandTarget {
        &self.place
    }

    fn randomness(&self) -> &dyn Randomness {
        self.carrier.randomness()
    }

    fn run(&self, origin: CommandOrigin) -> Running {
        let command = self.command.duplicate();
        let carrier = self.carrier.on_behalf(origin);
        let run = async move {
            let outcome = command.carry_out(carrier).await;
            outcome.map(CommandReply::new).map_err(forget)
        };
        // The layers are within the scope already, unless one of them went over to another task.
        match self.scope.clone() {
            Some(tenant) => Box::pin(tenant::scope(tenant, run)),
            None => Box::pin(tenant::unscoped(run)),
        }
    }
}
