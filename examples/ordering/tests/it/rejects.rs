//! The list of rejected rows.

use std::fs;
use std::path::Path;

use ordering::demo_log::demo_log;
use ordering::log::rules::RefusalReason;

use crate::binary::{Ran, TestResult, import};
use crate::import_totals::december;
use crate::oracle;
use crate::place::{Place, on_postgres, on_sqlite};
use crate::sample::{csv, read};

fn import_listing(log: &Path, store: &str, list: &Path) -> TestResult<Ran> {
    let mut command = import(log, store);
    command.arg("--rejects").arg(list);
    Ran::of(command.output()?)
}

#[test]
fn every_rejected_row_is_listed_with_line_and_reason() -> TestResult {
    on_sqlite(|place| {
        let log = place.write(
            "a log, with a comma.csv",
            csv(&[
                "1,A,,5,2011-01-01 00:00:00,1,7,UK",
                "1,B,,5,2011-01-01 00:00:00,1,,UK",
                "1,C,,0,2011-01-01 00:00:00,1,7,UK",
                "C2,A,,-6,2011-01-02 00:00:00,1,7,UK",
                "C2,Z,,-1,2011-01-02 00:00:00,1,7,UK",
                "A3,B,,1,2011-01-02 00:00:00,-11062.06,,UK",
                "1,D,\"two\nlines\",1,2011-01-01 00:00:00,0,7,UK",
                "C4,A,,-5,2011-01-03 00:00:00,1,7,UK",
                "C4,A,,-1,2011-01-03 00:00:00,1,7,UK",
            ]),
        )?;
        let list = place.path("rejected.csv");
        let ran = import_listing(&log, &place.store, &list)?.succeeded()?;
        let told = format!(
            "4 invoices imported\n7 rejected rows are listed in {}\n",
            list.display()
        );
        assert_eq!(ran.stderr, told);
        let name = format!("\"{}\"", log.display());
        let expected = [
            "File,Line,InvoiceNo,StockCode,Reason".to_owned(),
            format!("{name},3,1,B,MissingCustomer"),
            format!("{name},4,1,C,NonPositiveQuantity"),
            format!("{name},5,C2,A,ExceedsOutstanding"),
            format!("{name},6,C2,Z,NothingOutstanding"),
            format!("{name},7,A3,B,NotAnOrder"),
            format!("{name},8,1,D,NonPositivePrice"),
            format!("{name},11,C4,A,NothingOutstanding"),
        ];
        let listed = fs::read_to_string(&list)?;
        assert_eq!(listed.lines().collect::<Vec<_>>(), expected);
        Ok(())
    })
}

/// Each reason is listed as often as the report counts it, and a repeated import lists the same.
fn check_counts(place: &Place, log: &Path, report: &ordering::report::Report) -> TestResult {
    let [fresh, repeated] = [place.path("fresh.csv"), place.path("repeated.csv")];
    import_listing(log, &place.store, &fresh)?.succeeded()?;
    // What the list held before, and more of it, is gone.
    fs::write(&repeated, "x".repeat(10_000_000))?;
    import_listing(log, &place.store, &repeated)?.succeeded()?;
    let listed = fs::read_to_string(&fresh)?;
    assert!(listed == fs::read_to_string(&repeated)?, "the lists differ");
    assert_eq!(
        listed.lines().count() as u64,
        1 + report.rejected_rows.total()
    );
    for reason in RefusalReason::ALL {
        let ending = format!(",{reason}");
        let lines = listed.lines().filter(|line| line.ends_with(&ending));
        assert_eq!(
            lines.count() as u64,
            report.rejected_rows.count(reason),
            "{reason}"
        );
    }
    Ok(())
}

fn demo_counts(place: &Place) -> TestResult {
    let log = place.write("demo.csv", demo_log())?;
    check_counts(place, &log, &oracle::report(&read(demo_log())?))
}

#[test]
fn a_repeated_import_lists_the_same_on_sqlite() -> TestResult {
    on_sqlite(demo_counts)
}

#[test]
fn a_repeated_import_lists_the_same_on_postgres() -> TestResult {
    on_postgres("a_repeated_import_lists_the_same_on_postgres", demo_counts)
}

#[test]
fn the_rejected_rows_of_december_are_counted() -> TestResult {
    on_sqlite(|place| match december()? {
        Some((log, expected)) => check_counts(place, &log, &expected),
        None => Ok(()),
    })
}

#[test]
fn a_list_that_cannot_be_written_is_refused_before_anything_is_imported() -> TestResult {
    on_sqlite(|place| {
        let text = csv(&["1,A,,5,2011-01-01 00:00:00,1,7,UK"]);
        let log = place.write("log.csv", &text)?;
        let shop = place.sqlite_file().ok_or("a file")?;
        let crooked = shop.with_file_name(".").join("log.csv");
        let overwritten = "the list of rejected rows would overwrite this";
        for (list, part) in [
            (
                place.path("no-such-folder/list.csv").as_path(),
                "No such file or directory",
            ),
            (shop.with_file_name("").as_path(), "cannot be written to"),
            (log.as_path(), overwritten),
            (crooked.as_path(), overwritten),
            (shop, overwritten),
        ] {
            let ran = import_listing(&log, &place.store, list)?;
            ran.refused(2, &[&list.display().to_string(), part]);
            assert_eq!(place.files()?, ["log.csv"]);
        }
        assert_eq!(fs::read_to_string(log)?, text);
        Ok(())
    })
}
