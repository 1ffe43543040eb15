//! What is scheduled. Claiming and what follows from it is for all tenants at once, as no tenant does it.

use async_trait::async_trait;
use jiff::Timestamp;
use orchestrix::store::{
    ScheduleId, ScheduleOutcome, ScheduleStore, ScheduleStoreError, Scheduled, TenantId,
};

use super::recording::{Method, Recording};

#[async_trait]
impl ScheduleStore for Recording {
    async fn schedule(&self, scheduled: Scheduled) -> Result<ScheduleOutcome, ScheduleStoreError> {
        let schedules = &self.note(Method::Schedule).schedules;
        schedules.schedule(scheduled).await
    }

    async fn cancel_scheduled(
        &self,
        tenant: &TenantId,
        id: &ScheduleId,
    ) -> Result<bool, ScheduleStoreError> {
        let schedules = &self.note(Method::CancelScheduled).schedules;
        schedules.cancel_scheduled(tenant, id).await
    }

    async fn claim_scheduled(
        &self,
        now: Timestamp,
        until: Timestamp,
        limit: usize,
    ) -> Result<Vec<Scheduled>, ScheduleStoreError> {
        let schedules = &self.ports().schedules;
        schedules.claim_scheduled(now, until, limit).await
    }

    async fn next_scheduled(&self) -> Result<Option<Timestamp>, ScheduleStoreError> {
        self.ports().schedules.next_scheduled().await
    }

    async fn extend_scheduled(
        &self,
        claimed: &Scheduled,
        until: Timestamp,
    ) -> Result<bool, ScheduleStoreError> {
        let schedules = &self.ports().schedules;
        schedules.extend_scheduled(claimed, until).await
    }

    async fn postpone_scheduled(
        &self,
        claimed: &Scheduled,
        until: Timestamp,
        error: &str,
    ) -> Result<bool, ScheduleStoreError> {
        let schedules = &self.ports().schedules;
        schedules.postpone_scheduled(claimed, until, error).await
    }

    async fn fired(&self, claimed: &Scheduled, at: Timestamp) -> Result<bool, ScheduleStoreError> {
        self.ports().schedules.fired(claimed, at).await
    }

    async fn scheduled(
        &self,
        tenant: &TenantId,
        after: Option<&ScheduleId>,
        limit: usize,
    ) -> Result<Vec<Scheduled>, ScheduleStoreError> {
        let schedules = &self.note(Method::ListScheduled).schedules;
        schedules.scheduled(tenant, after, limit).await
    }

    async fn forget_fired(
        &self,
        before: Timestamp,
        limit: usize,
    ) -> Result<u64, ScheduleStoreError> {
        self.ports().schedules.forget_fired(before, limit).await
    }
}
