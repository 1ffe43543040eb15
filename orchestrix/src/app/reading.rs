//! What all kinds of reading read models have in common.

use std::future::Future;
use std::sync::Arc;
use std::time::Duration;

use super::{AsOf, Core, ViewError};
use crate::projection::{Projection, collection};
use crate::store::{Document, GlobalPosition, ReadModelError, TenantId};
use crate::tenant::{ChosenTenant, TenantRequired};

/// Whose documents, and how fresh.
pub(super) struct Query {
    pub(super) core: Arc<Core>,
    pub(super) tenant: ChosenTenant,
    pub(super) at_least: GlobalPosition,
    pub(super) limit: Duration,
}

/// A collection that can be read, and how fresh it is at least.
pub(super) struct Ready {
    pub(super) collection: String,
    position: GlobalPosition,
    is_stale: bool,
}

impl Ready {
    pub(super) fn answer<T>(self, answer: T) -> AsOf<T> {
        AsOf {
            answer,
            position: self.position,
            is_stale: self.is_stale,
        }
    }
}

impl Query {
    pub(super) fn new(core: Arc<Core>) -> Self {
        Self {
            limit: core.config.view_timeout,
            core,
            tenant: ChosenTenant::ambient(),
            at_least: GlobalPosition::START,
        }
    }

    /// Whose documents.
    pub(super) fn tenant(&self) -> Result<TenantId, TenantRequired> {
        self.tenant.clone().resolve(self.core.config.require_tenant)
    }

    /// The collection to read, once it is as fresh as asked for, or as fresh as it is where that will do.
    pub(super) async fn ready<P: Projection>(&self, or_stale: bool) -> Result<Ready, ViewError> {
        let collection = collection::<P>();
        let reached = self
            .core
            .reached(&collection, self.at_least, self.limit)
            .await;
        match reached {
            Err(ViewError::Behind { .. }) if or_stale => {}
            reached => reached?,
        }
        let handle = self.core.subscriptions.get(&collection);
        let position = handle.map_or(GlobalPosition::START, |handle| {
            handle.status.borrow().position
        });
        Ok(Ready {
            collection,
            position,
            is_stale: position < self.at_least,
        })
    }

    /// The store's answer, within the app's limit.
    pub(super) async fn answer<T>(
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

        /// Once the read model has seen everything up to this position: give a receipt's to read your own write. Of an
        /// [inline](crate::projection::Projection::INLINE) projection that is how far its subscription is; its documents
        /// show your own write without.
        pub fn at_least(mut self, position: GlobalPosition) -> Self {
            self.query.at_least = position;
            self
        }

        /// Waiting for that at most so long, instead of the app's limit, which holds for the reading itself all the same.
        pub fn within(mut self, limit: Duration) -> Self {
            self.query.limit = limit;
            self
        }

        /// What is there when the read model does not come to the position in time, instead of an error; the answer says
        /// so.
        pub fn or_stale(self) -> OrStale<Self> {
            OrStale(self)
        }
    };
}
pub(super) use query_settings;

pub(super) fn read<P: Projection>(collection: &str, document: &Document) -> Result<P, ViewError> {
    document.body.read().map_err(|source| ViewError::Damaged {
        read_model: collection.to_owned(),
        key: document.key.clone(),
        source,
    })
}
