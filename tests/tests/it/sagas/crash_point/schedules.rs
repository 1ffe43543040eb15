//! What a process that ends has scheduled, and does of what is due.

use async_trait::async_trait;
use jiff::Timestamp;
use orchestrix::store::{
    ScheduleId, ScheduleOutcome, ScheduleStore, ScheduleStoreError, Scheduled, TenantId,
};

use super::Mortal;

#[async_trait]
impl ScheduleStore for Mortal {
    async fn schedule(&self, scheduled: Scheduled) -> Result<ScheduleOutcome, ScheduleStoreError> {
        self.write(self.schedules.schedule(scheduled)).await
    }

    async fn cancel_scheduled(
        &self,
        tenant: &TenantId,
        id: &ScheduleId,
    ) -> Result<bool, ScheduleStoreError> {
        self.write(self.schedules.cancel_scheduled(tenant, id))
            .await
    }

    async fn claim_scheduled(
        &self,
        now: Timestamp,
        until: Timestamp,
        limit: usize,
    ) -> Result<Vec<Scheduled>, ScheduleStoreError> {
        self.write(self.schedules.claim_scheduled(now, until, limit))
            .await
    }

    async fn next_scheduled(&self) -> Result<Option<Timestamp>, ScheduleStoreError> {
        self.schedules.next_scheduled().await
    }

    async fn extend_scheduled(
        &self,
        claimed: &Scheduled,
        until: Timestamp,
    ) -> Result<bool, ScheduleStoreError> {
        // As the beat of a lease: how often depends on how long things take.
        self.alive(self.schedules.extend_scheduled(claimed, until))
            .await
    }

    async fn postpone_scheduled(
        &self,
        claimed: &Scheduled,
        until: Timestamp,
        error: &str,
    ) -> Result<bool, ScheduleStoreError> {
        self.write(self.schedules.postpone_scheduled(claimed, until, error))
            .await
    }

    async fn fired(&self, claimed: &Scheduled, at: Timestamp) -> Result<bool, ScheduleStoreError> {
        self.write(self.schedules.fired(claimed, at)).await
    }

    async fn scheduled(
        &self,
        tenant: &TenantId,
        after: Option<&ScheduleId>,
        limit: usize,
    ) -> Result<Vec<Scheduled>, ScheduleStoreError> {
        self.schedules.scheduled(tenant, after, limit).await
    }

    async fn forget_fired(
        &self,
        before: Timestamp,
        limit: usize,
    ) -> Result<u64, ScheduleStoreError> {
        // Done now and then, by whoever comes to it: on no saga's way.
        self.alive(self.schedules.forget_fired(before, limit)).await
    }
}
