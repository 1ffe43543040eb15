//! Stores that cannot be used.

use std::fs;
use std::net::TcpListener;
use std::time::{Duration, Instant};

use crate::binary::{Ran, TestResult, import, ordering, run};
use crate::place::{Place, on_postgres, on_sqlite};
use crate::sample::{ROW, csv};

/// What "within seconds" is on a busy machine.
const SECONDS: Duration = Duration::from_secs(20);

/// All commands that take a store fail on it: in time, with exit code 1, naming `parts` and no password.
fn check(place: &Place, store: &str, parts: &[&str]) -> TestResult {
    let log = place.write("log.csv", csv(&[ROW]))?;
    let log = log.to_str().ok_or("a path of text")?;
    for arguments in [
        &["import", log, "--store", store][..],
        &["report", "--store", store],
        &["show", "order", "1", "--store", store],
    ] {
        let begin = Instant::now();
        let ran = run(arguments)?;
        assert!(begin.elapsed() < SECONDS, "{:?}", begin.elapsed());
        ran.refused(1, parts);
        assert!(!ran.stderr.contains("secret"), "{}", ran.stderr);
    }
    Ok(())
}

#[test]
fn nobody_listens() -> TestResult {
    on_sqlite(|place| {
        let port = TcpListener::bind("127.0.0.1:0")?.local_addr()?.port();
        check(
            place,
            &format!("postgres://me:secret@127.0.0.1:{port}/shop"),
            &[&format!("127.0.0.1:{port}"), "shop", "refused"],
        )
    })
}

#[test]
fn somebody_listens_who_never_answers() -> TestResult {
    on_sqlite(|place| {
        let silent = TcpListener::bind("127.0.0.1:0")?;
        let port = silent.local_addr()?.port();
        check(
            place,
            &format!("postgres://127.0.0.1:{port}/shop?user=me&password=secret"),
            &[&format!("127.0.0.1:{port}")],
        )
    })
}

#[test]
fn a_database_that_is_not_there() -> TestResult {
    on_postgres("a_database_that_is_not_there", |place| {
        let store = format!("{}_not", place.store);
        check(place, &store, &["_not", "does not exist"])
    })
}

#[test]
fn a_file_that_is_something_else() -> TestResult {
    on_sqlite(|place| {
        let file = place.write("notes.txt", "buy lanterns\n".repeat(1_000))?;
        let store = format!("sqlite:{}", file.display());
        check(place, &store, &["notes.txt", "is not an SQLite database"])?;
        assert_eq!(fs::read_to_string(file)?, "buy lanterns\n".repeat(1_000));
        check(
            place,
            &format!("sqlite:{}", place.path("").display()),
            &["is a folder"],
        )
    })
}

#[test]
fn a_folder_that_is_not_there() -> TestResult {
    on_sqlite(|place| {
        let log = place.write("log.csv", csv(&[ROW]))?;
        let store = format!("sqlite:{}", place.path("no/shop.db").display());
        let ran = Ran::of(import(&log, &store).output()?)?;
        ran.refused(1, &["no/shop.db", "there is no folder"]);
        assert_eq!(place.files()?, ["log.csv"]);
        Ok(())
    })
}

/// To ask for a shop that is not there does not make one.
#[test]
fn a_file_that_is_not_there() -> TestResult {
    on_sqlite(|place| {
        for arguments in [&["report"][..], &["show", "customer", "17850"]] {
            let mut command = ordering(arguments);
            let ran = Ran::of(command.current_dir(place.path("")).output()?)?;
            ran.refused(
                1,
                &["sqlite:ordering.db", "no such file", "ordering import"],
            );
            let mut command = ordering(arguments);
            let ran = Ran::of(command.args(["--store", &place.store]).output()?)?;
            ran.refused(1, &["shop.db", "no such file"]);
        }
        assert!(place.files()?.is_empty());
        Ok(())
    })
}
