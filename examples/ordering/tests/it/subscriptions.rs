//! `ordering subscriptions`.

use serde_json::Value;

use crate::binary::{Ran, TestResult, import, run};
use crate::place::{Place, on_postgres, on_sqlite};
use crate::sample::csv;

const NAMES: [&str; 12] = [
    "current_orders@1",
    "fulfilled_orders@1",
    "orders_by_customer@1",
    "revenue_by_country@1",
    "revenue_by_month@1",
    "saga.fulfilment",
    "saga_records@1",
    "shop.complete_purchase",
    "shop.take_back_cancelled",
    "sold_stock@1",
    "top_customers@2",
    "totals@1",
];

fn listed(place: &Place) -> TestResult {
    let log = csv(&["1,A,,5,2011-01-01 10:00:00,1.5,7,UK"]);
    let file = place.write("log.csv", log)?;
    Ran::of(import(&file, &place.store).output()?)?.succeeded()?;
    let json = run(["subscriptions", "--store", &place.store, "--report", "json"])?;
    let json: Vec<Value> = serde_json::from_str(&json.succeeded()?.stdout)?;
    let names: Vec<_> = json.iter().map(|each| each["name"].clone()).collect();
    assert_eq!(names, NAMES);
    for each in &json {
        assert_eq!(each["state"], "live", "{each}");
        assert_eq!(each["lag_events"], 0, "{each}");
        assert_eq!(each["lag_seconds"], Value::Null, "{each}");
        assert_eq!(each["failures"], 0, "{each}");
        assert_eq!(each["dead_letters"], 0, "{each}");
        assert!(each["position"].as_u64() > Some(0), "{each}");
    }
    let text = run(["subscriptions", "--store", &place.store])?
        .succeeded()?
        .stdout;
    let mut lines = text.lines();
    let title: Vec<_> = lines.next().ok_or("a title")?.split_whitespace().collect();
    assert_eq!(title[0], "subscription");
    let named: Vec<_> = lines
        .filter_map(|line| line.split_whitespace().next())
        .collect();
    assert_eq!(named, NAMES);
    Ok(())
}

#[test]
fn they_are_listed_on_sqlite() -> TestResult {
    on_sqlite(listed)
}

#[test]
fn they_are_listed_on_postgres() -> TestResult {
    on_postgres("they_are_listed_on_postgres", listed)
}

#[test]
fn of_a_shop_that_is_not_there() -> TestResult {
    let ran = run(["subscriptions", "--store", "sqlite:/nowhere/shop.db"])?;
    ran.refused(1, &["there is no such file"]);
    Ok(())
}
