//! Files that are no invoice logs, given to the real binary.

use std::fs;

use crate::binary::{Ran, TestResult, import, ordering};
use crate::log_encoding::{gzip, xz};
use crate::place::on_sqlite;
use crate::sample::{HEADER, ROW, csv};

/// Rows that do not compress to nothing, so that a half of the archive holds some of them.
fn long_log() -> String {
    let rows: Vec<String> = (0..2_000_u64)
        .map(|number| {
            let noise = number.wrapping_mul(0x9E37_79B9_7F4A_7C15);
            format!("{number},{noise},,1,2010-12-01 08:26:00,2.55,17850.0,EIRE")
        })
        .collect();
    csv(&rows.iter().map(String::as_str).collect::<Vec<_>>())
}

fn half(archive: &[u8]) -> Vec<u8> {
    archive[..archive.len() / 2].to_vec()
}

fn with_row(row: &str) -> Vec<u8> {
    csv(&[ROW, row, ROW]).into_bytes()
}

#[test]
fn a_bad_file_is_refused_with_its_place_and_nothing_is_made() -> TestResult {
    let long_name = "9".repeat(101);
    let long_customer = "1".repeat(21);
    let cases: [(&str, Vec<u8>, &[&str]); 15] = [
        ("empty.csv", Vec::new(), &["is empty", HEADER]),
        ("empty.csv.gz", Vec::new(), &["is empty"]),
        (
            "half.csv.gz",
            half(&gzip(long_log().as_bytes())),
            &[", line ", "truncated"],
        ),
        (
            "half.csv.xz",
            half(&xz(long_log().as_bytes())),
            &[", line ", "truncated"],
        ),
        (
            "plain.csv.gz",
            csv(&[ROW]).into_bytes(),
            &["not compressed", "gzip"],
        ),
        (
            "header.csv",
            b"a,b,c\n1,2,3\n".to_vec(),
            &[", line 1: wrong header", "a,b,c"],
        ),
        (
            "fields.csv",
            with_row("1,2,3"),
            &[", line 3: ", "3 field(s), expected 8"],
        ),
        (
            "number.csv",
            with_row("1,A,,six,2010-12-01 08:26:00,2.55,,UK"),
            &[", line 3: Quantity is \"six\""],
        ),
        (
            "price.csv",
            with_row("1,A,,6,2010-12-01 08:26:00,2.5555,,UK"),
            &[", line 3: UnitPrice is \"2.5555\""],
        ),
        (
            "date.csv",
            with_row("1,A,,6,2010-02-30 08:26:00,2.55,,UK"),
            &[", line 3: InvoiceDate is \"2010-02-30 08:26:00\""],
        ),
        (
            "customer.csv",
            with_row("1,A,,6,2010-12-01 08:26:00,2.55,x,UK"),
            &[", line 3: CustomerID is \"x\""],
        ),
        // What no stream can be named after must not be found out in the middle of the import.
        (
            "no-number.csv",
            with_row(",A,,6,2010-12-01 08:26:00,2.55,7,UK"),
            &[", line 3: InvoiceNo is \"\", expected 1 to 100 characters"],
        ),
        (
            "long-number.csv",
            with_row(&format!("{long_name},A,,6,2010-12-01 08:26:00,2.55,7,UK")),
            &[
                ", line 3: InvoiceNo is \"999",
                "expected 1 to 100 characters",
            ],
        ),
        (
            "long-code.csv",
            with_row(&format!("1,{long_name},,6,2010-12-01 08:26:00,2.55,7,UK")),
            &[", line 3: StockCode is \"999"],
        ),
        (
            "long-customer.csv",
            with_row(&format!(
                "1,A,,6,2010-12-01 08:26:00,2.55,{long_customer},UK"
            )),
            &[", line 3: CustomerID is \"111", "at most 20 digits"],
        ),
    ];
    on_sqlite(|place| {
        for (name, content, parts) in &cases {
            let file = place.write(name, content)?;
            let ran = Ran::of(import(&file, &place.store).output()?)?;
            ran.refused(2, &[&file.display().to_string()]);
            ran.refused(2, parts);
            assert_eq!(place.files()?, [*name]);
            fs::remove_file(file)?;
        }
        Ok(())
    })
}

#[test]
fn a_missing_file_and_a_folder_are_refused() -> TestResult {
    on_sqlite(|place| {
        let good = place.write("good.csv", csv(&[ROW]))?;
        let missing = place.path("missing.csv");
        let folder = place.path("folder.csv");
        fs::create_dir(&folder)?;
        for (file, part) in [(&missing, "no such file"), (&folder, "is a folder")] {
            let mut command = import(&good, &place.store);
            let ran = Ran::of(command.arg(file).output()?)?;
            ran.refused(2, &[&file.display().to_string(), part]);
        }
        assert_eq!(place.files()?, ["folder.csv", "good.csv"]);
        Ok(())
    })
}

#[test]
fn wrong_usage_is_refused_with_the_usage() -> TestResult {
    on_sqlite(|place| {
        for line in [
            "",
            "import",
            "import a.csv --concurrency 0",
            "import a.csv --store mysql://h/d",
            "report --report xml",
            "show order",
            "show shop 1",
            "show order 1 --at 0",
            "demo --store memory",
            "forget",
        ] {
            let mut command = ordering(line.split_whitespace());
            let ran = Ran::of(command.current_dir(place.path("")).output()?)?;
            assert_eq!((ran.code, ran.stdout.as_str()), (Some(2), ""), "{line:?}");
            assert!(
                ran.stderr.contains("--help") || ran.stderr.contains("Usage"),
                "{ran:?}"
            );
        }
        assert!(place.files()?.is_empty(), "no ordering.db was made");
        Ok(())
    })
}
