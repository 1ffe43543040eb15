//! The course of a replay.

use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::Duration;

use super::reading::Reading;
use super::{ReplayEnd, ReplayError, ReplayFailure, ReplayReport};
use crate::app::Core;
use crate::module::{ReplayCall, ReplayContext, replay};
use crate::store::{Filter, GlobalPosition, RecordedEvent, StreamId};

/// Is told of each failure.
pub(super) type Told = Box<dyn FnMut(&ReplayFailure) + Send>;

/// What is to be replayed.
pub(super) struct Plan {
    pub(super) core: Arc<Core>,
    pub(super) subscription: String,
    pub(super) narrowed: Filter,
    pub(super) stream: Option<StreamId>,
    pub(super) after: GlobalPosition,
    pub(super) to: Option<GlobalPosition>,
    pub(super) max_events: Option<u64>,
    pub(super) max_failures: usize,
    pub(super) strict: bool,
}

impl Plan {
    pub(super) async fn run(
        self,
        mut on_failure: Option<Told>,
    ) -> Result<ReplayReport, ReplayError> {
        let core = self.core.clone();
        let handle = core.subscription(&self.subscription)?;
        let subscription = || self.subscription.clone();
        let Some((handler, limit)) = handle.handler() else {
            let subscription = subscription();
            return Err(ReplayError::RebuildInstead { subscription });
        };
        let Some(call) = handler.replay.clone() else {
            let subscription = subscription();
            return Err(ReplayError::LiveOnly { subscription });
        };
        let mut report = ReplayReport::new(subscription());
        let Some(filter) = self.filter(handler.filter())? else {
            return Ok(report);
        };
        let mut reading = match Reading::begin(&self, filter).await {
            Ok(reading) => reading,
            Err(stopped) => return Err(stopped.with(report)),
        };
        loop {
            let most = self.max_events.map(|most| most - report.called());
            if most == Some(0) {
                report.end = ReplayEnd::MaxEvents;
                return Ok(report);
            }
            let page = match reading.page(most).await {
                Ok(Some(page)) => page,
                Ok(None) => return Ok(report),
                Err(stopped) => return Err(stopped.with(report)),
            };
            for event in page {
                if core.closing.load(Ordering::Acquire) {
                    return Err(ReplayError::ShuttingDown {
                        so_far: report.into(),
                    });
                }
                report.last_position = Some(event.position);
                let Err(failure) = self.deliver(&*call, event, limit).await else {
                    report.delivered += 1;
                    continue;
                };
                if let Some(told) = &mut on_failure {
                    told(&failure);
                }
                if self.strict {
                    return Err(ReplayError::Failed {
                        failure: failure.into(),
                        so_far: report.into(),
                    });
                }
                report.failures.push(failure);
                if report.failures.len() >= self.max_failures {
                    report.end = ReplayEnd::MaxFailures;
                    return Ok(report);
                }
            }
        }
    }

    /// What the subscription wants and the replay is narrowed to; none where that is nothing.
    fn filter(&self, wanted: Filter) -> Result<Option<Filter>, ReplayError> {
        let narrowed = &self.narrowed;
        let mut filter = wanted;
        if !narrowed.event_types.is_empty() {
            let mut all = narrowed.event_types.iter();
            let unwanted = all
                .find(|name| !filter.event_types.is_empty() && !filter.event_types.contains(*name));
            if let Some(unwanted) = unwanted {
                return Err(ReplayError::NotConsumed {
                    subscription: self.subscription.clone(),
                    event_type: unwanted.to_string(),
                    consumed: filter.event_types.iter().map(ToString::to_string).collect(),
                });
            }
            filter.event_types.clone_from(&narrowed.event_types);
        }
        match (&filter.tenant, &narrowed.tenant) {
            (Some(wanted), Some(narrowed)) if wanted != narrowed => return Ok(None),
            (_, Some(narrowed)) => filter.tenant = Some(narrowed.clone()),
            (_, None) => {}
        }
        filter.since = filter.since.max(narrowed.since);
        filter.until = match (filter.until, narrowed.until) {
            (Some(wanted), Some(narrowed)) => Some(wanted.min(narrowed)),
            (wanted, narrowed) => wanted.or(narrowed),
        };
        Ok(Some(filter))
    }

    async fn deliver(
        &self,
        call: &ReplayCall,
        event: RecordedEvent,
        limit: Duration,
    ) -> Result<(), ReplayFailure> {
        let cx = ReplayContext::replayed(self.core.clone(), event.clone());
        let delivered = replay(call, cx, &self.subscription, limit).await;
        delivered.map_err(|source| ReplayFailure {
            position: event.position,
            stream: event.stream.clone(),
            event_id: event.event_id(),
            event_type: event.event_type().to_owned(),
            handler: self.subscription.clone(),
            source,
        })
    }
}
