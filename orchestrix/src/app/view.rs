//! Reading read models.

use std::fmt;
use std::future::{Future, IntoFuture};
use std::marker::PhantomData;
use std::pin::Pin;
use std::sync::Arc;
use std::time::Duration;

use super::Core;
use crate::projection::{Projection, collection};
use crate::store::{Document, GlobalPosition, ReadError, ReadModelError, TenantId};
use crate::subscription::SubscriptionState;

/// Documents read in one go.
const SCAN_PAGE: usize = 1_000;

/// What both kinds of reading have in common.
struct Query {
    core: Arc<Core>,
    tenant: TenantId,
    at_least: GlobalPosition,
    limit: Duration,
}

impl Query {
    fn new(core: Arc<Core>) -> Self {
        Self {
            limit: core.config.view_timeout,
            core,
            tenant: TenantId::default(),
            at_least: GlobalPosition::START,
        }
    }

    /// The collection to read, once it is as fresh as asked for.
    async fn ready<P: Projection>(&self) -> Result<String, ViewError> {
        let collection = collection::<P>();
        self.core
            .reached(&collection, self.at_least, self.limit)
            .await?;
        Ok(collection)
    }
}

macro_rules! query_settings {
    () => {
        /// Of this tenant instead of the default one.
        pub fn tenant(mut self, tenant: TenantId) -> Self {
            self.query.tenant = tenant;
            self
        }

        /// Once the read model has seen everything up to this position: give a receipt's to read your own write.
        pub fn at_least(mut self, position: GlobalPosition) -> Self {
            self.query.at_least = position;
            self
        }

        /// Waiting for that at most so long, instead of the app's limit.
        pub fn within(mut self, limit: Duration) -> Self {
            self.query.limit = limit;
            self
        }
    };
}

/// One document of a read model: await it, or set more before.
#[must_use = "a query does nothing until it is awaited"]
pub struct View<P> {
    query: Query,
    key: String,
    projection: PhantomData<fn() -> P>,
}

impl<P: Projection> View<P> {
    pub(crate) fn new(core: Arc<Core>, key: String) -> Self {
        Self {
            query: Query::new(core),
            key,
            projection: PhantomData,
        }
    }

    query_settings!();
}

impl<P: Projection> IntoFuture for View<P> {
    type Output = Result<Option<P>, ViewError>;
    type IntoFuture = Pin<Box<dyn Future<Output = Self::Output> + Send>>;

    fn into_future(self) -> Self::IntoFuture {
        Box::pin(async move {
            let collection = self.query.ready::<P>().await?;
            let keys = [self.key];
            let store = &self.query.core.ports.read_models;
            let found = store
                .documents(&collection, &self.query.tenant, &keys)
                .await?;
            found
                .into_iter()
                .next()
                .map(|document| read(&collection, &document))
                .transpose()
        })
    }
}

/// The documents of a read model by key: await them, or set more before.
#[must_use = "a query does nothing until it is awaited"]
pub struct Views<P> {
    query: Query,
    most: usize,
    after: Option<String>,
    projection: PhantomData<fn() -> P>,
}

impl<P: Projection> Views<P> {
    pub(crate) fn new(core: Arc<Core>) -> Self {
        Self {
            query: Query::new(core),
            most: usize::MAX,
            after: None,
            projection: PhantomData,
        }
    }

    query_settings!();

    /// At most so many documents.
    pub fn limit(mut self, documents: usize) -> Self {
        self.most = documents;
        self
    }

    /// Only documents whose key comes after this one: the last key of the page before.
    pub fn after(mut self, key: impl Into<String>) -> Self {
        self.after = Some(key.into());
        self
    }
}

impl<P: Projection> IntoFuture for Views<P> {
    type Output = Result<Vec<(String, P)>, ViewError>;
    type IntoFuture = Pin<Box<dyn Future<Output = Self::Output> + Send>>;

    fn into_future(self) -> Self::IntoFuture {
        Box::pin(async move {
            let collection = self.query.ready::<P>().await?;
            let store = &self.query.core.ports.read_models;
            let mut all = Vec::new();
            let mut after = self.after;
            while all.len() < self.most {
                let page = SCAN_PAGE.min(self.most - all.len());
                let tenant = &self.query.tenant;
                let found = store
                    .scan(&collection, tenant, after.as_deref(), page)
                    .await?;
                let end = found.len() < page;
                for document in found {
                    let view = read(&collection, &document)?;
                    all.push((document.key, view));
                }
                if end {
                    break;
                }
                after = all.last().map(|(key, _)| key.clone());
            }
            Ok(all)
        })
    }
}

fn read<P: Projection>(collection: &str, document: &Document) -> Result<P, ViewError> {
    document.body.read().map_err(|source| ViewError::Damaged {
        read_model: collection.to_owned(),
        key: document.key.clone(),
        source,
    })
}

macro_rules! debug_queries {
    ($($name:ident),*) => {$(
        impl<P> fmt::Debug for $name<P> {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.debug_struct(stringify!($name)).field("tenant", &self.query.tenant).finish_non_exhaustive()
            }
        }
    )*};
}

debug_queries!(View, Views);

/// Why a read model could not be read.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum ViewError {
    /// No module of the app has the projection.
    #[error("read model `{read_model}` is in no module of this app")]
    NotRegistered {
        /// Its name and version.
        read_model: String,
    },
    /// It has not seen what was asked for in time.
    #[error(
        "subscription `{subscription}` is at position {reached}, not yet at {wanted} after {limit:?} ({state:?})"
    )]
    Behind {
        /// The subscription that keeps it.
        subscription: String,
        /// What was asked for.
        wanted: GlobalPosition,
        /// Where it is.
        reached: GlobalPosition,
        /// How long was waited.
        limit: Duration,
        /// What it is doing.
        state: SubscriptionState,
    },
    /// The document does not fit the projection's type: raise its `version` when documents change their shape.
    #[error(
        "document `{key}` of read model `{read_model}` does not fit its type: has it changed without a new `version`?"
    )]
    Damaged {
        /// The read model.
        read_model: String,
        /// The document.
        key: String,
        /// What serde said.
        source: serde_json::Error,
    },
    /// The read model could not be read.
    #[error(transparent)]
    Store(#[from] ReadModelError),
    /// The head of the log could not be read.
    #[error("the head of the log could not be read")]
    Log {
        /// What the store said.
        source: ReadError,
    },
}

impl ViewError {
    /// With the whole time that was waited, of which this was the end.
    pub(super) fn waited(mut self, whole: Duration) -> Self {
        if let Self::Behind { limit, .. } = &mut self {
            *limit = whole;
        }
        self
    }
}
