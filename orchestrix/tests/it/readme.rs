//! The README's promise about its own first example. That it compiles and runs is a documentation test.

const README: &str = include_str!("../../../README.md");
const MOST_LINES: usize = 60;

#[test]
fn the_bank_account_is_at_most_sixty_lines() {
    let example = README
        .split("```rust,standalone_crate\n")
        .nth(1)
        .and_then(|rest| rest.split("```").next());
    let lines = example.map(|code| code.lines().filter(|line| !line.trim().is_empty()).count());
    assert!(
        lines.is_some_and(|lines| (30..=MOST_LINES).contains(&lines)),
        "the README's first example has {lines:?} non-blank lines, at most {MOST_LINES} are promised"
    );
}
