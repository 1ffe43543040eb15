use super::*;

#[test]
fn prices_are_exact_thousandths() {
    let cases = [
        ("2.55", Some(2_550)),
        ("0", Some(0)),
        ("0.0", Some(0)),
        ("-0.001", Some(-1)),
        ("0.001", Some(1)),
        ("25.0", Some(25_000)),
        ("11062.06", Some(11_062_060)),
        ("-11062.06", Some(-11_062_060)),
        ("0042.5", Some(42_500)),
        ("9223372036854775.807", Some(i64::MAX)),
        ("-9223372036854775.807", Some(-i64::MAX)),
        ("9223372036854775.808", None),
        ("9223372036854776", None),
        ("99999999999999999999", None),
        ("2.5555", None),
        ("2.", None),
        (".5", None),
        ("-", None),
        ("", None),
        ("+1", None),
        ("1e3", None),
        ("1,50", None),
        ("1.-5", None),
        ("--1", None),
        (" 1", None),
        ("NaN", None),
        ("٣", None),
    ];
    for (text, expected) in cases {
        assert_eq!(millipounds(text), expected, "{text:?}");
    }
}

#[test]
fn quantities_are_whole_numbers() {
    let cases = [
        ("6", Some(6)),
        ("-80995", Some(-80_995)),
        ("0", Some(0)),
        ("9223372036854775807", Some(i64::MAX)),
        ("9223372036854775808", None),
        ("6.0", None),
        ("+6", None),
        ("six", None),
        ("-", None),
        ("", None),
    ];
    for (text, expected) in cases {
        assert_eq!(quantity(text), expected, "{text:?}");
    }
}

#[test]
fn dates_have_one_form_and_exist() {
    assert_eq!(
        date("2010-12-01 08:26:00"),
        Some(jiff::civil::datetime(2010, 12, 1, 8, 26, 0, 0))
    );
    assert!(date("2012-02-29 23:59:59").is_some());
    for text in [
        "2011-02-29 00:00:00",
        "2010-13-01 00:00:00",
        "2010-12-01 24:00:00",
        "2010-12-01 23:59:60",
        "2010-12-01T08:26:00",
        "2010-12-01 08:26",
        "2010-12-01",
        "12/1/2010 8:26",
        "2010-12-01 08:26:00 ",
        "2010-12-01 08:26:00:00",
        "2010-12-1 08:26:00",
        "-010-12-01 08:26:00",
        "",
    ] {
        assert_eq!(date(text), None, "{text:?}");
    }
}

#[test]
fn customers_lose_only_the_decimal_that_says_nothing() {
    let cases = [
        ("17850.0", Some("17850")),
        ("17850", Some("17850")),
        ("0", Some("0")),
        ("17850.5", None),
        ("17850.00", None),
        (".0", None),
        ("-1", None),
        ("C17850", None),
        (" ", None),
    ];
    for (text, expected) in cases {
        assert_eq!(customer(text), expected, "{text:?}");
    }
}
