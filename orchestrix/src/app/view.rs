//! Reading read models.

use std::fmt;
use std::future::{Future, IntoFuture};
use std::marker::PhantomData;
use std::pin::Pin;
use std::sync::Arc;
use std::time::Duration;

use super::{Core, ViewError};
use crate::projection::{Projection, collection};
use crate::store::{Document, GlobalPosition, ReadModelError, TenantId};
use crate::tenant::{ChosenTenant, TenantRequired};

/// Documents read in one go.
const SCAN_PAGE: usize = 1_000;

/// What both kinds of reading have in common.
struct Query {
    core: Arc<Core>,
    tenant: ChosenTenant,
    at_least: GlobalPosition,
    limit: Duration,
}

impl Query {
    fn new(core: Arc<Core>) -> Self {
        Self {
            limit: core.config.view_timeout,
            core,
            tenant: ChosenTenant::ambient(),
            at_least: GlobalPosition::START,
        }
    }

    /// Whose documents.
    fn tenant(&self) -> Result<TenantId, TenantRequired> {
        self.tenant.clone().resolve(self.core.config.require_tenant)
    }

    /// The collection to read, once it is as fresh as asked for.
    async fn ready<P: Projection>(&self) -> Result<String, ViewError> {
        let collection = collection::<P>();
        self.core
            .reached(&collection, self.at_least, self.limit)
            .await?;
        Ok(collection)
    }

    /// The store's answer, within the app's limit.
    async fn answer<T>(
        &self,
        collection: &str,
        answer: impl Future<Output = Result<T, ReadModelError>>,
    ) -> Result<T, ViewError> {
        let limit = self.core.config.view_timeout;
        match tokio::time::timeout(limit, answer).await {
            Ok(answer) => Ok(answer?),
            Err(_) => Err(ViewError::Timeout {
                reading: format!("read model `{collection}`"),
                limit,
            }),
        }
    }
}

macro_rules! query_settings {
    () => {
        /// Of this tenant instead of that of the [scope](crate::tenant) it is awaited in.
        pub fn tenant(mut self, tenant: TenantId) -> Self {
            self.query.tenant = ChosenTenant::named(tenant);
            self
        }

        /// Once the read model has seen everything up to this position: give a receipt's to read your own write.
        pub fn at_least(mut self, position: GlobalPosition) -> Self {
            self.query.at_least = position;
            self
        }

        /// Waiting for that at most so long, instead of the app's limit, which holds for the reading itself all the same.
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
            let tenant = self.query.tenant()?;
            let collection = self.query.ready::<P>().await?;
            let keys = [self.key];
            let store = &self.query.core.ports.read_models;
            let found = store.documents(&collection, &tenant, &keys);
            let found = self.query.answer(&collection, found).await?;
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
            let tenant = self.query.tenant()?;
            let collection = self.query.ready::<P>().await?;
            let store = &self.query.core.ports.read_models;
            let mut all = Vec::new();
            let mut after = self.after;
            while all.len() < self.most {
                let page = SCAN_PAGE.min(self.most - all.len());
                let found = store.scan(&collection, &tenant, after.as_deref(), page);
                let found = self.query.answer(&collection, found).await?;
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
