//! Rows to invoices.

use std::error::Error;

use ordering::log::{InvoiceKind, Log};

use crate::sample::{csv, read};

fn row(invoice: &str, stock_code: &str) -> String {
    format!("{invoice},{stock_code},,1,2010-12-01 08:26:00,2.55,17850.0,EIRE")
}

/// Each invoice's number with its rows' stock codes.
fn shape(log: &Log) -> Vec<String> {
    let codes = |rows: &[ordering::log::Row]| {
        let codes: Vec<&str> = rows.iter().map(|row| &*row.stock_code).collect();
        codes.concat()
    };
    let invoices = log.invoices.iter();
    invoices
        .map(|invoice| format!("{}:{}", invoice.number, codes(&invoice.rows)))
        .collect()
}

#[test]
fn an_invoice_stands_where_its_first_row_stands() -> Result<(), Box<dyn Error>> {
    let rows = [
        row("2", "a"),
        row("1", "b"),
        row("2", "c"),
        row("C3", "d"),
        row("1", "e"),
        row("2", "a"),
    ];
    let log = read(csv(&rows.each_ref().map(String::as_str)))?;
    assert_eq!(shape(&log), ["2:aca", "1:be", "C3:d"]);
    assert_eq!(log.rows, 6);
    Ok(())
}

#[test]
fn several_files_are_one_log() -> Result<(), Box<dyn Error>> {
    let folder = tempfile::tempdir()?;
    let paths = [folder.path().join("one.csv"), folder.path().join("two.csv")];
    std::fs::write(&paths[0], csv(&[&row("1", "a"), &row("2", "b")]))?;
    std::fs::write(&paths[1], csv(&[&row("3", "c"), &row("1", "d")]))?;
    let mut last = None;
    let log = Log::read(&paths, &mut |progress| last = Some(progress))?;
    assert_eq!(shape(&log), ["1:ad", "2:b", "3:c"]);
    let places: Vec<_> = log.invoices[0]
        .rows
        .iter()
        .map(|row| (row.file.to_path_buf(), row.line))
        .collect();
    assert_eq!(places, [(paths[0].clone(), 2), (paths[1].clone(), 3)]);
    let last = last.ok_or("no progress was reported")?;
    assert_eq!(last.rows, 4);
    assert_eq!(last.bytes, last.total_bytes);
    Ok(())
}

#[test]
fn the_number_tells_the_kind() {
    for (number, kind) in [
        ("536365", InvoiceKind::Order),
        ("C536379", InvoiceKind::Credit),
        ("C", InvoiceKind::Credit),
        ("A563185", InvoiceKind::Other),
        ("c536379", InvoiceKind::Other),
        ("536365A", InvoiceKind::Other),
        ("", InvoiceKind::Other),
        ("٣", InvoiceKind::Other),
    ] {
        assert_eq!(InvoiceKind::of_number(number), kind, "{number:?}");
    }
}
