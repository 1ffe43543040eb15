//! `ordering show`.

use crate::binary::{Ran, TestResult, import, run};
use crate::place::{Place, on_postgres, on_sqlite};
use crate::sample::csv;

/// A customer who bought twice and returned: once what they had, once more than that.
fn with_customer(place: &Place) -> TestResult {
    let log = csv(&[
        "1,A,,5,2011-01-01 10:00:00,1.5,7,UK",
        "C2,A,,-2,2011-01-02 10:00:00,1.5,7,UK",
        "C2,A,,-4,2011-01-02 10:00:00,1.5,7,UK",
        "3,B,,1,2011-01-03 10:00:00,0.005,7,UK",
    ]);
    let file = place.write("log.csv", log)?;
    Ran::of(import(&file, &place.store).output()?)?.succeeded()?;
    Ok(())
}

fn show(place: &Place, line: &str) -> TestResult<Ran> {
    let words = ["show", "--store", &place.store];
    run(words.into_iter().chain(line.split(' ')))
}

/// The title, the state, and the types of the events.
fn shown(ran: Ran) -> TestResult<(String, serde_json::Value, Vec<String>)> {
    let text = ran.succeeded()?.stdout;
    let (title, rest) = text.split_once('\n').ok_or("a title")?;
    let (state, events) = rest.split_once("\n\n").ok_or("a state")?;
    let mut events = events.lines();
    let columns: Vec<&str> = events.next().ok_or("columns")?.split_whitespace().collect();
    assert_eq!(columns, ["version", "position", "occurred", "event"]);
    let mut types = Vec::new();
    for (number, event) in events.enumerate() {
        let words: Vec<&str> = event.split_whitespace().collect();
        assert_eq!(words[0], (number + 1).to_string());
        types.push(words[4].to_owned());
    }
    Ok((title.to_owned(), serde_json::from_str(state)?, types))
}

fn a_customer_then_and_now(place: &Place) -> TestResult {
    with_customer(place)?;
    let (title, state, events) = shown(show(place, "customer 7")?)?;
    assert_eq!(title, "customer 7 at version 4");
    assert_eq!(
        state,
        serde_json::json!({
            "outstanding": {"A": 3, "B": 1},
            "orders": ["1", "3"],
            "taken_back": [],
            "returns": {"C2/1": "Taken", "C2/2": {"Refused": "ExceedsOutstanding"}},
        })
    );
    assert_eq!(
        events,
        [
            "PurchaseRecorded",
            "ItemsReturned",
            "ReturnRefused",
            "PurchaseRecorded"
        ]
    );

    let (title, state, events) = shown(show(place, "customer 7 --at 1")?)?;
    assert_eq!(title, "customer 7 at version 1");
    assert_eq!(state["outstanding"], serde_json::json!({"A": 5}));
    assert_eq!(state["returns"], serde_json::json!({}));
    assert_eq!(events, ["PurchaseRecorded"]);
    Ok(())
}

#[test]
fn a_customer_then_and_now_on_sqlite() -> TestResult {
    on_sqlite(a_customer_then_and_now)
}

#[test]
fn a_customer_then_and_now_on_postgres() -> TestResult {
    on_postgres(
        "a_customer_then_and_now_on_postgres",
        a_customer_then_and_now,
    )
}

#[test]
fn an_order() -> TestResult {
    on_sqlite(|place| {
        with_customer(place)?;
        let (title, state, events) = shown(show(place, "order 3")?)?;
        assert_eq!(title, "order 3 at version 1");
        assert_eq!(
            state,
            serde_json::json!({
                "customer": "7",
                "lines": [{
                    "stock_code": "B",
                    "quantity": 1,
                    "unit_price": 5,
                    "invoiced_at": "2011-01-03T10:00:00",
                    "country": "UK",
                }],
                "cancelled": false,
            })
        );
        assert_eq!(events, ["OrderPlaced"]);
        Ok(())
    })
}

#[test]
fn what_is_not_there_is_refused() -> TestResult {
    on_sqlite(|place| {
        with_customer(place)?;
        let long = "9".repeat(1_000);
        for (line, part) in [
            ("customer 8", "there is no customer 8 in this store"),
            ("order C2", "there is no order C2 in this store"),
            (
                "order 1 --at 2",
                "order 1 has no version 2 yet: the newest is 1",
            ),
            (
                "customer ",
                "no customer can have that id: stream key is empty",
            ),
            (&format!("order {long}"), "no order can have that id"),
        ] {
            show(place, line)?.refused(2, &[part]);
        }
        Ok(())
    })
}
