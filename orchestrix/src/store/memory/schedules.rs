//! What is to be done at a time.

use std::collections::BTreeMap;

use async_trait::async_trait;
use jiff::Timestamp;

use super::{MemoryStore, lock};
use crate::store::{
    ScheduleId, ScheduleOutcome, ScheduleStore, ScheduleStoreError, Scheduled, TenantId,
};

type Key = (TenantId, ScheduleId);

#[derive(Debug, Default)]
pub(super) struct Schedules {
    waiting: BTreeMap<Key, Scheduled>,
    fired: BTreeMap<Key, Timestamp>,
}

impl Schedules {
    fn schedule(&mut self, scheduled: Scheduled) -> Result<ScheduleOutcome, ScheduleStoreError> {
        let key = (scheduled.tenant.clone(), scheduled.id.clone());
        if let Some(at) = self.fired.get(&key) {
            return Ok(ScheduleOutcome::Fired { at: *at });
        }
        let due = scheduled.due;
        match self.waiting.get(&key) {
            Some(known) if known.is_same_request(&scheduled) => {
                Ok(ScheduleOutcome::Waiting { due: known.due })
            }
            Some(known) => Err(ScheduleStoreError::Taken {
                id: scheduled.id,
                name: known.name.clone(),
            }),
            None => {
                self.waiting.insert(key, scheduled);
                Ok(ScheduleOutcome::Scheduled { due })
            }
        }
    }

    fn claim(&mut self, now: Timestamp, until: Timestamp, limit: usize) -> Vec<Scheduled> {
        let mut due: Vec<_> = self
            .waiting
            .values_mut()
            .filter(|scheduled| scheduled.next_attempt <= now)
            .collect();
        due.sort_by(|a, b| (a.next_attempt, &a.id).cmp(&(b.next_attempt, &b.id)));
        due.truncate(limit);
        let claim = |scheduled: &mut Scheduled| {
            scheduled.attempts = scheduled.attempts.saturating_add(1);
            scheduled.next_attempt = until;
            scheduled.clone()
        };
        due.into_iter().map(claim).collect()
    }

    /// What was claimed, if it still is.
    fn claimed(&mut self, claimed: &Scheduled) -> Option<&mut Scheduled> {
        let key = (claimed.tenant.clone(), claimed.id.clone());
        let found = self.waiting.get_mut(&key);
        found.filter(|found| found.attempts == claimed.attempts)
    }
}

#[async_trait]
impl ScheduleStore for MemoryStore {
    async fn schedule(&self, scheduled: Scheduled) -> Result<ScheduleOutcome, ScheduleStoreError> {
        lock(&self.0.schedules).schedule(scheduled)
    }

    async fn cancel_scheduled(
        &self,
        tenant: &TenantId,
        id: &ScheduleId,
    ) -> Result<bool, ScheduleStoreError> {
        let mut schedules = lock(&self.0.schedules);
        let key = (tenant.clone(), id.clone());
        Ok(schedules.waiting.remove(&key).is_some())
    }

    async fn claim_scheduled(
        &self,
        now: Timestamp,
        until: Timestamp,
        limit: usize,
    ) -> Result<Vec<Scheduled>, ScheduleStoreError> {
        Ok(lock(&self.0.schedules).claim(now, until, limit))
    }

    async fn next_scheduled(&self) -> Result<Option<Timestamp>, ScheduleStoreError> {
        let schedules = lock(&self.0.schedules);
        let times = schedules.waiting.values();
        Ok(times.map(|scheduled| scheduled.next_attempt).min())
    }

    async fn extend_scheduled(
        &self,
        claimed: &Scheduled,
        until: Timestamp,
    ) -> Result<bool, ScheduleStoreError> {
        let mut schedules = lock(&self.0.schedules);
        let found = schedules.claimed(claimed);
        Ok(found.map(|found| found.next_attempt = until).is_some())
    }

    async fn postpone_scheduled(
        &self,
        claimed: &Scheduled,
        until: Timestamp,
        error: &str,
    ) -> Result<bool, ScheduleStoreError> {
        let mut schedules = lock(&self.0.schedules);
        let found = schedules.claimed(claimed);
        Ok(found.is_some_and(|found| {
            found.next_attempt = until;
            found.error = Some(error.to_owned());
            true
        }))
    }

    async fn fired(&self, claimed: &Scheduled, at: Timestamp) -> Result<bool, ScheduleStoreError> {
        let mut schedules = lock(&self.0.schedules);
        if schedules.claimed(claimed).is_none() {
            return Ok(false);
        }
        let key = (claimed.tenant.clone(), claimed.id.clone());
        schedules.waiting.remove(&key);
        schedules.fired.insert(key, at);
        Ok(true)
    }

    async fn scheduled(
        &self,
        tenant: &TenantId,
        after: Option<&ScheduleId>,
        limit: usize,
    ) -> Result<Vec<Scheduled>, ScheduleStoreError> {
        let schedules = lock(&self.0.schedules);
        let of_tenant = schedules.waiting.values().filter(|scheduled| {
            scheduled.tenant == *tenant && after.is_none_or(|after| scheduled.id > *after)
        });
        Ok(of_tenant.take(limit).cloned().collect())
    }

    async fn forget_fired(
        &self,
        before: Timestamp,
        limit: usize,
    ) -> Result<u64, ScheduleStoreError> {
        let mut schedules = lock(&self.0.schedules);
        let fired = schedules.fired.iter();
        let old: Vec<_> = fired
            .filter(|(_, at)| **at < before)
            .take(limit)
            .map(|(key, _)| key.clone())
            .collect();
        for key in &old {
            schedules.fired.remove(key);
        }
        Ok(old.len() as u64)
    }
}
