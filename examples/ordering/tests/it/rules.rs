//! The importer's own refusals.

use std::error::Error;

use ordering::log::rules::{self, RefusalReason};

use crate::sample::{csv, read};

fn row(invoice: &str, quantity: &str, price: &str, customer: &str) -> String {
    format!("{invoice},22,,{quantity},2010-12-01 08:26:00,{price},{customer},EIRE")
}

/// What becomes of one row: `sold N`, `returned N` or the reason.
fn fate(invoice: &str, quantity: &str, price: &str, customer: &str) -> String {
    let log = read(csv(&[&row(invoice, quantity, price, customer)]));
    let log = log.expect("the rows of this test are well-formed");
    let judgement = rules::judge(&log.invoices[0]);
    let mut fates: Vec<String> = Vec::new();
    if let Some(order) = &judgement.order {
        assert_eq!(order.customer.as_str(), "7");
        fates.extend(
            order
                .lines
                .iter()
                .map(|row| format!("sold {}", row.quantity)),
        );
    }
    for back in &judgement.returns {
        assert_eq!(back.customer.as_str(), "7");
        fates.push(format!("returned {}", back.quantity));
    }
    fates.extend(judgement.refused.iter().map(|r| r.reason.to_string()));
    fates.join(" and ")
}

#[test]
fn rules_are_checked_in_their_order() {
    for (invoice, quantity, price, customer, expected) in [
        ("1", "3", "2.5", "7.0", "sold 3"),
        ("1", "3", "2.5", "", "MissingCustomer"),
        ("1", "0", "0", "", "MissingCustomer"),
        ("1", "0", "0", "7.0", "NonPositiveQuantity"),
        ("1", "-3", "2.5", "7.0", "NonPositiveQuantity"),
        ("1", "3", "0", "7.0", "NonPositivePrice"),
        ("1", "3", "-2.5", "7.0", "NonPositivePrice"),
        ("C1", "-3", "2.5", "7.0", "returned 3"),
        ("C1", "-3", "0", "7.0", "returned 3"),
        ("C1", "-3", "2.5", "", "MissingCustomer"),
        ("C1", "0", "2.5", "7.0", "NonPositiveQuantity"),
        ("C1", "3", "2.5", "7.0", "NonPositiveQuantity"),
        ("A1", "3", "2.5", "7.0", "NotAnOrder"),
        ("A1", "-3", "0", "", "NotAnOrder"),
    ] {
        assert_eq!(
            fate(invoice, quantity, price, customer),
            expected,
            "{invoice} {quantity} {price} {customer}"
        );
    }
}

#[test]
fn an_order_keeps_its_good_rows() -> Result<(), Box<dyn Error>> {
    let rows = [
        row("1", "1", "1", ""),
        row("1", "2", "1", "7.0"),
        row("1", "3", "0", "7.0"),
        row("1", "2", "1", "7.0"),
    ];
    let log = read(csv(&rows.each_ref().map(String::as_str)))?;
    let judgement = rules::judge(&log.invoices[0]);
    let order = judgement.order.ok_or("two rows are good")?;
    let lines: Vec<u64> = order.lines.iter().map(|row| row.line).collect();
    assert_eq!(lines, [3, 5]);
    let refused: Vec<_> = judgement
        .refused
        .iter()
        .map(|refusal| (refusal.row.line, refusal.reason))
        .collect();
    assert_eq!(
        refused,
        [
            (2, RefusalReason::MissingCustomer),
            (4, RefusalReason::NonPositivePrice)
        ]
    );
    assert!(judgement.returns.is_empty());
    Ok(())
}

#[test]
fn no_good_row_is_no_order() -> Result<(), Box<dyn Error>> {
    let log = read(csv(&[&row("1", "0", "1", "7.0"), &row("1", "1", "1", "")]))?;
    let judgement = rules::judge(&log.invoices[0]);
    assert_eq!(judgement.order, None);
    assert_eq!(judgement.refused.len(), 2);
    Ok(())
}

#[test]
fn reasons_have_the_same_name_everywhere() -> Result<(), Box<dyn Error>> {
    let names = [
        "MissingCustomer",
        "NonPositiveQuantity",
        "NonPositivePrice",
        "NothingOutstanding",
        "ExceedsOutstanding",
        "NotAnOrder",
    ];
    for (reason, name) in RefusalReason::ALL.into_iter().zip(names) {
        assert_eq!(reason.to_string(), name);
        assert_eq!(serde_json::to_value(reason)?, name);
        assert_eq!(
            serde_json::from_value::<RefusalReason>(name.into())?,
            reason
        );
    }
    Ok(())
}
