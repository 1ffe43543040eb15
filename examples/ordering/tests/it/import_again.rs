//! Importing what was imported before.

use ordering::demo_log::demo_log;

use crate::binary::{Ran, TestResult, import, report, run};
use crate::history::{Beside, assert_same};
use crate::oracle;
use crate::place::{Place, block_on, on_postgres, on_sqlite};
use crate::sample::{csv, read};

fn twice_is_once(place: &Place) -> TestResult {
    let log = read(demo_log())?;
    let file = place.write("demo.csv", demo_log())?;
    let first = Ran::of(import(&file, &place.store).output()?)?;
    assert_eq!(first.stderr, "460 invoices imported\n");
    let history = block_on(async { Beside::open(place).await?.history().await })?;

    let second = Ran::of(import(&file, &place.store).output()?)?;
    assert_eq!(
        second.stderr,
        "nothing new: all 460 invoices had been imported before\n"
    );
    assert_eq!(second.stdout, first.stdout);
    assert_eq!(second.report()?, oracle::report(&log));
    assert_eq!(report(&place.store)?, oracle::report(&log));
    let after = block_on(async { Beside::open(place).await?.history().await })?;
    assert_same(&after, &history);
    Ok(())
}

#[test]
fn twice_is_once_on_sqlite() -> TestResult {
    on_sqlite(twice_is_once)
}

#[test]
fn twice_is_once_on_postgres() -> TestResult {
    on_postgres("twice_is_once_on_postgres", twice_is_once)
}

#[test]
fn an_invoice_that_has_grown_is_warned_of_and_left_alone() -> TestResult {
    on_sqlite(|place| {
        let first = "1,A,,2,2011-01-01 00:00:00,1.5,7,UK";
        let more = "1,B,,1,2011-01-01 00:00:00,9,7,UK";
        let new = "2,A,,1,2011-01-02 00:00:00,1,7,UK";
        let file = place.write("log.csv", csv(&[first]))?;
        Ran::of(import(&file, &place.store).output()?)?.succeeded()?;
        let file = place.write("log.csv", csv(&[first, more, new]))?;
        let ran = Ran::of(import(&file, &place.store).output()?)?;
        assert_eq!(
            ran.stderr,
            "1 invoices imported, 1 had been imported before\n\
             warning: 1 of those had another number of rows then; their rows in these files were not imported\n"
        );
        assert_eq!(ran.report()?.orders.revenue_millipounds, 3_000 + 1_000);
        Ok(())
    })
}

#[test]
fn a_report_covers_all_imports() -> TestResult {
    on_sqlite(|place| {
        let rows = [
            "1,A,,2,2011-01-01 00:00:00,1.5,7,UK",
            "2,A,,3,2011-02-01 00:00:00,1.5,8,EIRE",
            "C3,A,,-2,2011-03-01 00:00:00,1.5,7,UK",
        ];
        for (number, row) in rows.iter().enumerate() {
            let file = place.write(&format!("{number}.csv"), csv(&[row]))?;
            Ran::of(import(&file, &place.store).output()?)?.succeeded()?;
        }
        assert_eq!(report(&place.store)?, oracle::report(&read(csv(&rows))?));

        // The same as one log in three files.
        let files: Vec<_> = (0..3)
            .map(|number| place.path(&format!("{number}.csv")))
            .collect();
        let mut together = import(&files[0], "memory");
        let ran = Ran::of(together.args(&files[1..]).output()?)?;
        assert_eq!(ran.stderr, "3 invoices imported\n");
        assert_eq!(ran.report()?, report(&place.store)?);
        Ok(())
    })
}

#[test]
fn a_log_without_rows_is_imported_as_nothing() -> TestResult {
    on_sqlite(|place| {
        let file = place.write("log.csv", csv(&[]))?;
        let ran = Ran::of(import(&file, &place.store).output()?)?;
        assert_eq!(ran.stderr, "nothing to import: the log has no rows\n");
        assert_eq!(ran.report()?, ordering::report::Report::default());
        let text = run(["report", "--store", &place.store])?
            .succeeded()?
            .stdout;
        assert!(text.contains("Top customers\n  none\n"), "{text}");
        Ok(())
    })
}

#[test]
fn an_invoice_in_two_files_of_one_import_is_put_together_and_warned_of() -> TestResult {
    on_sqlite(|place| {
        let (first, more) = (
            "1,A,,2,2011-01-01 00:00:00,1.5,7,UK",
            "1,B,,1,2011-01-01 00:00:00,9,7,UK",
        );
        let alone = "2,A,,1,2011-01-02 00:00:00,1,7,UK";
        let one = place.write("one.csv", csv(&[first, alone]))?;
        let two = place.write("two.csv", csv(&[more]))?;
        let ran = Ran::of(import(&one, &place.store).arg(&two).output()?)?;
        assert_eq!(
            ran.stderr,
            "warning: 1 invoices have rows in more than one file, and were put together; files that hold the same rows must be imported one after the other\n\
             2 invoices imported\n"
        );
        assert_eq!(ran.report()?.orders.revenue_millipounds, 12_000 + 1_000);
        Ok(())
    })
}
