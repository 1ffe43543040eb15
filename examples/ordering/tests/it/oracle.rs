//! The report computed straight from a log, without events: what the read models must come to.

use std::collections::{BTreeMap, BTreeSet};

use ordering::log::Log;
use ordering::log::rules::{self, RefusalReason};
use ordering::report::{Report, TopCustomer};

pub(crate) fn report(log: &Log) -> Report {
    let mut report = Report {
        rows: log.rows,
        ..Report::default()
    };
    let mut outstanding: BTreeMap<(&str, &str), i64> = BTreeMap::new();
    let mut customers: BTreeMap<&str, (i64, u64)> = BTreeMap::new();
    let mut skus = BTreeSet::new();
    for invoice in &log.invoices {
        let judgement = rules::judge(invoice);
        for refusal in &judgement.refused {
            report.rejected_rows.add(refusal.reason, 1);
        }
        if let Some(order) = &judgement.order {
            let customer = customers.entry(order.customer.as_str()).or_default();
            customer.1 += 1;
            report.orders.placed += 1;
            for row in &order.lines {
                let revenue = row.quantity * row.unit_price_millipounds;
                customer.0 += revenue;
                skus.insert(&*row.stock_code);
                *outstanding
                    .entry((order.customer.as_str(), &row.stock_code))
                    .or_default() += row.quantity;
                report.orders.lines += 1;
                report.orders.units += row.quantity;
                report.orders.revenue_millipounds += revenue;
                let month = row.date.strftime("%Y-%m").to_string();
                *report.revenue_by_month.entry(month).or_default() += revenue;
                let country = row.country.to_string();
                *report.revenue_by_country.entry(country).or_default() += revenue;
            }
        }
        for back in &judgement.returns {
            let held = outstanding
                .entry((back.customer.as_str(), &back.row.stock_code))
                .or_default();
            if *held == 0 {
                report
                    .rejected_rows
                    .add(RefusalReason::NothingOutstanding, 1);
            } else if *held < back.quantity {
                report
                    .rejected_rows
                    .add(RefusalReason::ExceedsOutstanding, 1);
            } else {
                *held -= back.quantity;
                report.returns.rows += 1;
                report.returns.units += back.quantity;
                report.returns.value_millipounds += back.quantity * back.row.unit_price_millipounds;
            }
        }
    }
    report.customers = customers.len() as u64;
    report.skus = skus.len() as u64;
    report.top_customers = TopCustomer::best(customers.into_iter().map(
        |(customer, (revenue_millipounds, orders))| TopCustomer {
            customer: customer.to_owned(),
            revenue_millipounds,
            orders,
        },
    ));
    report
}
