//! What an app has done of what was scheduled.

use std::sync::Arc;

use jiff::Timestamp;

use super::FiringError;
use crate::store::{ScheduleId, ScheduleStoreError, TenantId};

/// What this app, as one of those that share a store, has done of what was scheduled since it started.
#[derive(Debug, Clone, Default)]
#[non_exhaustive]
pub struct ScheduleStatus {
    /// When the next one is to be begun, of all tenants and whoever does it, as of the last look.
    pub next: Option<Timestamp>,
    /// How many are under way here.
    pub under_way: usize,
    /// How many were done.
    pub fired: u64,
    /// How many the domain refused, which ended them.
    pub refused: u64,
    /// How often one failed and was put off.
    pub failed: u64,
    /// The last one that was refused.
    pub last_refusal: Option<FiringFailure>,
    /// The last one that failed and was put off.
    pub last_failure: Option<FiringFailure>,
    /// Why the store could not be asked for what is due, when that failed the last time.
    pub store_error: Option<Arc<ScheduleStoreError>>,
}

/// Something that was due and was not done.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub struct FiringFailure {
    /// Whose.
    pub tenant: TenantId,
    /// Its id.
    pub id: ScheduleId,
    /// What it is: a command's name.
    pub name: String,
    /// How often it was begun.
    pub attempts: u32,
    /// When it failed, by the app's clock.
    pub at: Timestamp,
    /// Why.
    pub error: Arc<FiringError>,
}
