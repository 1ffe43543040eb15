use super::CargoArguments;

#[test]
fn the_callers_arguments_are_added_without_getting_in_the_way() {
    let cases = [
        (
            "",
            Some("test --workspace --no-run"),
            "test --workspace --no-fail-fast",
        ),
        (
            "-p tests",
            Some("test --no-run -p tests"),
            "test --no-fail-fast -p tests",
        ),
        (
            "-ptests",
            Some("test --no-run -ptests"),
            "test --no-fail-fast -ptests",
        ),
        (
            "--package=tests",
            Some("test --no-run --package=tests"),
            "test --no-fail-fast --package=tests",
        ),
        (
            "--workspace",
            Some("test --no-run --workspace"),
            "test --no-fail-fast --workspace",
        ),
        (
            "--release",
            Some("test --workspace --no-run --release"),
            "test --workspace --no-fail-fast --release",
        ),
        (
            "--no-fail-fast",
            Some("test --workspace --no-run --no-fail-fast"),
            "test --workspace --no-fail-fast",
        ),
        ("--doc", None, "test --workspace --no-fail-fast --doc"),
        (
            "-- -p",
            Some("test --workspace --no-run"),
            "test --workspace --no-fail-fast -- -p",
        ),
        (
            "append -- --nocapture",
            Some("test --workspace --no-run append"),
            "test --workspace --no-fail-fast append -- --nocapture",
        ),
    ];
    for (added, build, test) in cases {
        let added: Vec<String> = added.split_whitespace().map(str::to_owned).collect();
        let arguments = CargoArguments::new(&added);
        assert_eq!(
            arguments.build().map(|words| words.join(" ")).as_deref(),
            build,
            "{added:?}"
        );
        assert_eq!(arguments.test().join(" "), test, "{added:?}");
    }
}

#[test]
fn what_is_left_out_stands_among_the_arguments_of_the_programs() {
    for (added, test) in [
        (
            "",
            "test --workspace --no-fail-fast -- --skip long --skip longer",
        ),
        (
            "append -- --nocapture",
            "test --workspace --no-fail-fast append -- --nocapture --skip long --skip longer",
        ),
    ] {
        let added: Vec<String> = added.split_whitespace().map(str::to_owned).collect();
        let arguments = CargoArguments::new(&added).leaving_out(&["long", "longer"]);
        assert_eq!(arguments.test().join(" "), test);
        assert!(
            arguments
                .build()
                .is_some_and(|words| !words.contains(&"--".to_owned()))
        );
    }
}
