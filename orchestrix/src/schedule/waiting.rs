//! What waits: taken back, listed.

use std::fmt;
use std::future::{Future, IntoFuture};
use std::pin::Pin;
use std::sync::Arc;
use std::time::Duration;

use super::ScheduleError;
use crate::app::Core;
use crate::store::{MAX_PAGE, ScheduleId, ScheduleStoreError, Scheduled, TenantId};
use crate::tenant::ChosenTenant;

/// Something that is about to be cancelled: await it, or say whose it is before. It takes at most the app's limit for
/// commands.
#[must_use = "nothing is cancelled until it is awaited"]
pub struct CancelScheduled {
    core: Arc<Core>,
    tenant: ChosenTenant,
    id: ScheduleId,
}

impl CancelScheduled {
    pub(super) fn new(core: Arc<Core>, id: ScheduleId) -> Self {
        Self {
            core,
            tenant: ChosenTenant::ambient(),
            id,
        }
    }

    /// Of this tenant instead of that of the [scope](crate::tenant) it is awaited in.
    pub fn tenant(mut self, tenant: TenantId) -> Self {
        self.tenant = ChosenTenant::named(tenant);
        self
    }
}

impl IntoFuture for CancelScheduled {
    type Output = Result<bool, ScheduleError>;
    type IntoFuture = Pin<Box<dyn Future<Output = Self::Output> + Send>>;

    fn into_future(self) -> Self::IntoFuture {
        Box::pin(async move {
            let tenant = self.tenant.resolve(self.core.config.require_tenant)?;
            let cancelled = self
                .core
                .ports
                .schedules
                .cancel_scheduled(&tenant, &self.id);
            within(self.core.config.dispatch_timeout, cancelled).await
        })
    }
}

impl fmt::Debug for CancelScheduled {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("CancelScheduled")
            .field("id", &self.id)
            .finish_non_exhaustive()
    }
}

/// A list of what waits, by id: await it, or say before whose, and which page. It takes at most the app's limit for
/// queries.
#[must_use = "nothing is listed until it is awaited"]
pub struct ListScheduled {
    core: Arc<Core>,
    tenant: ChosenTenant,
    after: Option<ScheduleId>,
    limit: usize,
}

impl ListScheduled {
    pub(super) fn new(core: Arc<Core>) -> Self {
        Self {
            core,
            tenant: ChosenTenant::ambient(),
            after: None,
            limit: MAX_PAGE,
        }
    }

    /// Of this tenant instead of that of the [scope](crate::tenant) it is awaited in.
    pub fn tenant(mut self, tenant: TenantId) -> Self {
        self.tenant = ChosenTenant::named(tenant);
        self
    }

    /// Those behind this id: the last one of the page before.
    pub fn after(mut self, id: ScheduleId) -> Self {
        self.after = Some(id);
        self
    }

    /// At most so many, 1 to 1,000; 1,000 unless it is said.
    pub fn limit(mut self, limit: usize) -> Self {
        self.limit = limit.clamp(1, MAX_PAGE);
        self
    }
}

impl IntoFuture for ListScheduled {
    type Output = Result<Vec<Scheduled>, ScheduleError>;
    type IntoFuture = Pin<Box<dyn Future<Output = Self::Output> + Send>>;

    fn into_future(self) -> Self::IntoFuture {
        Box::pin(async move {
            let tenant = self.tenant.resolve(self.core.config.require_tenant)?;
            let schedules = &self.core.ports.schedules;
            let listed = schedules.scheduled(&tenant, self.after.as_ref(), self.limit);
            within(self.core.config.view_timeout, listed).await
        })
    }
}

impl fmt::Debug for ListScheduled {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ListScheduled")
            .field("after", &self.after)
            .field("limit", &self.limit)
            .finish_non_exhaustive()
    }
}

async fn within<T>(
    limit: Duration,
    answer: impl Future<Output = Result<T, ScheduleStoreError>>,
) -> Result<T, ScheduleError> {
    let answer = tokio::time::timeout(limit, answer).await;
    Ok(answer.map_err(|_| ScheduleError::Timeout { limit })??)
}
