//! Reading read models.

use std::collections::HashMap;
use std::fmt;
use std::marker::PhantomData;
use std::sync::Arc;
use std::time::Duration;

use super::reading::{Query, query_settings, read};
use super::{AsOf, Core, OrStale, ViewError};
use crate::message::Key;
use crate::projection::{Projection, collection};
use crate::store::{Document, GlobalPosition, TenantId};
use crate::tenant::ChosenTenant;

/// Documents read in one go.
const SCAN_PAGE: usize = 1_000;

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

impl<P: Projection> View<P> {
    /// Whether the document is there.
    ///
    /// # Errors
    /// [`ViewError`].
    pub async fn exists(self) -> Result<bool, ViewError> {
        Ok(self.found(false).await?.answer.is_some())
    }

    pub(super) async fn read(self, or_stale: bool) -> Result<AsOf<Option<P>>, ViewError> {
        let collection = collection::<P>();
        let found = self.found(or_stale).await?;
        let document = found.answer.map(|document| read(&collection, &document));
        Ok(AsOf {
            answer: document.transpose()?,
            position: found.position,
            is_stale: found.is_stale,
        })
    }

    async fn found(self, or_stale: bool) -> Result<AsOf<Option<Document>>, ViewError> {
        let tenant = self.query.tenant()?;
        let ready = self.query.ready::<P>(or_stale).await?;
        let keys = [self.key];
        let store = &self.query.core.ports.read_models;
        let found = store.documents(&ready.collection, &tenant, &keys);
        let found = self.query.answer(&ready.collection, found).await?;
        Ok(ready.answer(found.into_iter().next()))
    }
}

/// The documents of a read model by key: await them, or set more before.
#[must_use = "a query does nothing until it is awaited"]
pub struct Views<P> {
    query: Query,
    most: usize,
    after: Option<String>,
    keys: Option<Vec<String>>,
    projection: PhantomData<fn() -> P>,
}

impl<P: Projection> Views<P> {
    pub(crate) fn new(core: Arc<Core>) -> Self {
        Self {
            query: Query::new(core),
            most: usize::MAX,
            after: None,
            keys: None,
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

impl<P: Projection> Views<P> {
    /// Only the documents with these keys, in this order; those that are not there are left out. A key that is given
    /// twice gives its document twice.
    pub fn keys<K: Key>(mut self, keys: impl IntoIterator<Item = K>) -> Self {
        let keys = keys.into_iter().map(|key| key.to_key());
        self.keys = Some(keys.collect());
        self
    }

    pub(super) async fn read(self, or_stale: bool) -> Result<AsOf<Vec<(String, P)>>, ViewError> {
        let tenant = self.query.tenant()?;
        let ready = self.query.ready::<P>(or_stale).await?;
        let found = match &self.keys {
            Some(keys) => self.named(keys, &ready.collection, &tenant).await?,
            None => self.scanned(&ready.collection, &tenant).await?,
        };
        Ok(ready.answer(found))
    }

    async fn scanned(
        &self,
        collection: &str,
        tenant: &TenantId,
    ) -> Result<Vec<(String, P)>, ViewError> {
        let store = &self.query.core.ports.read_models;
        let mut all = Vec::new();
        let mut after = self.after.clone();
        while all.len() < self.most {
            let page = SCAN_PAGE.min(self.most - all.len());
            let found = store.scan(collection, tenant, after.as_deref(), page);
            let found = self.query.answer(collection, found).await?;
            let end = found.len() < page;
            for document in found {
                let view = read(collection, &document)?;
                all.push((document.key, view));
            }
            if end {
                break;
            }
            after = all.last().map(|(key, _)| key.clone());
        }
        Ok(all)
    }

    /// What `limit` and `after` say holds for them, too.
    async fn named(
        &self,
        keys: &[String],
        collection: &str,
        tenant: &TenantId,
    ) -> Result<Vec<(String, P)>, ViewError> {
        let store = &self.query.core.ports.read_models;
        let wanted = |key: &&String| self.after.as_ref().is_none_or(|after| *key > after);
        let keys: Vec<String> = keys.iter().filter(wanted).cloned().collect();
        let mut all = Vec::new();
        for some in keys.chunks(SCAN_PAGE) {
            let found = store.documents(collection, tenant, some);
            let found = self.query.answer(collection, found).await?;
            let found: HashMap<&str, &Document> = found
                .iter()
                .map(|document| (document.key.as_str(), document))
                .collect();
            for document in some.iter().filter_map(|key| found.get(key.as_str())) {
                if all.len() == self.most {
                    return Ok(all);
                }
                all.push((document.key.clone(), read(collection, document)?));
            }
        }
        Ok(all)
    }
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
