//! The steps of a saga, and what comes after what.

use std::time::Duration;

use super::GraphError;

/// How often a step or a compensation is tried again after a failure that may pass, and how long after.
///
/// The `n`-th retry waits twice as long as the one before, beginning with `first`, at most `longest`; a part of each wait is
/// left to chance, so that those who failed together do not come back together.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct StepRetry {
    /// How many retries; `n` of them are `n + 1` calls.
    pub retries: u32,
    /// How long the first one waits.
    pub first: Duration,
    /// How long one waits at most.
    pub longest: Duration,
}

impl StepRetry {
    /// How long the first retry waits, unless it is said otherwise.
    pub const FIRST: Duration = Duration::from_millis(100);
    /// How long a retry waits at most.
    pub const LONGEST: Duration = Duration::from_secs(30);

    /// One call, and no other.
    pub const fn none() -> Self {
        Self::times(0)
    }

    /// So many retries.
    pub const fn times(retries: u32) -> Self {
        Self {
            retries,
            first: Self::FIRST,
            longest: Self::LONGEST,
        }
    }

    /// With this wait before the first one.
    #[must_use]
    pub const fn first(self, first: Duration) -> Self {
        Self { first, ..self }
    }

    /// How long to wait after so many failures, before chance has its part; nothing once all retries are used up.
    pub(super) fn wait(self, failures: u32) -> Option<Duration> {
        if failures == 0 || failures > self.retries {
            return None;
        }
        let doubled = self
            .first
            .saturating_mul(2_u32.saturating_pow(failures - 1));
        Some(doubled.min(self.longest))
    }
}

/// What undoes a step that was completed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Compensation {
    /// Its durable name.
    pub name: &'static str,
    /// When it fails.
    pub retry: StepRetry,
    /// How long one call may take.
    pub timeout: Duration,
    /// Whether it changes the saga's state, which is kept then.
    pub changes_state: bool,
}

impl Compensation {
    /// One that is tried again five times, and may take as long as a step.
    pub const fn new(name: &'static str) -> Self {
        Self {
            name,
            retry: StepRetry::times(5),
            timeout: Step::TIMEOUT,
            changes_state: false,
        }
    }
}

/// A step of a saga.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Step {
    /// Its durable name: histories refer to it.
    pub name: &'static str,
    /// The steps that must be completed before it begins.
    pub after: &'static [&'static str],
    /// What undoes it.
    pub compensation: Option<Compensation>,
    /// When it fails.
    pub retry: StepRetry,
    /// How long one call may take. What takes longer has failed, and may still have had its effect.
    pub timeout: Duration,
    /// Whether it changes the saga's state, which is kept then. Such a step runs beside no other.
    pub changes_state: bool,
}

impl Step {
    /// How long one call may take, unless it is said otherwise.
    pub const TIMEOUT: Duration = Duration::from_secs(30);

    /// One that begins at once, is not tried again, and is not undone.
    pub const fn new(name: &'static str) -> Self {
        Self {
            name,
            after: &[],
            compensation: None,
            retry: StepRetry::none(),
            timeout: Self::TIMEOUT,
            changes_state: false,
        }
    }
}

/// The steps of a saga, which are known to fit together: each name once, each `after` a step, no cycle, and no step that
/// changes the state beside another.
#[derive(Debug, Clone, Copy)]
pub struct Graph {
    steps: &'static [Step],
}

impl Graph {
    /// That of a saga of reactions.
    pub(super) const WITHOUT_STEPS: Self = Self { steps: &[] };

    /// Of these steps.
    ///
    /// # Errors
    /// [`GraphError`]. What `#[saga]` writes has none.
    pub fn new(steps: &'static [Step]) -> Result<Self, GraphError> {
        let graph = Self { steps };
        if steps.is_empty() {
            return Err(GraphError::NoSteps);
        }
        for (at, step) in steps.iter().enumerate() {
            if steps[..at].iter().any(|other| other.name == step.name) {
                return Err(GraphError::DuplicateStep { step: step.name });
            }
            if let Some(unknown) = step.after.iter().find(|name| graph.find(name).is_none()) {
                return Err(GraphError::UnknownStep {
                    step: step.name,
                    after: unknown,
                });
            }
        }
        for step in steps {
            if graph.precedes(step, step) {
                return Err(GraphError::Cycle { step: step.name });
            }
        }
        for step in steps.iter().filter(|step| step.changes_state) {
            let beside = steps.iter().find(|other| {
                other.name != step.name
                    && !graph.precedes(step, other)
                    && !graph.precedes(other, step)
            });
            if let Some(other) = beside {
                return Err(GraphError::ChangesBeside {
                    step: step.name,
                    other: other.name,
                });
            }
        }
        Ok(graph)
    }

    /// In the order in which they were declared.
    pub fn steps(&self) -> &'static [Step] {
        self.steps
    }

    /// The place of the step with this name.
    pub fn find(&self, name: &str) -> Option<usize> {
        self.steps.iter().position(|step| step.name == name)
    }

    /// Whether `later` cannot begin before `earlier` is completed.
    fn precedes(&self, earlier: &Step, later: &Step) -> bool {
        // Each step is looked at once, so a cycle ends too.
        let mut waiting: Vec<&str> = later.after.to_vec();
        let mut seen = Vec::new();
        while let Some(name) = waiting.pop() {
            if name == earlier.name {
                return true;
            }
            if !seen.contains(&name) {
                seen.push(name);
                let step = self.find(name).map(|at| &self.steps[at]);
                waiting.extend(step.into_iter().flat_map(|step| step.after));
            }
        }
        false
    }

    /// What an instance keeps of it: each step, and what it comes after.
    pub(crate) fn shape(&self) -> Vec<StepShape> {
        let shape = self.steps.iter().map(|step| StepShape {
            name: step.name.to_owned(),
            after: step.after.iter().map(|name| (*name).to_owned()).collect(),
        });
        shape.collect()
    }

    /// As a flowchart in the language of Mermaid.
    pub fn mermaid(&self) -> String {
        let mut chart = String::from("flowchart LR\n");
        // A name of one's own may be a word of that language; with this before it, it is none.
        for Step {
            name,
            after,
            compensation,
            ..
        } in self.steps
        {
            chart.push_str(&format!("    step_{name}[{name}]\n"));
            for before in *after {
                chart.push_str(&format!("    step_{before} --> step_{name}\n"));
            }
            if let Some(Compensation { name: undo, .. }) = compensation {
                chart.push_str(&format!("    step_{name} -.-> undo_{undo}([{undo}])\n"));
            }
        }
        chart
    }
}

/// A step as an instance remembers it from when it began.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub struct StepShape {
    /// The step's name.
    pub name: String,
    /// What it comes after.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub after: Vec<String>,
}

#[cfg(test)]
mod tests {
    use super::*;

    const fn step(name: &'static str, after: &'static [&'static str]) -> Step {
        Step {
            after,
            ..Step::new(name)
        }
    }

    #[test]
    fn what_does_not_fit_is_refused() {
        const TWICE: &[Step] = &[step("a", &[]), step("a", &[])];
        const UNKNOWN: &[Step] = &[step("a", &["b"])];
        const CYCLE: &[Step] = &[step("a", &["c"]), step("b", &["a"]), step("c", &["b"])];
        const BESIDE: &[Step] = &[
            step("a", &[]),
            step("b", &["a"]),
            Step {
                changes_state: true,
                ..step("c", &["a"])
            },
        ];
        let refused = |steps| Graph::new(steps).expect_err("does not fit");
        assert_eq!(refused(&[]), GraphError::NoSteps);
        assert_eq!(refused(TWICE), GraphError::DuplicateStep { step: "a" });
        let unknown = GraphError::UnknownStep {
            step: "a",
            after: "b",
        };
        assert_eq!(refused(UNKNOWN), unknown);
        assert_eq!(refused(CYCLE), GraphError::Cycle { step: "a" });
        let beside = GraphError::ChangesBeside {
            step: "c",
            other: "b",
        };
        assert_eq!(refused(BESIDE), beside);
    }

    #[test]
    fn retries_wait_twice_as_long_each_time_and_end() {
        let retry = StepRetry::times(12).first(Duration::from_secs(1));
        assert_eq!(retry.wait(1), Some(Duration::from_secs(1)));
        assert_eq!(retry.wait(3), Some(Duration::from_secs(4)));
        assert_eq!(retry.wait(12), Some(StepRetry::LONGEST));
        assert_eq!(retry.wait(13), None);
        assert_eq!(StepRetry::none().wait(1), None);
    }

    #[test]
    fn the_chart_names_steps_arrows_and_compensations() {
        const STEPS: &[Step] = &[
            Step {
                compensation: Some(Compensation::new("release")),
                ..Step::new("reserve")
            },
            step("charge", &["reserve"]),
        ];
        let chart = Graph::new(STEPS).expect("fits").mermaid();
        let lines: Vec<_> = chart.lines().map(str::trim).collect();
        let expected = [
            "flowchart LR",
            "step_reserve[reserve]",
            "step_reserve -.-> undo_release([release])",
            "step_charge[charge]",
            "step_reserve --> step_charge",
        ];
        assert_eq!(lines, expected);
    }
}
