//! Writing to stdout and stderr, whoever reads there.

use std::io::{self, Write as _, stderr, stdout};

/// Writes what a command gives to stdout.
///
/// A reader that has left, as `head` does, has seen enough: that is no failure.
///
/// # Errors
///
/// What the system says, such as that the disk is full.
pub fn print(text: &str) -> io::Result<()> {
    let mut out = stdout().lock();
    match out.write_all(text.as_bytes()).and_then(|()| out.flush()) {
        Err(error) if error.kind() == io::ErrorKind::BrokenPipe => Ok(()),
        written => written,
    }
}

/// Writes a line to stderr for whoever watches; nobody watching is no failure either.
pub fn note(line: &str) {
    let _ = writeln!(stderr(), "{line}");
}
