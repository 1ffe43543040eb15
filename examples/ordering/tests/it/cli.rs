//! The command line's grammar.

use std::path::PathBuf;

use clap::error::ErrorKind;
use clap::{CommandFactory as _, Parser as _};
use ordering::cli::{Cli, Command, ReportFormat, StoreChoice, Subject, UnknownStore};

fn parse(line: &str) -> Result<Command, clap::Error> {
    let words = ["ordering"].into_iter().chain(line.split_whitespace());
    Cli::try_parse_from(words).map(|cli| cli.command)
}

#[test]
fn the_definition_is_consistent() {
    Cli::command().debug_assert();
}

#[test]
fn import_has_defaults() -> Result<(), clap::Error> {
    let Command::Import(import) = parse("import a.csv b.csv.gz")? else {
        panic!("not an import");
    };
    assert_eq!(
        import.files,
        [PathBuf::from("a.csv"), PathBuf::from("b.csv.gz")]
    );
    assert_eq!(
        import.store.choice,
        StoreChoice::Sqlite("ordering.db".into())
    );
    assert_eq!(import.concurrency, 64);
    assert_eq!(import.report.format, ReportFormat::Text);
    assert_eq!(import.rejects, None);
    Ok(())
}

#[test]
fn import_takes_every_option() -> Result<(), clap::Error> {
    let line = "import --store memory --concurrency 4096 a.csv --report json --rejects r.csv";
    let Command::Import(import) = parse(line)? else {
        panic!("not an import");
    };
    assert_eq!(import.store.choice, StoreChoice::Memory);
    assert_eq!(import.concurrency, 4096);
    assert_eq!(import.report.format, ReportFormat::Json);
    assert_eq!(import.rejects, Some("r.csv".into()));
    assert_eq!(import.files, [PathBuf::from("a.csv")]);
    Ok(())
}

#[test]
fn the_other_commands_have_their_options() -> Result<(), clap::Error> {
    assert_eq!(parse("demo")?, Command::Demo);
    let Command::Report(report) = parse("report --report json --store sqlite:/tmp/a.db")? else {
        panic!("not a report");
    };
    assert_eq!(report.report.format, ReportFormat::Json);
    assert_eq!(report.store.choice, StoreChoice::Sqlite("/tmp/a.db".into()));

    let Command::Show(show) = parse("show customer 17850 --at 3")? else {
        panic!("not a show");
    };
    assert_eq!(
        (show.subject, show.id.as_str(), show.at),
        (Subject::Customer, "17850", Some(3))
    );
    let Command::Show(show) = parse("show order 536365 --store postgresql://h/d")? else {
        panic!("not a show");
    };
    assert_eq!((show.subject, show.at), (Subject::Order, None));

    assert_eq!(
        show.store.choice,
        StoreChoice::Postgres("postgresql://h/d".into())
    );
    Ok(())
}

#[test]
fn fulfil_and_saga_have_their_options() -> Result<(), clap::Error> {
    let Command::Fulfil(fulfil) = parse("fulfil --stock 0 --report json --store memory")? else {
        panic!("not a fulfilment");
    };
    assert_eq!(
        (fulfil.stock, fulfil.report.format),
        (0, ReportFormat::Json)
    );
    assert_eq!(fulfil.store.choice, StoreChoice::Memory);
    let Command::Saga(saga) = parse("saga 536365")? else {
        panic!("not a saga");
    };
    assert_eq!(saga.id, "536365");
    assert_eq!(saga.store.choice, StoreChoice::Sqlite("ordering.db".into()));
    Ok(())
}

#[test]
fn wrong_usage_exits_with_2() {
    for line in [
        "",
        "import",
        "import a.csv --concurrency 0",
        "import a.csv --concurrency 4097",
        "import a.csv --concurrency many",
        "import a.csv --report xml",
        "import a.csv --store mysql://h/d",
        "import a.csv --at 3",
        "report a.csv",
        "report --rejects r.csv",
        "demo --store memory",
        "demo --report json",
        "show",
        "show customer",
        "show shop 1",
        "show order 1 --at -1",
        "show order 1 --report json",
        "fulfil",
        "fulfil --stock -1",
        "fulfil --stock 1000000001",
        "fulfil --stock many",
        "saga",
        "saga 1 2",
        "saga 1 --report json",
        "forget",
    ] {
        match parse(line) {
            Ok(command) => panic!("{line:?} is taken as {command:?}"),
            Err(error) => assert_eq!(error.exit_code(), 2, "{line:?}"),
        }
    }
}

#[test]
fn help_is_not_an_error_and_shows_examples() {
    for line in [
        "--help",
        "import --help",
        "report -h",
        "show --help",
        "fulfil --help",
        "saga -h",
    ] {
        match parse(line) {
            Ok(command) => panic!("{line:?} is taken as {command:?}"),
            Err(error) => {
                assert_eq!(error.kind(), ErrorKind::DisplayHelp, "{line:?}");
                assert_eq!(error.exit_code(), 0, "{line:?}");
                assert!(error.to_string().contains("Examples:\n"), "{error}");
            }
        }
    }
}

#[test]
fn a_wrong_store_is_answered_with_the_right_forms() {
    let cases = [
        ("sqlite:", UnknownStore::WithoutPath),
        ("postgres://", UnknownStore::Unknown),
        ("postgres:h/d", UnknownStore::Unknown),
        ("shop.db", UnknownStore::Unknown),
        ("Memory", UnknownStore::Unknown),
        ("", UnknownStore::Unknown),
    ];
    for (text, expected) in cases {
        assert_eq!(text.parse::<StoreChoice>(), Err(expected), "{text:?}");
    }
    let message = match parse("report --store shop.db") {
        Ok(command) => format!("{command:?}"),
        Err(error) => error.to_string(),
    };
    assert!(
        message.contains("'shop.db'") && message.contains("sqlite:PATH"),
        "{message}"
    );
}

#[test]
fn a_store_is_shown_without_its_password() {
    for (text, shown) in [
        ("memory", "memory"),
        ("sqlite:a b.db", "sqlite:a b.db"),
        ("postgres://h:5432/d", "postgres://h:5432/d"),
        ("postgres://me@h/d", "postgres://me@h/d"),
        ("postgres://me:secret@h/d", "postgres://me:***@h/d"),
        ("postgres://me:sec@r/et@h/d", "postgres://me:***@h/d"),
        (
            "postgresql://h/d?user=me&password=secret&sslmode=disable",
            "postgresql://h/d?user=me&password=***&sslmode=disable",
        ),
    ] {
        let store = text.parse::<StoreChoice>();
        assert_eq!(store.map(|s| s.to_string()), Ok(shown.to_owned()));
        let debug = format!("{:?}", text.parse::<StoreChoice>());
        assert!(!debug.contains("sec"), "{debug}");
    }
}
