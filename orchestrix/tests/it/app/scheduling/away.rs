//! A port that can be out of reach.

use std::sync::atomic::{AtomicBool, Ordering::SeqCst};

use async_trait::async_trait;
use jiff::Timestamp;
use orchestrix::store::{
    MemoryStore, ScheduleId, ScheduleOutcome, ScheduleStore, ScheduleStoreError, Scheduled,
    TenantId,
};

pub(super) struct Away {
    inner: MemoryStore,
    away: AtomicBool,
    silent: AtomicBool,
}

impl Away {
    pub(super) fn over(inner: MemoryStore) -> Self {
        Self {
            inner,
            away: AtomicBool::new(false),
            silent: AtomicBool::new(false),
        }
    }

    /// Every call fails.
    pub(super) fn be_away(&self, away: bool) {
        self.away.store(away, SeqCst);
    }

    /// No call is answered.
    pub(super) fn be_silent(&self, silent: bool) {
        self.silent.store(silent, SeqCst);
    }

    async fn reached(&self) -> Result<&MemoryStore, ScheduleStoreError> {
        if self.silent.load(SeqCst) {
            std::future::pending::<()>().await;
        }
        match self.away.load(SeqCst) {
            false => Ok(&self.inner),
            true => Err(ScheduleStoreError::Unavailable {
                source: "the database is away".into(),
            }),
        }
    }
}

#[async_trait]
impl ScheduleStore for Away {
    async fn schedule(&self, scheduled: Scheduled) -> Result<ScheduleOutcome, ScheduleStoreError> {
        self.reached().await?.schedule(scheduled).await
    }

    async fn cancel_scheduled(
        &self,
        tenant: &TenantId,
        id: &ScheduleId,
    ) -> Result<bool, ScheduleStoreError> {
        self.reached().await?.cancel_scheduled(tenant, id).await
    }

    async fn claim_scheduled(
        &self,
        now: Timestamp,
        until: Timestamp,
        limit: usize,
    ) -> Result<Vec<Scheduled>, ScheduleStoreError> {
        let inner = self.reached().await?;
        inner.claim_scheduled(now, until, limit).await
    }

    async fn next_scheduled(&self) -> Result<Option<Timestamp>, ScheduleStoreError> {
        self.reached().await?.next_scheduled().await
    }

    async fn extend_scheduled(
        &self,
        claimed: &Scheduled,
        until: Timestamp,
    ) -> Result<bool, ScheduleStoreError> {
        self.reached().await?.extend_scheduled(claimed, until).await
    }

    async fn postpone_scheduled(
        &self,
        claimed: &Scheduled,
        until: Timestamp,
        error: &str,
    ) -> Result<bool, ScheduleStoreError> {
        let inner = self.reached().await?;
        inner.postpone_scheduled(claimed, until, error).await
    }

    async fn fired(&self, claimed: &Scheduled, at: Timestamp) -> Result<bool, ScheduleStoreError> {
        self.reached().await?.fired(claimed, at).await
    }

    async fn scheduled(
        &self,
        tenant: &TenantId,
        after: Option<&ScheduleId>,
        limit: usize,
    ) -> Result<Vec<Scheduled>, ScheduleStoreError> {
        self.reached().await?.scheduled(tenant, after, limit).await
    }

    async fn forget_fired(
        &self,
        before: Timestamp,
        limit: usize,
    ) -> Result<u64, ScheduleStoreError> {
        self.reached().await?.forget_fired(before, limit).await
    }
}
