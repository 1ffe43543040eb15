//! Counts what was kept of sagas, once it is known to be kept. Without the feature `metrics` there is nothing in it.

use jiff::Timestamp;

use super::event::SagaEvent;
use crate::store::StreamId;

/// What is to be counted once it is kept.
#[derive(Default)]
pub(super) struct Tally {
    #[cfg(feature = "metrics")]
    events: Vec<(SagaEvent, Timestamp)>,
}

/// Where an instance was before that.
#[derive(Clone, Copy)]
#[cfg_attr(
    not(feature = "metrics"),
    expect(dead_code, reason = "only what is counted needs it")
)]
pub(super) struct Before {
    /// When it began, if it had.
    pub(super) began: Option<Timestamp>,
    pub(super) has_ended: bool,
}

#[cfg(not(feature = "metrics"))]
impl Tally {
    pub(super) fn note(&mut self, _: SagaEvent, _: Timestamp) {}

    pub(super) fn kept(self, _: &StreamId, _: Before) {}
}

#[cfg(not(feature = "metrics"))]
pub(super) fn kept(_: &StreamId, _: Before, _: (&SagaEvent, Timestamp)) {}

#[cfg(feature = "metrics")]
impl Tally {
    pub(super) fn note(&mut self, event: SagaEvent, at: Timestamp) {
        self.events.push((event, at));
    }

    /// Counts it: the append that has it was acknowledged.
    pub(super) fn kept(self, stream: &StreamId, before: Before) {
        let mut counted = counting::Counted::of(stream, before);
        for (event, at) in &self.events {
            counted.count(event, *at);
        }
    }
}

/// Counts one event: the append that has it was acknowledged.
#[cfg(feature = "metrics")]
pub(super) fn kept(stream: &StreamId, before: Before, (event, at): (&SagaEvent, Timestamp)) {
    counting::Counted::of(stream, before).count(event, at);
}

#[cfg(feature = "metrics")]
mod counting {
    use jiff::Timestamp;
    use metrics::{counter, histogram};

    use super::Before;
    use crate::saga::SagaOutcome;
    use crate::saga::event::SagaEvent;
    use crate::store::StreamId;
    use crate::telemetry::metrics::*;

    /// An instance whose events are counted.
    pub(super) struct Counted {
        saga: String,
        tenant: String,
        before: Before,
    }

    /// A counter of an instance's saga and tenant, with further labels.
    macro_rules! count {
        ($instance:expr, $name:expr $(, $label:expr => $value:expr)*) => {
            counter!(
                $name,
                SAGA_LABEL => $instance.saga.clone(),
                TENANT_LABEL => $instance.tenant.clone()
                $(, $label => $value)*
            )
            .increment(1)
        };
    }

    impl Counted {
        pub(super) fn of(stream: &StreamId, before: Before) -> Self {
            // The name of a saga holds no hyphen.
            let saga = stream.key().split_once('-').map_or("", |(saga, _)| saga);
            Self {
                saga: saga.to_owned(),
                tenant: stream.tenant().to_string(),
                before,
            }
        }

        pub(super) fn count(&mut self, event: &SagaEvent, at: Timestamp) {
            match event {
                SagaEvent::Started(_) => self.starts(at),
                SagaEvent::StepCompleted(done) => {
                    count!(self, SAGA_STEPS, STEP_LABEL => done.step.clone(), OUTCOME_LABEL => "completed");
                }
                SagaEvent::StepFailed(failed) => {
                    let outcome = failure(failed.is_final);
                    count!(self, SAGA_STEPS, STEP_LABEL => failed.step.clone(), OUTCOME_LABEL => outcome);
                }
                SagaEvent::StepCompensated(done) => {
                    count!(self, SAGA_COMPENSATIONS, STEP_LABEL => done.step.clone(), OUTCOME_LABEL => "completed");
                }
                SagaEvent::CompensationFailed(failed) => {
                    let outcome = failure(failed.is_final);
                    count!(self, SAGA_COMPENSATIONS, STEP_LABEL => failed.step.clone(), OUTCOME_LABEL => outcome);
                }
                SagaEvent::Ended(ended) => self.ends(ended.outcome, at),
                SagaEvent::Resolved(_) => count!(self, SAGAS_ENDED, OUTCOME_LABEL => "resolved"),
                SagaEvent::Reacted(reacted) => {
                    if self.before.began.is_none() {
                        self.starts(at);
                    }
                    count!(self, SAGA_REACTIONS);
                    if reacted.completed && !self.before.has_ended {
                        self.ends(SagaOutcome::Completed, at);
                    }
                    if reacted.unhandled {
                        count!(self, SAGAS_STUCK);
                    }
                }
                SagaEvent::CommandRejected(rejected) => {
                    count!(self, SAGA_REJECTIONS, COMMAND_LABEL => rejected.command.clone());
                }
                SagaEvent::TimerFired(fired) => {
                    count!(self, SAGA_TIMERS_FIRED, TIMER_LABEL => fired.timer.clone());
                }
                SagaEvent::StepStarted(_)
                | SagaEvent::CompensationBegan(_)
                | SagaEvent::Resumed(_)
                | SagaEvent::Woken(_) => {}
            }
        }

        fn starts(&mut self, at: Timestamp) {
            self.before.began = Some(at);
            count!(self, SAGAS_STARTED);
        }

        fn ends(&self, outcome: SagaOutcome, at: Timestamp) {
            let outcome = match outcome {
                SagaOutcome::Completed => "completed",
                SagaOutcome::Compensated => "compensated",
                SagaOutcome::CompensationFailed => "compensation_failed",
            };
            count!(self, SAGAS_ENDED, OUTCOME_LABEL => outcome);
            if let Some(began) = self.before.began {
                // Other nodes have other clocks.
                let took = at.duration_since(began).as_secs_f64().max(0.0);
                let labels = [
                    (SAGA_LABEL, self.saga.clone()),
                    (TENANT_LABEL, self.tenant.clone()),
                    (OUTCOME_LABEL, outcome.to_owned()),
                ];
                histogram!(SAGA_DURATION, &labels).record(took);
            }
        }
    }

    fn failure(is_final: bool) -> &'static str {
        match is_final {
            true => "failed",
            false => "retried",
        }
    }
}
