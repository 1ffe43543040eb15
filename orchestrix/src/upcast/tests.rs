use serde_json::{Value, json};

use super::{Chain, Hop, UpcastError};

fn mark(value: Value, with: &str) -> Value {
    json!(format!("{}{with}", value.as_str().unwrap_or_default()))
}

fn one_to_two() -> Hop {
    Hop::new(1, |value| Ok(mark(value, "a")))
}

fn two_to_three() -> Hop {
    Hop::new(2, |value| Ok(mark(value, "b")))
}

#[test]
fn each_hop_runs_once_and_in_order() {
    let chain = Chain::new("Sold", 3, vec![two_to_three(), one_to_two()]);
    for (from, expected) in [(1, "ab"), (2, "b"), (3, "")] {
        assert_eq!(chain.upcast(from, json!("")).ok(), Some(json!(expected)));
    }
    assert_eq!(chain.readable(), [1, 2, 3]);
    assert!(chain.problems().is_empty());
}

#[test]
fn what_cannot_work_is_named() {
    let cases: [(Vec<Hop>, u32, &str); 5] = [
        (
            vec![one_to_two()],
            1,
            "event `Sold` has no upcaster from schema version 2 to 3",
        ),
        (
            vec![two_to_three()],
            1,
            "event `Sold` has no upcaster from schema version 1 to 2",
        ),
        (
            vec![],
            4,
            "event `Sold` was stored with schema version 4, this program knows up to 3",
        ),
        (
            vec![one_to_two()],
            0,
            "event `Sold` has no upcaster from schema version 0 to 1",
        ),
        (
            vec![Hop::new(1, |_| Err("no".into())), two_to_three()],
            1,
            "the upcaster of event `Sold` from schema version 1 to 2 failed",
        ),
    ];
    for (hops, from, expected) in cases {
        let error = Chain::new("Sold", 3, hops)
            .upcast(from, json!(""))
            .map_err(|e| e.to_string());
        assert_eq!(error, Err(expected.to_owned()));
    }
}

#[test]
fn a_chain_knows_its_problems() {
    let chain = Chain::new("Sold", 3, vec![one_to_two(), one_to_two(), Hop::new(3, Ok)]);
    let problems = chain.problems();
    assert!(
        matches!(
            problems[..],
            [
                UpcastError::Doubled { from: 1, .. },
                UpcastError::Missing { from: 2, to: 3, .. },
                UpcastError::Beyond {
                    from: 3,
                    current: 3,
                    ..
                }
            ]
        ),
        "{problems:?}"
    );
    assert_eq!(chain.readable(), [3]);
}
