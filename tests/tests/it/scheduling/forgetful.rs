//! A port that is never told what was done, as by a process that dies just before.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use async_trait::async_trait;
use jiff::Timestamp;
use orchestrix::store::{
    ScheduleId, ScheduleOutcome, ScheduleStore, ScheduleStoreError, Scheduled, TenantId,
};

pub(super) struct Forgetful {
    inner: Arc<dyn ScheduleStore>,
    forgotten: AtomicUsize,
}

impl Forgetful {
    pub(super) fn over(inner: Arc<dyn ScheduleStore>) -> Self {
        Self {
            inner,
            forgotten: AtomicUsize::new(0),
        }
    }

    /// How often it was told.
    pub(super) fn forgotten(&self) -> usize {
        self.forgotten.load(Ordering::Acquire)
    }
}

#[async_trait]
impl ScheduleStore for Forgetful {
    async fn schedule(&self, scheduled: Scheduled) -> Result<ScheduleOutcome, ScheduleStoreError> {
        self.inner.schedule(scheduled).await
    }

    async fn cancel_scheduled(
        &self,
        tenant: &TenantId,
        id: &ScheduleId,
    ) -> Result<bool, ScheduleStoreError> {
        self.inner.cancel_scheduled(tenant, id).await
    }

    async fn claim_scheduled(
        &self,
        now: Timestamp,
        until: Timestamp,
        limit: usize,
    ) -> Result<Vec<Scheduled>, ScheduleStoreError> {
        self.inner.claim_scheduled(now, until, limit).await
    }

    async fn next_scheduled(&self) -> Result<Option<Timestamp>, ScheduleStoreError> {
        self.inner.next_scheduled().await
    }

    async fn postpone_scheduled(
        &self,
        claimed: &Scheduled,
        until: Timestamp,
        error: &str,
    ) -> Result<bool, ScheduleStoreError> {
        self.inner.postpone_scheduled(claimed, until, error).await
    }

    async fn fired(&self, _: &Scheduled, _: Timestamp) -> Result<bool, ScheduleStoreError> {
        self.forgotten.fetch_add(1, Ordering::AcqRel);
        Err(ScheduleStoreError::Unavailable {
            source: "it is too late".into(),
        })
    }

    async fn scheduled(
        &self,
        tenant: &TenantId,
        after: Option<&ScheduleId>,
        limit: usize,
    ) -> Result<Vec<Scheduled>, ScheduleStoreError> {
        self.inner.scheduled(tenant, after, limit).await
    }

    async fn forget_fired(
        &self,
        before: Timestamp,
        limit: usize,
    ) -> Result<u64, ScheduleStoreError> {
        self.inner.forget_fired(before, limit).await
    }
}
