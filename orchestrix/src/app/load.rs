//! Reading aggregates.

use std::fmt;
use std::future::{Future, IntoFuture};
use std::marker::PhantomData;
use std::pin::Pin;
use std::sync::Arc;
use std::time::Duration;

use super::Core;
use crate::aggregate::{Aggregate, LoadError, Loaded};
use crate::store::{NameError, ReadStream, StreamId, StreamVersion, TenantId};
use crate::tenant::ChosenTenant;

/// The state of an aggregate: await it, or set more before. It takes at most the app's limit for queries, unless
/// [`within`](Load::within) says otherwise.
#[must_use = "a query does nothing until it is awaited"]
pub struct Load<A> {
    core: Arc<Core>,
    stream: Result<StreamId, NameError>,
    tenant: ChosenTenant,
    at: Option<StreamVersion>,
    existing: bool,
    with_archived: bool,
    limit: Duration,
    aggregate: PhantomData<fn() -> A>,
}

impl<A: Aggregate> Load<A> {
    pub(crate) fn new(core: Arc<Core>, stream: Result<StreamId, NameError>) -> Self {
        Self {
            limit: core.config.view_timeout,
            core,
            stream,
            tenant: ChosenTenant::ambient(),
            at: None,
            existing: false,
            with_archived: false,
            aggregate: PhantomData,
        }
    }

    /// Of this tenant instead of that of the [scope](crate::tenant) it is awaited in.
    pub fn tenant(mut self, tenant: TenantId) -> Self {
        self.tenant = ChosenTenant::named(tenant);
        self
    }

    /// Only where its stream has events, up to the version asked for; else it is [`LoadError::NotFound`].
    pub fn existing(mut self) -> Self {
        self.existing = true;
        self
    }

    /// As it was at this version, instead of now; a version beyond the stream's end is the end.
    pub fn at(mut self, version: StreamVersion) -> Self {
        self.at = Some(version);
        self
    }

    /// Also where its stream was [archived](crate::store::EventStore::archive_stream).
    pub fn with_archived(mut self) -> Self {
        self.with_archived = true;
        self
    }

    /// Within this time limit instead of the app's.
    pub fn within(mut self, limit: Duration) -> Self {
        self.limit = limit;
        self
    }
}

impl<A: Aggregate> IntoFuture for Load<A> {
    type Output = Result<Loaded<A>, LoadError>;
    type IntoFuture = Pin<Box<dyn Future<Output = Self::Output> + Send>>;

    fn into_future(self) -> Self::IntoFuture {
        Box::pin(async move {
            let tenant = self.tenant.resolve(self.core.config.require_tenant)?;
            let stream = self
                .stream
                .map_err(|source| LoadError::InvalidKey { source })?
                .with_tenant(tenant);
            let mut loaded = Loaded::nothing();
            if self.at != Some(StreamVersion::NONE) {
                let mut read = ReadStream::forward(stream.clone());
                read.with_archived = self.with_archived;
                if let Some(version) = self.at {
                    read = read.to(version);
                }
                let reading = loaded.catch_up(&*self.core.ports.events, read);
                let limit = self.limit;
                let late = |_| {
                    let stream = stream.clone();
                    Err(LoadError::Timeout { stream, limit })
                };
                tokio::time::timeout(limit, reading)
                    .await
                    .unwrap_or_else(late)?;
            }
            if self.existing && !loaded.exists() {
                return Err(LoadError::NotFound { stream });
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
