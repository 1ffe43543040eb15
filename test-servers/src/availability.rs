//! Whether a test can have the server it wants, and what it does when it cannot.

use std::io::Write;

#[cfg(test)]
mod tests;

/// Whether a server can be used.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Availability {
    /// The server answers at this URL.
    Available(String),
    /// There is no server, for this reason.
    Missing(String),
}

/// The server's URL, or `None` after printing a `SKIP` line that names `what` and the reason.
///
/// The line goes to the process's stderr itself, so it is seen also when the test harness captures what tests print.
///
/// # Panics
///
/// When the server is missing and the environment variable `CI` is set (and is neither empty nor `false`): where tests are the
/// gate, a test that did not run has not passed.
pub fn require_or_skip(what: &str, availability: Availability) -> Option<String> {
    let ci = std::env::var("CI").is_ok_and(|value| !value.is_empty() && value != "false");
    match verdict(what, availability, ci) {
        Verdict::Run(url) => Some(url),
        Verdict::Skip(line) => {
            // `eprintln!` would be captured by the test harness. A closed stderr is no reason to fail the test.
            let _ = writeln!(std::io::stderr(), "{line}");
            None
        }
        Verdict::Fail(message) => panic!("{message}"),
    }
}

#[derive(Debug, PartialEq, Eq)]
enum Verdict {
    Run(String),
    Skip(String),
    Fail(String),
}

fn verdict(what: &str, availability: Availability, ci: bool) -> Verdict {
    match availability {
        Availability::Available(url) => Verdict::Run(url),
        Availability::Missing(reason) if ci => Verdict::Fail(format!(
            "{what} must not be skipped when CI is set: {reason}"
        )),
        Availability::Missing(reason) => Verdict::Skip(format!("SKIP {what}: {reason}")),
    }
}
