//! The generated log.

use std::collections::BTreeSet;
use std::error::Error;

use ordering::demo_log::demo_log;
use ordering::log::InvoiceKind;
use ordering::log::rules::RefusalReason;

use crate::oracle;
use crate::sample::{HEADER, read};

/// The digest of the whole text: whoever changes the generator changes it here.
const DIGEST: u64 = 14_304_946_441_046_782_725;

/// FNV-1a, 64 bits.
fn digest(text: &str) -> u64 {
    text.bytes().fold(0xCBF2_9CE4_8422_2325, |hash, byte| {
        (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01B3)
    })
}

#[test]
fn it_is_the_same_every_time() {
    let text = demo_log();
    assert_eq!(text, demo_log());
    let lines: Vec<&str> = text.lines().take(4).collect();
    assert_eq!(
        lines,
        [
            HEADER,
            "540001,22752,SET 7 BABUSHKA NESTING BOXES,22,2011-03-01 08:18:00,7.65,12001.0,United Kingdom",
            "540001,22752,SET 7 BABUSHKA NESTING BOXES,10,2011-03-01 08:18:00,7.65,12001.0,United Kingdom",
            "540001,15034,PAPER POCKET TRAVELING FAN,24,2011-03-01 08:18:00,0.143,12001.0,United Kingdom",
        ]
    );
    assert_eq!(digest(&text), DIGEST);
}

#[test]
fn it_holds_everything_that_a_real_log_has() -> Result<(), Box<dyn Error>> {
    let text = demo_log();
    let log = read(&text)?;
    let report = oracle::report(&log);
    assert_eq!(report.rows, 1_923);
    assert_eq!((report.orders.placed, report.orders.lines), (335, 1_576));
    assert_eq!(report.orders.revenue_millipounds, 71_042_085);
    assert_eq!(report.returns.value_millipounds, 1_351_281);
    let rejected = RefusalReason::ALL.map(|reason| report.rejected_rows.count(reason));
    assert_eq!(rejected, [149, 52, 48, 15, 18, 4]);
    assert_eq!(report.customers, 40);
    assert_eq!(report.skus, 24);
    assert!(report.revenue_by_country.len() > 10);
    assert_eq!(
        report.revenue_by_month.keys().collect::<Vec<_>>(),
        ["2011-03", "2011-04", "2011-05"]
    );
    assert_eq!(report.returns.rows, 61);
    let kinds = |kind| log.invoices.iter().filter(|i| i.kind == kind).count();
    assert!(kinds(InvoiceKind::Other) > 1);
    assert!(kinds(InvoiceKind::Credit) > 20);

    let rows = || log.invoices.iter().flat_map(|invoice| &invoice.rows);
    for (what, found) in [
        ("a comma", rows().any(|row| row.description.contains(','))),
        ("a quote", rows().any(|row| row.description.contains('"'))),
        ("no text", rows().any(|row| row.description.is_empty())),
        ("not ASCII", rows().any(|row| !row.description.is_ascii())),
    ] {
        assert!(found, "no description with {what}");
    }
    let interrupted = log.invoices.iter().filter(|invoice| {
        let dates: BTreeSet<_> = invoice.rows.iter().map(|row| row.date).collect();
        let (first, last) = (&invoice.rows[0], &invoice.rows[invoice.rows.len() - 1]);
        dates.len() == 2 && last.line - first.line >= invoice.rows.len() as u64
    });
    assert!(interrupted.count() > 1);
    let lines: Vec<&str> = text.lines().collect();
    let distinct: BTreeSet<&&str> = lines.iter().collect();
    assert!(lines.len() - distinct.len() > 10, "exact duplicates");
    Ok(())
}
