//! A port that is watched, and that fails its process at one point, as when that dies just there.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use async_trait::async_trait;
use jiff::Timestamp;
use orchestrix::store::{
    ScheduleId, ScheduleOutcome, ScheduleStore, ScheduleStoreError, Scheduled, TenantId,
};
use tokio::sync::watch;

/// Where it fails.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Fails {
    Nowhere,
    /// What is claimed is never given to who claimed it.
    AtClaims,
    /// It is never told what was done.
    AtTheEnd,
}

pub(super) struct Watched {
    inner: Arc<dyn ScheduleStore>,
    fails: Fails,
    forgotten: AtomicUsize,
    claimed: watch::Sender<usize>,
    extended: watch::Sender<usize>,
}

impl Watched {
    pub(super) fn over(inner: Arc<dyn ScheduleStore>, fails: Fails) -> Self {
        Self {
            inner,
            fails,
            forgotten: AtomicUsize::new(0),
            claimed: watch::Sender::default(),
            extended: watch::Sender::default(),
        }
    }

    /// How often it was told what was done, and has not kept that.
    pub(super) fn forgotten(&self) -> usize {
        self.forgotten.load(Ordering::Acquire)
    }

    /// How many were claimed.
    pub(super) fn claimed(&self) -> watch::Receiver<usize> {
        self.claimed.subscribe()
    }

    /// How often a claim was extended.
    pub(super) fn extended(&self) -> watch::Receiver<usize> {
        self.extended.subscribe()
    }
}

#[async_trait]
impl ScheduleStore for Watched {
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
        let claimed = self.inner.claim_scheduled(now, until, limit).await?;
        self.claimed.send_modify(|count| *count += claimed.len());
        if self.fails == Fails::AtClaims && !claimed.is_empty() {
            std::future::pending::<()>().await;
        }
        Ok(claimed)
    }

    async fn next_scheduled(&self) -> Result<Option<Timestamp>, ScheduleStoreError> {
        self.inner.next_scheduled().await
    }

    async fn extend_scheduled(
        &self,
        claimed: &Scheduled,
        until: Timestamp,
    ) -> Result<bool, ScheduleStoreError> {
        let extended = self.inner.extend_scheduled(claimed, until).await;
        self.extended.send_modify(|count| *count += 1);
        extended
    }

    async fn postpone_scheduled(
        &self,
        claimed: &Scheduled,
        until: Timestamp,
        error: &str,
    ) -> Result<bool, ScheduleStoreError> {
        self.inner.postpone_scheduled(claimed, until, error).await
    }

    async fn fired(&self, claimed: &Scheduled, at: Timestamp) -> Result<bool, ScheduleStoreError> {
        if self.fails != Fails::AtTheEnd {
            return self.inner.fired(claimed, at).await;
        }
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
