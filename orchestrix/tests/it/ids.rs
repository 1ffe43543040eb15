//! What `#[derive(Id)]` and `#[id]` give.

use orchestrix::prelude::*;
use serde_json::json;
use uuid::Uuid;

#[derive(Id, Debug, Clone, PartialEq, Eq, Hash)]
struct Country(String);

#[derive(Id, Debug, Clone, Copy, PartialEq, Eq)]
struct Invoice(u32);

#[derive(Id, Debug, Clone, Copy, PartialEq, Eq)]
struct OrderId(Uuid);

/// Text, JSON and key of an id, and back.
fn check<T>(id: T, text: &str, json: serde_json::Value)
where
    T: Key + std::fmt::Display + std::str::FromStr + Serialize + for<'de> Deserialize<'de>,
    T: PartialEq + std::fmt::Debug,
    T::Err: std::fmt::Debug,
{
    assert_eq!(id.to_string(), text);
    assert_eq!(id.to_key(), text);
    assert_eq!(text.parse::<T>().expect("its own text is an id"), id);
    assert_eq!(serde_json::to_value(&id).expect("ids are JSON"), json);
    assert_eq!(
        serde_json::from_value::<T>(json).expect("its own JSON is an id"),
        id
    );
}

#[test]
fn ids_are_what_is_inside() {
    check(Country::from("EIRE".to_owned()), "EIRE", json!("EIRE"));
    check(Invoice::from(536_365), "536365", json!(536_365));
    let uuid = Uuid::from_u128(7);
    check(OrderId(uuid), &uuid.to_string(), json!(uuid.to_string()));
}

#[test]
fn the_inner_type_says_what_is_no_id() {
    let error = "53x".parse::<Invoice>().expect_err("it is no number");
    assert_eq!(error, "53x".parse::<u32>().expect_err("it is no number"));
    assert!("7".parse::<OrderId>().is_err());
    assert!(serde_json::from_value::<Invoice>(json!("7")).is_err());
}

#[test]
fn formatting_is_passed_on() {
    assert_eq!(
        format!("{:>8}|{:<4}|", Invoice(7), Country("UK".into())),
        "       7|UK  |"
    );
}

#[test]
fn ids_are_keys_of_maps() {
    let sold = std::collections::HashMap::from([(Country("UK".into()), 5)]);
    let json = serde_json::to_string(&sold).expect("text ids are keys in JSON");
    assert_eq!(json, r#"{"UK":5}"#);
}

#[test]
fn the_id_field_names_the_stream() {
    #[derive(Command)]
    struct Send {
        weight: u32,
        #[id]
        order: OrderId,
    }
    #[derive(Command)]
    struct Pay(#[id] Invoice, i64);

    let send = Send {
        weight: 5,
        order: OrderId(Uuid::from_u128(7)),
    };
    assert_eq!(send.stream_key(), Uuid::from_u128(7).to_string());
    let copy = send.duplicate();
    assert_eq!((copy.weight, copy.order), (send.weight, send.order));

    let pay = Pay(Invoice(3), 100);
    assert_eq!(pay.stream_key(), "3");
    assert_eq!(pay.duplicate().1, 100);
    assert_eq!(Pay::NAME, "Pay");
}
