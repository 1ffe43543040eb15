//! Reading aggregates.

use std::fmt;
use std::future::{Future, IntoFuture};
use std::marker::PhantomData;
use std::pin::Pin;
use std::sync::Arc;

use super::Core;
use crate::aggregate::{Aggregate, LoadError, Loaded};
use crate::store::{NameError, StreamId, StreamVersion, TenantId};

/// The state of an aggregate: await it, or set more before.
#[must_use = "a query does nothing until it is awaited"]
pub struct Load<A> {
    core: Arc<Core>,
    stream: Result<StreamId, NameError>,
    at: Option<StreamVersion>,
    aggregate: PhantomData<fn() -> A>,
}

impl<A: Aggregate> Load<A> {
    pub(crate) fn new(core: Arc<Core>, stream: Result<StreamId, NameError>) -> Self {
        Self {
            core,
            stream,
            at: None,
            aggregate: PhantomData,
        }
    }

    /// Of this tenant instead of the default one.
    pub fn tenant(mut self, tenant: TenantId) -> Self {
        self.stream = self.stream.map(|stream| stream.with_tenant(tenant));
        self
    }

    /// As it was at this version, instead of now; a version beyond the stream's end is the end.
    pub fn at(mut self, version: StreamVersion) -> Self {
        self.at = Some(version);
        self
    }
}

impl<A: Aggregate> IntoFuture for Load<A> {
    type Output = Result<Loaded<A>, LoadError>;
    type IntoFuture = Pin<Box<dyn Future<Output = Self::Output> + Send>>;

    fn into_future(self) -> Self::IntoFuture {
        Box::pin(async move {
            let stream = self
                .stream
                .map_err(|source| LoadError::InvalidKey { source })?;
            let mut loaded = Loaded::nothing();
            if self.at != Some(StreamVersion::NONE) {
                loaded
                    .catch_up(&*self.core.ports.events, &stream, self.at)
                    .await?;
            }
            Ok(loaded)
        })
    }
}

impl<A> fmt::Debug for Load<A> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Load")
            .field("stream", &self.stream)
            .field("at", &self.at)
            .finish_non_exhaustive()
    }
}
