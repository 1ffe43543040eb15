//! What is to be done at a time.

use async_trait::async_trait;
use jiff::Timestamp;
use orchestrix::store::{
    ScheduleId, ScheduleOutcome, ScheduleStore, ScheduleStoreError, Scheduled, TenantId,
};

use super::PostgresStore;

#[async_trait]
impl ScheduleStore for PostgresStore {
    async fn schedule(&self, scheduled: Scheduled) -> Result<ScheduleOutcome, ScheduleStoreError> {
        self.0.schedules.schedule(scheduled).await
    }

    async fn cancel_scheduled(
        &self,
        tenant: &TenantId,
        id: &ScheduleId,
    ) -> Result<bool, ScheduleStoreError> {
        self.0.schedules.cancel(tenant, id).await
    }

    async fn claim_scheduled(
        &self,
        now: Timestamp,
        until: Timestamp,
        limit: usize,
    ) -> Result<Vec<Scheduled>, ScheduleStoreError> {
        self.0.schedules.claim(now, until, limit).await
    }

    async fn next_scheduled(&self) -> Result<Option<Timestamp>, ScheduleStoreError> {
        self.0.schedules.next().await
    }

    async fn extend_scheduled(
        &self,
        claimed: &Scheduled,
        until: Timestamp,
    ) -> Result<bool, ScheduleStoreError> {
        self.0.schedules.extend(claimed, until).await
    }

    async fn postpone_scheduled(
        &self,
        claimed: &Scheduled,
        until: Timestamp,
        error: &str,
    ) -> Result<bool, ScheduleStoreError> {
        self.0.schedules.postpone(claimed, until, error).await
    }

    async fn fired(&self, claimed: &Scheduled, at: Timestamp) -> Result<bool, ScheduleStoreError> {
        self.0.schedules.fired(claimed, at).await
    }

    async fn scheduled(
        &self,
        tenant: &TenantId,
        after: Option<&ScheduleId>,
        limit: usize,
    ) -> Result<Vec<Scheduled>, ScheduleStoreError> {
        self.0.schedules.list(tenant, after, limit).await
    }

    async fn forget_fired(
        &self,
        before: Timestamp,
        limit: usize,
    ) -> Result<u64, ScheduleStoreError> {
        self.0.schedules.forget(before, limit).await
    }
}
