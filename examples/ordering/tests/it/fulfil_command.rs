//! `ordering fulfil` and `ordering saga`.

use std::collections::BTreeMap;
use std::path::Path;

use ordering::fulfilment::FulfilmentReport;
use ordering::log::{InvoiceKind, Log, Row};

use crate::binary::{Ran, TestResult, import, ordering, run};
use crate::place::{Place, on_postgres, on_sqlite};
use crate::real_data::data;
use crate::sample::{csv, read_file};

/// What fulfilment must come to, computed straight from the log.
pub(crate) fn recount(log: &Log, stock: i64) -> FulfilmentReport {
    let is_good =
        |row: &Row| row.customer.is_some() && row.quantity > 0 && row.unit_price_millipounds > 0;
    let invoices = || {
        let all = log.invoices.iter();
        all.filter(|invoice| invoice.kind == InvoiceKind::Order)
    };
    let mut left: BTreeMap<&str, i64> = BTreeMap::new();
    for row in invoices().flat_map(|invoice| &invoice.rows) {
        if is_good(row) {
            left.insert(&row.stock_code, stock);
        }
    }
    let mut report = FulfilmentReport::default();
    for invoice in invoices().filter(|invoice| invoice.rows.iter().all(is_good)) {
        let mut after = left.clone();
        for row in &invoice.rows {
            *after.entry(&row.stock_code).or_default() -= row.quantity;
        }
        if after.values().any(|left| *left < 0) {
            report.insufficient_stock += 1;
            continue;
        }
        left = after;
        report.placed += 1;
        for row in &invoice.rows {
            report.units_reserved += row.quantity;
            report.revenue_millipounds += row.quantity * row.unit_price_millipounds;
        }
    }
    report.closing_units = left.values().sum();
    report.skus_at_zero = left.values().filter(|left| **left == 0).count() as u64;
    report
}

/// `fulfil --stock N --store STORE --report json`.
pub(crate) fn fulfil(stock: u32, store: &str) -> std::process::Command {
    let stock = stock.to_string();
    ordering([
        "fulfil", "--stock", &stock, "--store", store, "--report", "json",
    ])
}

pub(crate) fn fulfilled(stock: u32, store: &str) -> TestResult<(FulfilmentReport, String)> {
    let ran = Ran::of(fulfil(stock, store).output()?)?.succeeded()?;
    Ok((serde_json::from_str(&ran.stdout)?, ran.stderr))
}

fn log_on(place: &Place, log: &Path, stock: u32, orders: usize) -> TestResult {
    let expected = recount(&read_file(log)?, stock.into());
    Ran::of(import(log, &place.store).output()?)?.succeeded()?;
    let (report, told) = fulfilled(stock, &place.store)?;
    assert_eq!(report, expected);
    assert_eq!(told, format!("{orders} orders decided\n"));
    // Again it finds everything done.
    let (report, told) = fulfilled(stock, &place.store)?;
    assert_eq!(report, expected);
    assert_eq!(told, "nothing to fulfil: no order is open\n");
    Ok(())
}

fn december_on(place: &Place) -> TestResult {
    match data("online-retail-2010-12.csv.gz") {
        Some(log) => log_on(place, &log, 100, 1_397),
        None => Ok(()),
    }
}

#[test]
fn december_is_fulfilled_on_sqlite() -> TestResult {
    on_sqlite(december_on)
}

#[test]
fn december_is_fulfilled_on_postgres() -> TestResult {
    on_postgres("december_is_fulfilled_on_postgres", december_on)
}

#[test]
fn the_recount_knows_december() -> TestResult {
    let Some(log) = data("online-retail-2010-12.csv.gz") else {
        return Ok(());
    };
    // Computed from the file by other means than this crate.
    let expected = FulfilmentReport {
        placed: 436,
        insufficient_stock: 961,
        units_reserved: 35_835,
        revenue_millipounds: 86_132_710,
        closing_units: 205_265,
        skus_at_zero: 22,
    };
    assert_eq!(recount(&read_file(&log)?, 100), expected);
    Ok(())
}

/// The figures that were told beforehand.
pub(crate) const FULL_LOG: FulfilmentReport = FulfilmentReport {
    placed: 5_385,
    insufficient_stock: 13_117,
    units_reserved: 711_643,
    revenue_millipounds: 1_485_819_402,
    closing_units: 3_665 * 1_000 - 711_643,
    skus_at_zero: 63,
};

/// Order 3 stands before order 2, and order 9 before order 10; of order 4 a row is refused.
fn small(place: &Place) -> TestResult {
    let log = csv(&[
        "1,A,,4,2011-01-01 10:00:00,1.5,7,UK",
        "1,A,,1,2011-01-01 10:00:00,1.5,7,UK",
        "3,A,,5,2011-01-02 10:00:00,2,8,UK",
        "2,A,,1,2011-01-03 10:00:00,1,9,UK",
        "2,B,,1,2011-01-03 10:00:00,1,9,UK",
        "4,B,,1,2011-01-04 10:00:00,1,9,UK",
        "4,C,,1,2011-01-04 10:00:00,0,9,UK",
        "9,B,,10,2011-01-04 10:00:00,1,9,UK",
        "10,B,,1,2011-01-04 10:00:00,1,9,UK",
    ]);
    let file = place.write("log.csv", log)?;
    Ran::of(import(&file, &place.store).output()?)?.succeeded()?;
    Ok(())
}

fn small_on(place: &Place) -> TestResult {
    small(place)?;
    let (report, told) = fulfilled(10, &place.store)?;
    let expected = FulfilmentReport {
        placed: 3,
        insufficient_stock: 2,
        units_reserved: 20,
        revenue_millipounds: 27_500,
        closing_units: 0,
        skus_at_zero: 2,
    };
    assert_eq!((report, told.as_str()), (expected, "5 orders decided\n"));
    let text = run(["fulfil", "--stock", "10", "--store", &place.store])?.succeeded()?;
    assert_eq!(
        text.stdout,
        "\
Orders
  placed                          3
  InsufficientStock               2
  units reserved                 20
  revenue                   £27.500

Stock
  closing units                   0
  stock codes at zero             2
"
    );
    let other = Ran::of(fulfil(11, &place.store).output()?)?;
    other.refused(2, &["opened with 10 units", "cannot be with 11"]);
    // What stays is what the shop sold: three orders, and one that was not to be fulfilled.
    let report = crate::binary::report(&place.store)?;
    assert_eq!(report.orders.placed, 4);
    Ok(())
}

#[test]
fn orders_are_reserved_in_the_logs_order_on_sqlite() -> TestResult {
    on_sqlite(small_on)
}

#[test]
fn orders_are_reserved_in_the_logs_order_on_postgres() -> TestResult {
    on_postgres(
        "orders_are_reserved_in_the_logs_order_on_postgres",
        small_on,
    )
}

fn histories_on(place: &Place) -> TestResult {
    small(place)?;
    fulfilled(10, &place.store)?;
    let saga = |order: &str| run(["saga", order, "--store", &place.store]);
    let shown = saga("1")?.succeeded()?.stdout;
    let mut lines = shown.lines();
    assert_eq!(lines.next(), Some("saga-fulfilment-1 is completed"));
    let whats: Vec<&str> = lines
        .skip(2)
        .filter_map(|line| line.trim_start().splitn(3, "  ").last())
        .collect();
    let told = [
        "started",
        "step `reserve` began",
        "step `reserve` completed",
        "step `pay` began",
        "step `pay` completed",
        "step `ship` began",
        "step `ship` completed",
        "step `complete` began",
        "step `complete` completed",
        "ended: completed",
    ];
    assert_eq!(whats, told, "{shown}");
    let refused = saga("2")?.succeeded()?.stdout;
    assert!(
        refused.starts_with("saga-fulfilment-2 is compensated\n")
            && refused.contains("insufficient stock: 1 of A are needed, and 0 are left"),
        "{refused}"
    );
    let unknown = ["the fulfilment of order 4 has not begun"];
    saga("4")?.refused(2, &unknown);
    saga("")?.refused(2, &["has not begun"]);
    saga(&"4".repeat(600))?.refused(2, &["the key of saga `fulfilment` names no stream"]);
    Ok(())
}

#[test]
fn histories_are_shown_on_sqlite() -> TestResult {
    on_sqlite(histories_on)
}

#[test]
fn histories_are_shown_on_postgres() -> TestResult {
    on_postgres("histories_are_shown_on_postgres", histories_on)
}

#[test]
fn of_a_shop_that_is_empty_or_not_there() -> TestResult {
    let (report, told) = fulfilled(5, "memory")?;
    assert_eq!(report, FulfilmentReport::default());
    assert_eq!(told, "nothing to fulfil: no order is open\n");
    for command in [vec!["fulfil", "--stock", "5"], vec!["saga", "1"]] {
        let store = ["--store", "sqlite:/nowhere/shop.db"];
        let ran = run(command.into_iter().chain(store))?;
        ran.refused(1, &["there is no such file"]);
    }
    Ok(())
}
