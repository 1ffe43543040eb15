use super::redacted;

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
