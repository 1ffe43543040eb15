//! Names of streams and tenants, good and bad.

use orchestrix::error::chain;
use orchestrix::store::{NameError, StreamId, TenantId};

#[test]
fn a_name_that_no_store_keeps_says_what_is_wrong_with_it() {
    let long = "x".repeat(600);
    let half = "x".repeat(256);
    let stream = |category: &str, key: &str| StreamId::new(category, key).map(drop);
    let parsed = |name: &str| name.parse::<StreamId>().map(drop);
    let tenant = |name: &str| TenantId::new(name).map(drop);
    let cases = [
        (stream("", "7"), "stream category is empty"),
        (stream("order", ""), "stream key is empty"),
        (
            stream(&long, "7"),
            "stream category has 600 bytes, at most 512 are allowed",
        ),
        (
            stream("order", &long),
            "stream key has 600 bytes, at most 512 are allowed",
        ),
        (
            stream(&half, &half),
            "stream name has 513 bytes, at most 512 are allowed",
        ),
        (
            stream("web-order", "7"),
            "stream category `web-order` holds a hyphen, which separates category and key; use `_`",
        ),
        (
            stream("order", "7\n8"),
            "stream key holds the control character U+000A at byte 1",
        ),
        (
            parsed("order"),
            "stream name `order` has no category: write it as `category-key`",
        ),
        (parsed("-7"), "stream category is empty"),
        (parsed("order-"), "stream key is empty"),
        (tenant(""), "tenant id is empty"),
        (
            tenant(&half),
            "tenant id has 256 bytes, at most 128 are allowed",
        ),
        (
            tenant("a\0"),
            "tenant id holds the control character U+0000 at byte 1",
        ),
    ];
    for (outcome, expected) in cases {
        let error = outcome.expect_err(expected);
        assert_eq!(chain(&error), expected);
    }
}

#[test]
fn the_longest_names_are_accepted() -> Result<(), NameError> {
    let stream = StreamId::new(&"x".repeat(255), &"y".repeat(256))?;
    assert_eq!(stream.name().len(), 512);
    assert_eq!(stream.name().parse::<StreamId>()?, stream);
    assert_eq!(TenantId::new("z".repeat(128))?.as_str().len(), 128);
    Ok(())
}

#[test]
fn the_variants_carry_what_is_needed_to_act() {
    assert_eq!(
        StreamId::new("order", &"x".repeat(507)),
        Err(NameError::TooLong {
            what: "stream name",
            bytes: 513,
            limit: 512,
        })
    );
    assert_eq!(
        StreamId::new("web-order", "7"),
        Err(NameError::HyphenInCategory {
            category: "web-order".to_owned(),
        })
    );
    assert_eq!(
        "order".parse::<StreamId>(),
        Err(NameError::NoCategory {
            name: "order".to_owned(),
        })
    );
}
