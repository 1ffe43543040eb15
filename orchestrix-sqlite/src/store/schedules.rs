//! What is to be done at a time.

use async_trait::async_trait;
use jiff::Timestamp;
use orchestrix::store::{
    ScheduleId, ScheduleOutcome, ScheduleStore, ScheduleStoreError, Scheduled, TenantId,
};

use super::SqliteStore;
use crate::failure::Failure;
use crate::schedule::{
    self, Cancel, Claim, Extend, Fire, Forget, Postpone, Put, ScheduleCall, Scheduling,
};

impl SqliteStore {
    async fn scheduling<T: ScheduleCall>(&self, what: T) -> Result<T::Answer, ScheduleStoreError> {
        match self.0.writer.run(Scheduling(what)).await {
            Ok(outcome) => outcome,
            Err(failure) => Err(failure.into_schedule()),
        }
    }
}

#[async_trait]
impl ScheduleStore for SqliteStore {
    async fn schedule(&self, scheduled: Scheduled) -> Result<ScheduleOutcome, ScheduleStoreError> {
        self.scheduling(Put(scheduled)).await
    }

    async fn cancel_scheduled(
        &self,
        tenant: &TenantId,
        id: &ScheduleId,
    ) -> Result<bool, ScheduleStoreError> {
        let (tenant, id) = (tenant.clone(), id.clone());
        self.scheduling(Cancel { tenant, id }).await
    }

    async fn claim_scheduled(
        &self,
        now: Timestamp,
        until: Timestamp,
        limit: usize,
    ) -> Result<Vec<Scheduled>, ScheduleStoreError> {
        self.scheduling(Claim { now, until, limit }).await
    }

    async fn next_scheduled(&self) -> Result<Option<Timestamp>, ScheduleStoreError> {
        let next = self.0.readers.read(schedule::next).await;
        next.map_err(Failure::into_schedule)
    }

    async fn extend_scheduled(
        &self,
        claimed: &Scheduled,
        until: Timestamp,
    ) -> Result<bool, ScheduleStoreError> {
        let claimed = claimed.clone();
        self.scheduling(Extend { claimed, until }).await
    }

    async fn postpone_scheduled(
        &self,
        claimed: &Scheduled,
        until: Timestamp,
        error: &str,
    ) -> Result<bool, ScheduleStoreError> {
        let (claimed, error) = (claimed.clone(), error.to_owned());
        let postpone = Postpone {
            claimed,
            until,
            error,
        };
        self.scheduling(postpone).await
    }

    async fn fired(&self, claimed: &Scheduled, at: Timestamp) -> Result<bool, ScheduleStoreError> {
        let claimed = claimed.clone();
        self.scheduling(Fire { claimed, at }).await
    }

    async fn scheduled(
        &self,
        tenant: &TenantId,
        after: Option<&ScheduleId>,
        limit: usize,
    ) -> Result<Vec<Scheduled>, ScheduleStoreError> {
        let (tenant, after) = (tenant.clone(), after.cloned());
        let list = move |connection: &_| schedule::list(connection, &tenant, after.as_ref(), limit);
        let listed = self.0.readers.read(list).await;
        listed.map_err(Failure::into_schedule)
    }

    async fn forget_fired(
        &self,
        before: Timestamp,
        limit: usize,
    ) -> Result<u64, ScheduleStoreError> {
        self.scheduling(Forget { before, limit }).await
    }
}
