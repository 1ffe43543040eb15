//! How much is written for a saga.

#[test]
fn three_steps_with_compensations_take_at_most_sixty_lines() {
    let saga = include_str!("../cases/saga/pass/three_steps.rs");
    for attribute in ["#[start]", "#[step(", "#[compensation]"] {
        assert!(saga.contains(attribute), "{attribute} is not shown");
    }
    assert_eq!(saga.matches("#[step(").count(), 3);
    assert_eq!(saga.matches("#[compensation]").count(), 2);
    let lines = saga.lines().count();
    assert!(lines <= 60, "it takes {lines} lines");
}
