//! `ordering demo`.

use ordering::demo_log::demo_log;

use crate::binary::{Ran, TestResult, ordering};
use crate::oracle;
use crate::place::Place;
use crate::sample::read;

#[test]
fn it_prints_the_report_and_leaves_nothing_behind() -> TestResult {
    let (here, temporary) = (Place::memory()?, Place::memory()?);
    let mut command = ordering(["demo"]);
    command
        .current_dir(here.path(""))
        .env("TMPDIR", temporary.path(""));
    let ran = Ran::of(command.output()?)?.succeeded()?;
    assert_eq!(ran.stdout, oracle::report(&read(demo_log())?).to_text());
    assert_eq!(
        ran.stderr,
        "a generated log of 1923 rows in 460 invoices, into SQLite\n460 invoices imported\n"
    );
    assert!(here.files()?.is_empty() && temporary.files()?.is_empty());
    Ok(())
}

#[test]
fn a_temporary_folder_that_is_not_there_is_told() -> TestResult {
    let here = Place::memory()?;
    let mut command = ordering(["demo"]);
    let ran = Ran::of(command.env("TMPDIR", here.path("none")).output()?)?;
    assert_eq!((ran.code, ran.stdout.as_str()), (Some(1), ""));
    assert!(ran.stderr.contains("none"), "{}", ran.stderr);
    assert!(!ran.stderr.contains("panicked"), "{}", ran.stderr);
    Ok(())
}
