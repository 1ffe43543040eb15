//! The report's two forms.

use std::error::Error;

use ordering::log::rules::RefusalReason;
use ordering::report::{Report, TopCustomer};
use serde_json::Value;

use crate::real_data::data;

fn expected_text() -> Result<Option<String>, std::io::Error> {
    data("expected-2010-12.json")
        .map(std::fs::read_to_string)
        .transpose()
}

#[test]
fn the_expected_json_survives_the_report() -> Result<(), Box<dyn Error>> {
    let Some(text) = expected_text()? else {
        return Ok(());
    };
    let report: Report = serde_json::from_str(&text)?;
    let json = report.to_json()?;
    assert_eq!(
        serde_json::from_str::<Value>(&json)?,
        serde_json::from_str::<Value>(&text)?
    );
    // A `Value` forgets the order of fields, the text does not.
    let squeeze = |text: &str| text.split_whitespace().collect::<String>();
    assert_eq!(squeeze(&json), squeeze(&text));
    Ok(())
}

#[test]
fn an_empty_report_has_every_field() -> Result<(), Box<dyn Error>> {
    let json: Value = serde_json::from_str(&Report::default().to_json()?)?;
    assert_eq!(
        json,
        serde_json::json!({
            "rows": 0,
            "orders": {"placed": 0, "lines": 0, "units": 0, "revenue_millipounds": 0},
            "returns": {"rows": 0, "units": 0, "value_millipounds": 0},
            "rejected_rows": {
                "MissingCustomer": 0, "NonPositiveQuantity": 0, "NonPositivePrice": 0,
                "NothingOutstanding": 0, "ExceedsOutstanding": 0, "NotAnOrder": 0
            },
            "customers": 0,
            "skus": 0,
            "revenue_by_month": {},
            "revenue_by_country": {},
            "top_customers": []
        })
    );
    Ok(())
}

#[test]
fn each_reason_has_its_own_count() -> Result<(), Box<dyn Error>> {
    let mut report = Report::default();
    for (rows, reason) in (1..).zip(RefusalReason::ALL) {
        report.rejected_rows.add(reason, rows);
    }
    assert_eq!(report.rejected_rows.total(), 21);
    let json: Value = serde_json::from_str(&report.to_json()?)?;
    for (rows, reason) in (1_u64..).zip(RefusalReason::ALL) {
        assert_eq!(report.rejected_rows.count(reason), rows);
        assert_eq!(json["rejected_rows"][reason.name()], rows);
    }
    Ok(())
}

#[test]
fn the_best_customers_are_by_revenue_then_by_id() {
    let customer = |customer: &str, revenue_millipounds| TopCustomer {
        customer: customer.to_owned(),
        revenue_millipounds,
        orders: 1,
    };
    let all = [
        customer("15", 10),
        customer("12", 30),
        customer("14", 10),
        customer("13", 20),
        customer("11", 10),
        customer("16", 10),
    ];
    let best = TopCustomer::best(all);
    let ids: Vec<&str> = best.iter().map(|best| best.customer.as_str()).collect();
    assert_eq!(ids, ["12", "13", "11", "14", "15"]);
}

#[test]
fn the_text_is_aligned() {
    let mut report = Report {
        rows: 42_481,
        customers: 885,
        skus: 2_411,
        ..Report::default()
    };
    report.orders.placed = 1_400;
    report.orders.lines = 26_157;
    report.orders.units = 312_265;
    report.orders.revenue_millipounds = 572_713_890;
    report.returns.rows = 299;
    report.returns.units = 3_228;
    report.returns.value_millipounds = 8_178_480;
    report
        .rejected_rows
        .add(RefusalReason::MissingCustomer, 15_631);
    report
        .revenue_by_month
        .insert("2010-12".to_owned(), 572_713_890);
    report.top_customers = [("18102", 27_834_610, 1), ("15061", 19_950_660, 12)]
        .map(|(customer, revenue_millipounds, orders)| TopCustomer {
            customer: customer.to_owned(),
            revenue_millipounds,
            orders,
        })
        .into();
    assert_eq!(
        report.to_text(),
        "\
Log
  rows                            42,481

Orders
  placed                           1,400
  lines                           26,157
  units                          312,265
  revenue                   £572,713.890
  customers                          885
  stock codes                      2,411

Returns
  rows                               299
  units                            3,228
  value                       £8,178.480

Rejected rows
  MissingCustomer                 15,631
  NonPositiveQuantity                  0
  NonPositivePrice                     0
  NothingOutstanding                   0
  ExceedsOutstanding                   0
  NotAnOrder                           0
  total                           15,631

Revenue by month
  2010-12                   £572,713.890

Revenue by country
  none

Top customers
  18102                      £27,834.610    1 order
  15061                      £19,950.660  12 orders
"
    );
}
