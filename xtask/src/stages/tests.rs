use super::{Outcome, Stages};

#[test]
fn a_task_succeeds_only_if_no_stage_failed_was_interrupted_or_was_left_out() {
    let cases = [
        (vec![], true),
        (vec![Outcome::Passed, Outcome::Passed], true),
        (
            vec![Outcome::Skipped("no server".to_owned()), Outcome::Passed],
            true,
        ),
        (
            vec![
                Outcome::Passed,
                Outcome::Failed("exit status 101".to_owned()),
                Outcome::Passed,
            ],
            false,
        ),
        (vec![Outcome::Passed, Outcome::Interrupted], false),
        (vec![Outcome::Passed, Outcome::NotRun], false),
    ];
    for (outcomes, expected) in cases {
        let mut stages = Stages::default();
        for outcome in &outcomes {
            stages.run("stage", "for a test", || (outcome.clone(), ()));
        }
        assert_eq!(stages.succeeded(), expected, "{outcomes:?}");
    }
}

#[test]
fn the_summary_has_one_line_per_stage() {
    let mut stages = Stages::default();
    stages.run("server", "", || {
        (Outcome::Failed("did not start\nand its log".to_owned()), ())
    });
    stages.run("long", "", || (Outcome::Skipped("é".repeat(61)), ()));
    stages.leave_out("tests");
    let summary = stages.summary();
    let results: Vec<&str> = summary.lines().skip(2).collect();
    let cut = format!("long    0.0 s  SKIPPED: {}...", "é".repeat(60));
    assert_eq!(
        results,
        [
            "server  0.0 s  FAILED: did not start",
            cut.as_str(),
            "tests   0.0 s  not run"
        ]
    );
}
