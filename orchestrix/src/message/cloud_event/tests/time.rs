use super::*;

#[track_caller]
fn check(text: &str, instant: &str) {
    let event = accept(json!({"time": text}));
    assert_eq!(event.time(), Some(text));
    assert_eq!(event.timestamp().unwrap().to_string(), instant);
}

#[test]
fn text_is_kept_and_the_instant_understood() {
    check("2018-04-05T17:31:00Z", "2018-04-05T17:31:00Z");
    check("2018-04-05t17:31:00z", "2018-04-05T17:31:00Z");
    check("2018-04-05T17:31:00-00:00", "2018-04-05T17:31:00Z");
    check("2018-04-05T23:31:00.120+05:45", "2018-04-05T17:46:00.12Z");
    check(
        "2018-04-05T00:00:00.123456789987Z",
        "2018-04-05T00:00:00.123456789Z",
    );
    check("2020-02-29T23:59:59-23:59", "2020-03-01T23:58:59Z");
    check("0000-01-01T00:00:00Z", "0000-01-01T00:00:00Z");
    check("9999-12-31T23:59:59Z", &Timestamp::MAX.to_string());
}

#[test]
fn leap_seconds_end_a_utc_day() {
    check("2016-12-31T23:59:60Z", "2016-12-31T23:59:59Z");
    check("2017-01-01T00:59:60+01:00", "2016-12-31T23:59:59Z");
    assert_eq!(
        refuse(json!({"time": "2016-12-31T22:59:60Z"})).attribute(),
        Some("time")
    );
}

#[test]
fn other_notations_are_refused() {
    let refused = [
        "2018-04-05",
        "2018-04-05T17:31Z",
        "2018-04-05T17:31:00",
        "2018-04-05 17:31:00Z",
        "2018-04-05T17:31:00.Z",
        "2018-04-05T17:31:00,5Z",
        "2018-04-05T17:31:00+05",
        "2018-04-05T17:31:00+0500",
        "2018-04-05T17:31:00+24:00",
        "2018-04-05T17:31:00+05:60",
        "2018-04-05T17:31:00Z[Europe/Prague]",
        "2018-04-05T17:31:61Z",
        "2018-04-05T24:00:00Z",
        "2018-02-29T00:00:00Z",
        "2018-13-01T00:00:00Z",
        "+2018-04-05T17:31:00Z",
        "18-04-05T17:31:00Z",
        "2018-04-05T17:31:00Z ",
        "２018-04-05T17:31:00Z",
    ];
    for text in refused {
        assert_eq!(
            refuse(json!({"time": text})).attribute(),
            Some("time"),
            "{text}"
        );
    }
}
