//! What a crash torture run must come to.

use orchestrix::error::BoxError;
use orchestrix::store::EventStore;
use orchestrix::testkit::history::{Contents, History, Summary, Violation, check};

/// Proves from the history that nothing was lost, torn or doubled, and that the crashes came in the middle of appends:
/// a run in which all outcomes were known, or all unknown ones were of one kind, has proved nothing.
pub(super) async fn judge(history: &History, store: &dyn EventStore) -> Result<(), BoxError> {
    let summary = prove(history, store).await?;
    if summary.indeterminate_stored == 0 || summary.indeterminate_absent == 0 {
        return Err(format!("the run was too weak to count: {summary}").into());
    }
    Ok(())
}

/// Proves from the history that nothing was lost, torn or doubled.
pub(super) async fn prove(history: &History, store: &dyn EventStore) -> Result<Summary, BoxError> {
    let contents = Contents::of(store, history.streams()).await?;
    let summary = check(history, &contents).map_err(|violations| accusation(&violations))?;
    eprintln!("lost 0, torn 0, doubled 0: {summary}");
    Ok(summary)
}

fn accusation(violations: &[Violation]) -> String {
    let count = |kind: fn(&Violation) -> bool| violations.iter().filter(|v| kind(v)).count();
    let lost = count(|v| matches!(v, Violation::Lost { .. }));
    let torn = count(|v| matches!(v, Violation::Torn { .. }));
    let doubled = count(|v| {
        matches!(
            v,
            Violation::EventTwice { .. }
                | Violation::AcknowledgedTwice { .. }
                | Violation::Unexplained { .. }
        )
    });
    let first: Vec<_> = violations
        .iter()
        .take(20)
        .map(|v| format!("- {v}"))
        .collect();
    format!(
        "lost {lost}, torn {torn}, doubled {doubled}, {} violations in all:\n{}",
        violations.len(),
        first.join("\n")
    )
}
