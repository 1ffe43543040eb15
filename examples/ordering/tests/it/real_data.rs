//! The real log, where the data folder lies beside the workspace.

use std::error::Error;
use std::path::PathBuf;

use ordering::log::rules::RefusalReason;
use ordering::log::{InvoiceKind, Log, ReadProgress};
use ordering::report::Report;

use crate::oracle;
use crate::sample::read_file;

/// A file of the data folder; `None`, said aloud, where there is no such folder.
pub(crate) fn data(name: &str) -> Option<PathBuf> {
    let folder = concat!(
        env!("CARGO_MANIFEST_DIR"),
        "/../../../shared/data/online-retail"
    );
    let folder = PathBuf::from(folder);
    if !folder.is_dir() {
        eprintln!("SKIP {name}: no folder {}", folder.display());
        return None;
    }
    Some(folder.join(name))
}

#[test]
fn december_2010_has_the_expected_report() -> Result<(), Box<dyn Error>> {
    let (Some(log), Some(expected)) = (
        data("online-retail-2010-12.csv.gz"),
        data("expected-2010-12.json"),
    ) else {
        return Ok(());
    };
    let log = read_file(&log)?;
    assert_eq!(log.rows, 42_481);
    assert_eq!(log.invoices.len(), 2_025);
    let expected: Report = serde_json::from_str(&std::fs::read_to_string(expected)?)?;
    assert_eq!(oracle::report(&log), expected);
    Ok(())
}

#[test]
fn the_full_log_is_read_with_progress() -> Result<(), Box<dyn Error>> {
    let Some(path) = data("online-retail.csv.xz") else {
        return Ok(());
    };
    let size = std::fs::metadata(&path)?.len();
    let mut reports: Vec<ReadProgress> = Vec::new();
    let log = Log::read(&[path], &mut |progress| reports.push(progress))?;

    assert_eq!(log.rows, 541_909);
    assert_eq!(log.invoices.len(), 25_900);
    let of_kind = |kind| {
        let invoices = log
            .invoices
            .iter()
            .filter(move |invoice| invoice.kind == kind);
        invoices.map(|invoice| invoice.rows.len()).sum::<usize>()
    };
    assert_eq!(of_kind(InvoiceKind::Order), 532_618);
    assert_eq!(of_kind(InvoiceKind::Credit), 9_288);
    assert_eq!(of_kind(InvoiceKind::Other), 3);
    assert!(
        log.invoices[0].rows[0].line == 2
            && log
                .invoices
                .iter()
                .flat_map(|i| &i.rows)
                .map(|r| r.line)
                .max()
                == Some(541_910)
    );

    // Computed from the file by other means than this crate.
    let report = oracle::report(&log);
    let orders = report.orders;
    assert_eq!(
        (orders.placed, orders.lines, orders.units),
        (18_532, 397_884, 5_167_812)
    );
    assert_eq!(orders.revenue_millipounds, 8_911_407_904);
    let returns = report.returns;
    assert_eq!((returns.rows, returns.units), (7_518, 250_377));
    assert_eq!(returns.value_millipounds, 468_748_190);
    assert_eq!((report.customers, report.skus), (4_338, 3_665));
    let rejected = RefusalReason::ALL.map(|reason| report.rejected_rows.count(reason));
    assert_eq!(rejected, [134_694 + 383, 0, 40, 1_332, 55, 3]);
    assert_eq!(
        report.orders.lines + report.returns.rows + report.rejected_rows.total(),
        log.rows,
        "every row is counted exactly once"
    );

    assert!(
        reports
            .windows(2)
            .all(|pair| { pair[0].rows <= pair[1].rows && pair[0].bytes <= pair[1].bytes })
    );
    let last = reports.last().ok_or("no progress was reported")?;
    assert_eq!(
        *last,
        ReadProgress {
            rows: 541_909,
            bytes: size,
            total_bytes: size
        }
    );
    assert!(reports.len() > 500, "{} reports", reports.len());
    Ok(())
}

#[test]
fn iso_8859_1_becomes_unicode() -> Result<(), Box<dyn Error>> {
    let Some(path) = data("online-retail-nonascii-latin1.csv") else {
        return Ok(());
    };
    let log = read_file(&path)?;
    assert_eq!(log.rows, 32);
    let rows: Vec<_> = log.invoices.iter().flat_map(|i| &i.rows).collect();
    assert!(rows.iter().all(|row| !row.description.contains('\u{FFFD}')));
    assert!(rows.iter().any(|row| row.description.contains('£')));
    assert_eq!(&*rows[0].description, "Dotcomgiftshop Gift Voucher £40.00");
    Ok(())
}
