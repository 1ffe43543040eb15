//! Finding documents of a read model by its indexes.

mod conditions;

use std::fmt;
use std::ops::Bound;
use std::sync::Arc;
use std::time::Duration;

use super::reading::{Query, query_settings, read};
use super::{AsOf, Core, OrStale, QueryError, ViewCursor};
use crate::projection::{IndexValue, Projection, collection};
use crate::store::{
    DocumentOrder, DocumentPlace, DocumentQuery, GlobalPosition, IndexCondition, IndexRange,
    MAX_PAGE, TenantId,
};
use crate::tenant::ChosenTenant;
use conditions::Conditions;
pub use conditions::{MAX_CONDITION_VALUES, MAX_CONDITIONS};

/// The documents of a page, unless told otherwise.
const PAGE: usize = 100;

/// Documents of a read model, by their places in its indexes: see [`App::query`](super::App::query).
///
/// - All conditions must hold. They compare in the order of the index, in which `None` comes before every value: so
///   `below` finds it, and so does `not_equals`.
/// - Without an order, documents come by the bytes of their keys; so they do where they are equal in the index that
///   orders them.
/// - A mistake in a condition, such as an index that is not there, is the error of `fetch` and `count`.
#[must_use = "a query does nothing until its documents are fetched or counted"]
pub struct ViewQuery<P> {
    query: Query,
    conditions: Conditions<P>,
    order: DocumentOrder,
    after: Option<ViewCursor>,
    limit: usize,
}

/// Some of the documents that a query finds.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct ViewPage<P> {
    /// The documents with their keys, in order.
    pub documents: Vec<(String, P)>,
    /// Where the next page begins; nothing when there was no more.
    pub next: Option<ViewCursor>,
}

impl<P: Projection> ViewQuery<P> {
    pub(crate) fn new(core: Arc<Core>) -> Self {
        Self {
            query: Query::new(core),
            conditions: Conditions::new(),
            order: DocumentOrder::default(),
            after: None,
            limit: PAGE,
        }
    }

    query_settings!();

    /// Where the index holds this value.
    pub fn equals(self, index: &str, value: impl IndexValue) -> Self {
        self.one_of(index, [value])
    }

    /// Where the index holds another value.
    pub fn not_equals(self, index: &str, value: impl IndexValue) -> Self {
        self.none_of(index, [value])
    }

    /// Where the index holds one of these values: 1 to [`MAX_CONDITION_VALUES`].
    pub fn one_of<V: IndexValue>(self, index: &str, values: impl IntoIterator<Item = V>) -> Self {
        self.with(|conditions| conditions.among(index, values, IndexRange::OneOf))
    }

    /// Where the index holds none of these values: 1 to [`MAX_CONDITION_VALUES`].
    pub fn none_of<V: IndexValue>(self, index: &str, values: impl IntoIterator<Item = V>) -> Self {
        self.with(|conditions| conditions.among(index, values, IndexRange::NoneOf))
    }

    /// Where the index holds more than this.
    pub fn above<V: IndexValue>(self, index: &str, value: V) -> Self {
        let end = Bound::Excluded(V::KIND.end());
        self.between(index, value, |value| (Bound::Excluded(value), end))
    }

    /// Where the index holds this or more.
    pub fn at_or_above<V: IndexValue>(self, index: &str, value: V) -> Self {
        let end = Bound::Excluded(V::KIND.end());
        self.between(index, value, |value| (Bound::Included(value), end))
    }

    /// Where the index holds less than this.
    pub fn below(self, index: &str, value: impl IndexValue) -> Self {
        self.between(index, value, |value| {
            (Bound::Unbounded, Bound::Excluded(value))
        })
    }

    /// Where the index holds this or less.
    pub fn at_or_below(self, index: &str, value: impl IndexValue) -> Self {
        self.between(index, value, |value| {
            (Bound::Unbounded, Bound::Included(value))
        })
    }

    /// Ordered by this index, the lowest first.
    pub fn ascending(self, index: &str) -> Self {
        self.ordered(Some(index), false)
    }

    /// Ordered by this index, the highest first.
    pub fn descending(self, index: &str) -> Self {
        self.ordered(Some(index), true)
    }

    /// Ordered by the bytes of the keys, the last first.
    pub fn descending_keys(self) -> Self {
        self.ordered(None, true)
    }

    /// A page of at most so many documents, 1 to [`MAX_PAGE`]: 100 unless told otherwise.
    pub fn limit(mut self, documents: usize) -> Self {
        self.limit = documents;
        self.with(|conditions| conditions.check_limit("documents", MAX_PAGE, documents))
    }

    /// The page behind the one that ended with this cursor, of a query with the same order.
    pub fn after(mut self, cursor: ViewCursor) -> Self {
        self.after = Some(cursor);
        self
    }

    /// Reads a page.
    ///
    /// # Errors
    /// [`QueryError`].
    pub async fn fetch(self) -> Result<ViewPage<P>, QueryError> {
        Ok(self.page(false).await?.answer)
    }

    /// Counts all that there is, whatever the limit and the cursor.
    ///
    /// # Errors
    /// [`QueryError`].
    pub async fn count(self) -> Result<u64, QueryError> {
        Ok(self.number(false).await?.answer)
    }

    fn ordered(mut self, index: Option<&str>, descending: bool) -> Self {
        self.order = DocumentOrder {
            index: index.map(str::to_owned),
            descending,
        };
        match index {
            Some(index) => self.with(|conditions| conditions.check_index(index)),
            None => self,
        }
    }

    fn between<V: IndexValue>(
        self,
        index: &str,
        value: V,
        range: impl FnOnce(Vec<u8>) -> (Bound<Vec<u8>>, Bound<Vec<u8>>),
    ) -> Self {
        self.with(|conditions| conditions.between(index, &value, range))
    }

    fn with(mut self, change: impl FnOnce(&mut Conditions<P>)) -> Self {
        change(&mut self.conditions);
        self
    }

    async fn page(self, or_stale: bool) -> Result<AsOf<ViewPage<P>>, QueryError> {
        let conditions = self.conditions.finish()?;
        let order = told::<P>(&self.order);
        let after = self.after.map(|cursor| cursor.place(&order));
        let after = after.transpose()?;
        let tenant = self.query.tenant()?;
        let ready = self.query.ready::<P>(or_stale).await?;
        let asked = indexes(&conditions, self.order.index.as_ref());
        self.query
            .indexes_are_built(&ready.collection, &asked)
            .await?;
        let store = &self.query.core.ports.read_models;
        let found = store.query_documents(DocumentQuery {
            collection: ready.collection.clone(),
            tenant,
            conditions,
            order: self.order,
            after,
            // One more tells whether there is a next page.
            limit: self.limit + 1,
        });
        let mut found = self.query.answer(&ready.collection, found).await?;
        let more = found.len() > self.limit;
        found.truncate(self.limit);
        let next = found.last().filter(|_| more).map(|last| {
            let place = DocumentPlace {
                value: last.value.clone(),
                key: last.document.key.clone(),
            };
            ViewCursor::new(order, place)
        });
        let mut documents = Vec::with_capacity(found.len());
        for found in found {
            let view = read(&ready.collection, &found.document)?;
            documents.push((found.document.key, view));
        }
        Ok(ready.answer(ViewPage { documents, next }))
    }

    async fn number(self, or_stale: bool) -> Result<AsOf<u64>, QueryError> {
        let conditions = self.conditions.finish()?;
        let tenant = self.query.tenant()?;
        let ready = self.query.ready::<P>(or_stale).await?;
        let asked = indexes(&conditions, None);
        self.query
            .indexes_are_built(&ready.collection, &asked)
            .await?;
        let store = &self.query.core.ports.read_models;
        let number = store.count_documents(&ready.collection, &tenant, &conditions);
        let number = self.query.answer(&ready.collection, number).await?;
        Ok(ready.answer(number))
    }
}

/// The indexes that a query goes by.
fn indexes(conditions: &[IndexCondition], order: Option<&String>) -> Vec<String> {
    let conditions = conditions.iter().map(|condition| &condition.index);
    conditions.chain(order).cloned().collect()
}

/// The read model and the order, which a cursor holds for.
fn told<P: Projection>(order: &DocumentOrder) -> String {
    let direction = if order.descending { " downwards" } else { "" };
    let by = match &order.index {
        Some(index) => format!("index `{index}`"),
        None => "key".to_owned(),
    };
    format!("`{}` by {by}{direction}", collection::<P>())
}

impl<P: Projection> OrStale<ViewQuery<P>> {
    /// Reads a page.
    ///
    /// # Errors
    /// [`QueryError`].
    pub async fn fetch(self) -> Result<AsOf<ViewPage<P>>, QueryError> {
        self.0.page(true).await
    }

    /// Counts all that there is, whatever the limit and the cursor.
    ///
    /// # Errors
    /// [`QueryError`].
    pub async fn count(self) -> Result<AsOf<u64>, QueryError> {
        self.0.number(true).await
    }
}

impl<P> fmt::Debug for ViewQuery<P> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ViewQuery")
            .field("tenant", &self.query.tenant)
            .field("conditions", &self.conditions.all)
            .field("order", &self.order)
            .finish_non_exhaustive()
    }
}
