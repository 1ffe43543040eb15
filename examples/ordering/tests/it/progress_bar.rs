//! Progress on a terminal.

use std::fs::{File, OpenOptions};
use std::io::Read as _;
use std::process::{Command, Stdio};
use std::thread;

use ordering::demo_log::demo_log;
use rustix::pty::{OpenptFlags, grantpt, openpt, ptsname, unlockpt};

use crate::binary::{TestResult, import};
use crate::place::on_sqlite;

/// Runs a command with stderr on a terminal, and gives what it wrote there.
fn on_terminal(command: &mut Command) -> TestResult<String> {
    let terminal = openpt(OpenptFlags::RDWR | OpenptFlags::NOCTTY)?;
    grantpt(&terminal)?;
    unlockpt(&terminal)?;
    let name = ptsname(&terminal, Vec::new())?.into_string()?;
    let stderr = OpenOptions::new().read(true).write(true).open(name)?;
    let reader = thread::spawn(move || {
        let mut seen = Vec::new();
        let mut terminal = File::from(terminal);
        let mut buffer = [0; 4096];
        // The last one who closes the other end makes reading fail.
        while let Ok(count @ 1..) = terminal.read(&mut buffer) {
            seen.extend_from_slice(&buffer[..count]);
        }
        seen
    });
    let status = command.stdout(Stdio::null()).stderr(stderr).status()?;
    // The command holds the other end as well.
    command.stderr(Stdio::null());
    assert!(status.success(), "{status}");
    let seen = reader.join().map_err(|_| "the reader panicked")?;
    Ok(String::from_utf8(seen)?)
}

#[test]
fn rate_and_eta_are_shown_and_wiped_away() -> TestResult {
    on_sqlite(|place| {
        let file = place.write("demo.csv", demo_log())?;
        let seen = on_terminal(&mut import(&file, &place.store))?;
        let drawn = |parts: [&str; 3]| {
            let mut drawings = seen.split('\r');
            drawings.any(|drawing| parts.iter().all(|part| drawing.contains(part)))
        };
        assert!(drawn(["reading ", " rows ", "ETA "]), "{seen:?}");
        assert!(drawn(["sending ", "/460 invoices ", "/s ETA "]), "{seen:?}");
        let (_, rest) = seen.rsplit_once("\x1b[2K").ok_or("the bar is wiped away")?;
        assert_eq!(rest, "460 invoices imported\r\n");
        Ok(())
    })
}
