use std::time::Duration;

use super::{PostgresOptions, redacted, server_milliseconds};

#[test]
fn redacted_urls_keep_what_helps_and_no_password() {
    let cases = [
        (
            "postgres://app:secret@db:5432/shop",
            "postgres://app:***@db:5432/shop",
        ),
        (
            "postgres://app:se@cret@db/shop",
            "postgres://app:***@db/shop",
        ),
        (
            "postgres://app:se?cret@db/shop",
            "postgres://app:***@db/shop",
        ),
        ("postgres://app@db/shop", "postgres://app@db/shop"),
        (
            "postgres://db/shop?password=secret",
            "postgres://db/shop?***",
        ),
        (
            "postgres://a:secret@db/shop?password=secret",
            "postgres://a:***@db/shop?***",
        ),
        ("app:secret@db", "app:***@db"),
        ("", ""),
    ];
    for (url, expected) in cases {
        assert_eq!(redacted(url), expected, "of {url}");
    }
}

#[test]
fn an_answer_is_waited_for_longer_than_the_server_works_unless_told_otherwise() {
    let seconds = Duration::from_secs;
    let options = PostgresOptions::new("postgres://db/shop");
    assert_eq!(options.answer_timeout(), seconds(35));
    for (statement, answer) in [(0, 35), (1, 6), (60, 65)] {
        let options = options.clone().with_statement_timeout(seconds(statement));
        assert_eq!(options.answer_timeout(), seconds(answer), "{statement} s");
        let options = options.with_answer_timeout(seconds(2));
        assert_eq!(options.answer_timeout(), seconds(2));
    }
    let options = options.with_answer_timeout(Duration::ZERO);
    assert_eq!(options.answer_timeout(), Duration::from_millis(1));
}

#[test]
fn only_no_limit_is_sent_as_no_limit() {
    assert_eq!(server_milliseconds(Duration::ZERO), 0);
    assert_eq!(server_milliseconds(Duration::from_nanos(1)), 1);
    assert_eq!(server_milliseconds(Duration::from_millis(1500)), 1500);
    assert_eq!(server_milliseconds(Duration::MAX), i32::MAX);
}
