//! The stages of a task: what each does, how it ended, and how long it took.

use std::time::{Duration, Instant};

use crate::table::{Align, render};

#[cfg(test)]
mod tests;

/// How a stage ended.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Outcome {
    Passed,
    Failed(String),
    /// It could not be done, and need not be.
    Skipped(String),
    /// The task was interrupted.
    Interrupted,
    /// An earlier stage failed that it needs.
    NotRun,
}

/// The stages of one task, in the order in which they ran.
#[derive(Debug, Default)]
pub(crate) struct Stages {
    done: Vec<(&'static str, Outcome, Duration)>,
}

impl Stages {
    /// Announces a stage, runs it, and says how it ended; what `stage` returns beside its outcome is handed on.
    pub(crate) fn run<T>(
        &mut self,
        name: &'static str,
        what: &str,
        stage: impl FnOnce() -> (Outcome, T),
    ) -> T {
        eprintln!("==> {name}: {what}");
        let start = Instant::now();
        let (outcome, result) = stage();
        let took = start.elapsed();
        eprintln!("<== {name}: {} after {}", describe(&outcome), seconds(took));
        self.done.push((name, outcome, took));
        result
    }

    /// Notes a stage that is left out because an earlier one failed.
    pub(crate) fn leave_out(&mut self, name: &'static str) {
        self.done.push((name, Outcome::NotRun, Duration::ZERO));
    }

    /// Whether every stage passed or was skipped.
    pub(crate) fn succeeded(&self) -> bool {
        self.done
            .iter()
            .all(|(_, outcome, _)| matches!(outcome, Outcome::Passed | Outcome::Skipped(_)))
    }

    /// A table of all stages.
    pub(crate) fn summary(&self) -> String {
        let rows: Vec<_> = self
            .done
            .iter()
            .map(|(name, outcome, took)| [(*name).to_owned(), seconds(*took), describe(outcome)])
            .collect();
        render(
            [
                ("stage", Align::Left),
                ("time", Align::Right),
                ("result", Align::Left),
            ],
            &rows,
        )
    }
}

/// One short line: the whole of a reason was printed where it arose.
fn describe(outcome: &Outcome) -> String {
    match outcome {
        Outcome::Passed => "ok".to_owned(),
        Outcome::Failed(reason) => format!("FAILED: {}", beginning(reason)),
        Outcome::Skipped(reason) => format!("SKIPPED: {}", beginning(reason)),
        Outcome::Interrupted => "interrupted".to_owned(),
        Outcome::NotRun => "not run".to_owned(),
    }
}

fn beginning(reason: &str) -> String {
    const LONGEST: usize = 60;
    let line = reason.lines().next().unwrap_or_default();
    match line.char_indices().nth(LONGEST) {
        Some((cut, _)) => format!("{}...", &line[..cut]),
        None => line.to_owned(),
    }
}

fn seconds(duration: Duration) -> String {
    format!("{:.1} s", duration.as_secs_f64())
}
