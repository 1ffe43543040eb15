//! The mutant's port for what is scheduled.

use async_trait::async_trait;
use jiff::Timestamp;
use orchestrix::store::{
    ScheduleId, ScheduleOutcome, ScheduleStore, ScheduleStoreError, Scheduled, TenantId,
};

use super::Mutant;

/// Hands a call on, unless it is broken.
macro_rules! call {
    ($self:ident.$call:ident($($given:expr),*), $input:expr) => {{
        $self
            .ended()
            .map_err(|source| ScheduleStoreError::Failed { source })?;
        match &$self.$call {
            Some(instead) => instead($self.inner.clone(), $input).await,
            None => $self.inner.$call($($given),*).await,
        }
    }};
}

#[async_trait]
impl ScheduleStore for Mutant {
    async fn schedule(&self, scheduled: Scheduled) -> Result<ScheduleOutcome, ScheduleStoreError> {
        call!(self.schedule(scheduled), scheduled)
    }

    async fn cancel_scheduled(
        &self,
        tenant: &TenantId,
        id: &ScheduleId,
    ) -> Result<bool, ScheduleStoreError> {
        call!(
            self.cancel_scheduled(tenant, id),
            (tenant.clone(), id.clone())
        )
    }

    async fn claim_scheduled(
        &self,
        now: Timestamp,
        until: Timestamp,
        limit: usize,
    ) -> Result<Vec<Scheduled>, ScheduleStoreError> {
        call!(self.claim_scheduled(now, until, limit), (now, until, limit))
    }

    async fn next_scheduled(&self) -> Result<Option<Timestamp>, ScheduleStoreError> {
        call!(self.next_scheduled(), ())
    }

    async fn extend_scheduled(
        &self,
        claimed: &Scheduled,
        until: Timestamp,
    ) -> Result<bool, ScheduleStoreError> {
        call!(
            self.extend_scheduled(claimed, until),
            (claimed.clone(), until)
        )
    }

    async fn postpone_scheduled(
        &self,
        claimed: &Scheduled,
        until: Timestamp,
        error: &str,
    ) -> Result<bool, ScheduleStoreError> {
        call!(
            self.postpone_scheduled(claimed, until, error),
            (claimed.clone(), until, error.to_owned())
        )
    }

    async fn fired(&self, claimed: &Scheduled, at: Timestamp) -> Result<bool, ScheduleStoreError> {
        call!(self.fired(claimed, at), (claimed.clone(), at))
    }

    async fn scheduled(
        &self,
        tenant: &TenantId,
        after: Option<&ScheduleId>,
        limit: usize,
    ) -> Result<Vec<Scheduled>, ScheduleStoreError> {
        call!(
            self.scheduled(tenant, after, limit),
            (tenant.clone(), after.cloned(), limit)
        )
    }

    async fn forget_fired(
        &self,
        before: Timestamp,
        limit: usize,
    ) -> Result<u64, ScheduleStoreError> {
        call!(self.forget_fired(before, limit), (before, limit))
    }
}
