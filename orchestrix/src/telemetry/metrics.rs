#![doc = include_str!("../docs/metrics.md")]

/// Instances of sagas that began.
pub const SAGAS_STARTED: &str = "orchestrix_sagas_started_total";
/// Instances of sagas that ended.
pub const SAGAS_ENDED: &str = "orchestrix_sagas_ended_total";
/// How long instances of sagas took, in seconds.
pub const SAGA_DURATION: &str = "orchestrix_saga_duration_seconds";
/// Instances of sagas that a person must see to.
pub const SAGAS_STUCK: &str = "orchestrix_sagas_stuck_total";
/// Calls of steps that came to an end.
pub const SAGA_STEPS: &str = "orchestrix_saga_steps_total";
/// Calls of compensations that came to an end.
pub const SAGA_COMPENSATIONS: &str = "orchestrix_saga_compensations_total";
/// Events that sagas of reactions reacted to.
pub const SAGA_REACTIONS: &str = "orchestrix_saga_reactions_total";
/// Commands of sagas of reactions that the domain refused.
pub const SAGA_REJECTIONS: &str = "orchestrix_saga_rejections_total";
/// Timers of sagas that fired.
pub const SAGA_TIMERS_FIRED: &str = "orchestrix_saga_timers_fired_total";

/// The label with a saga's name.
pub const SAGA_LABEL: &str = "saga";
/// The label with a tenant's name.
pub const TENANT_LABEL: &str = "tenant";
/// The label with what something came to.
pub const OUTCOME_LABEL: &str = "outcome";
/// The label with a step's name.
pub const STEP_LABEL: &str = "step";
/// The label with a command's name.
pub const COMMAND_LABEL: &str = "command";
/// The label with a timer's name.
pub const TIMER_LABEL: &str = "timer";

/// How a metric is kept.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum MetricKind {
    /// A number that only grows.
    Counter,
    /// A distribution of durations in seconds.
    Seconds,
}

/// What there is to say of a metric.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub struct Metric {
    /// Its name.
    pub name: &'static str,
    /// How it is kept.
    pub kind: MetricKind,
    /// The names of all of its labels.
    pub labels: &'static [&'static str],
    /// What it tells.
    pub description: &'static str,
}

const fn counter(
    name: &'static str,
    labels: &'static [&'static str],
    description: &'static str,
) -> Metric {
    Metric {
        name,
        kind: MetricKind::Counter,
        labels,
        description,
    }
}

/// All that there are.
pub const METRICS: &[Metric] = &[
    counter(
        SAGAS_STARTED,
        &[SAGA_LABEL, TENANT_LABEL],
        "Instances of sagas that began.",
    ),
    counter(
        SAGAS_ENDED,
        &[SAGA_LABEL, TENANT_LABEL, OUTCOME_LABEL],
        "Instances of sagas that ended.",
    ),
    Metric {
        name: SAGA_DURATION,
        kind: MetricKind::Seconds,
        labels: &[SAGA_LABEL, TENANT_LABEL, OUTCOME_LABEL],
        description: "How long instances took from their beginning to their end, by the clock of the app.",
    },
    counter(
        SAGAS_STUCK,
        &[SAGA_LABEL, TENANT_LABEL],
        "Instances of sagas that have no answer to a refused command: a person must see to them.",
    ),
    counter(
        SAGA_STEPS,
        &[SAGA_LABEL, TENANT_LABEL, STEP_LABEL, OUTCOME_LABEL],
        "Calls of steps that came to an end.",
    ),
    counter(
        SAGA_COMPENSATIONS,
        &[SAGA_LABEL, TENANT_LABEL, STEP_LABEL, OUTCOME_LABEL],
        "Calls of compensations that came to an end, by the step that they undo.",
    ),
    counter(
        SAGA_REACTIONS,
        &[SAGA_LABEL, TENANT_LABEL],
        "Events that sagas of reactions reacted to.",
    ),
    counter(
        SAGA_REJECTIONS,
        &[SAGA_LABEL, TENANT_LABEL, COMMAND_LABEL],
        "Commands of sagas of reactions that the domain refused.",
    ),
    counter(
        SAGA_TIMERS_FIRED,
        &[SAGA_LABEL, TENANT_LABEL, TIMER_LABEL],
        "Timers of sagas that fired.",
    ),
];

/// Tells the recorder what the metrics are. Every start of an app does; call it where the recorder is installed later.
pub fn describe() {
    for metric in METRICS {
        match metric.kind {
            MetricKind::Counter => {
                metrics::describe_counter!(metric.name, metrics::Unit::Count, metric.description);
            }
            MetricKind::Seconds => {
                metrics::describe_histogram!(
                    metric.name,
                    metrics::Unit::Seconds,
                    metric.description
                );
            }
        }
    }
}
