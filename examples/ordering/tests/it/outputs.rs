//! What goes to stdout and what to stderr, and where those lead.

use std::fs::File;
use std::process::Stdio;

use ordering::demo_log::demo_log;

use crate::binary::{Ran, TestResult, import, ordering, run};
use crate::place::{Place, on_sqlite};

fn with_demo(test: impl FnOnce(&Place) -> TestResult) -> TestResult {
    on_sqlite(|place| {
        let file = place.write("demo.csv", demo_log())?;
        Ran::of(import(&file, &place.store).output()?)?.succeeded()?;
        test(place)
    })
}

#[test]
fn stdout_holds_the_output_alone() -> TestResult {
    with_demo(|place| {
        let file = place.path("demo.csv");
        let list = place.path("rejected.csv");
        let mut again = import(&file, &place.store);
        let again = Ran::of(again.arg("--rejects").arg(list).output()?)?.succeeded()?;
        assert!(again.stdout.starts_with("{\n") && again.stdout.ends_with("\n}\n"));
        assert_eq!(again.stderr.lines().count(), 2, "{}", again.stderr);
        assert!(
            !again.stderr.contains(['\r', '\x1b', '█', '░']),
            "a bar: {:?}",
            again.stderr
        );

        for arguments in [&["report"][..], &["show", "customer", "12001"]] {
            let mut command = ordering(arguments);
            let ran = Ran::of(command.args(["--store", &place.store]).output()?)?.succeeded()?;
            assert_eq!(ran.stderr, "");
            assert!(ran.stdout.ends_with('\n') && !ran.stdout.ends_with("\n\n"));
        }
        Ok(())
    })
}

/// As `ordering report | head -0` does, only surely.
#[test]
fn a_reader_who_leaves_is_no_failure() -> TestResult {
    with_demo(|place| {
        for arguments in [&["report"][..], &["show", "customer", "12001"]] {
            let mut command = ordering(arguments);
            let mut child = command.args(["--store", &place.store]).spawn()?;
            drop(child.stdout.take());
            let ran = Ran::ended(child)?;
            assert_eq!((ran.code, ran.stderr.as_str()), (Some(0), ""));
        }
        // Notes that nobody reads do not keep an import from its work.
        let file = place.path("demo.csv");
        let mut child = import(&file, &place.store).spawn()?;
        drop(child.stderr.take());
        assert_eq!(Ran::ended(child)?.report()?.rows, 1_923);
        Ok(())
    })
}

#[test]
fn a_full_disk_is_told() -> TestResult {
    let Ok(full) = File::options().write(true).open("/dev/full") else {
        eprintln!("SKIP a_full_disk_is_told: there is no /dev/full");
        return Ok(());
    };
    with_demo(|place| {
        let mut command = ordering(["report", "--store", &place.store]);
        let ran = Ran::of(command.stdout(Stdio::from(full)).output()?)?;
        ran.refused(1, &["stdout cannot be written to", "No space left"]);
        Ok(())
    })
}

#[test]
fn help_and_version_are_outputs() -> TestResult {
    for line in [
        "--help",
        "import --help",
        "report --help",
        "demo --help",
        "show -h",
        "-V",
    ] {
        let ran = run(line.split_whitespace())?.succeeded()?;
        assert!(
            !ran.stdout.is_empty() && ran.stderr.is_empty(),
            "{line}: {ran:?}"
        );
    }
    Ok(())
}
