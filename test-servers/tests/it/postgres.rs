use std::error::Error;
use std::net::{Ipv4Addr, TcpListener};
use std::thread;

use test_servers::{Availability, Options, Postgres, ServerError, postgres_url};

use crate::postgres_is_installed;
use crate::wire::Client;

type TestResult = Result<(), Box<dyn Error>>;

#[test]
fn a_started_server_answers_and_a_dropped_one_leaves_nothing() -> TestResult {
    if !postgres_is_installed("a_started_server_answers_and_a_dropped_one_leaves_nothing") {
        return Ok(());
    }
    let server = Postgres::start(Options::fast())?;
    let (folder, port) = (server.folder().to_owned(), server.port());
    assert_eq!(
        server.url(),
        format!("postgres://postgres@127.0.0.1:{port}/postgres")
    );
    assert_eq!(
        server.url_for("é/1"),
        format!("postgres://postgres@127.0.0.1:{port}/%C3%A9%2F1")
    );
    assert_eq!(
        Client::connect(port)?.query("SELECT current_user")?,
        ["postgres"]
    );
    assert!(folder.join("data").is_dir());

    drop(server);
    assert!(!folder.exists(), "{} is still there", folder.display());
    assert!(
        Client::connect(port).is_err(),
        "the port {port} is still served"
    );
    Ok(())
}

#[test]
fn options_decide_what_commits_wait_for() -> TestResult {
    if !postgres_is_installed("options_decide_what_commits_wait_for") {
        return Ok(());
    }
    let cases = [
        (Options::fast(), "fsync", "off"),
        (Options::fast(), "synchronous_commit", "off"),
        (Options::fast(), "full_page_writes", "off"),
        (Options::durable(), "fsync", "on"),
        (Options::durable(), "synchronous_commit", "on"),
        (Options::durable(), "full_page_writes", "on"),
        (
            Options::fast().with_setting("max_connections", "17"),
            "max_connections",
            "17",
        ),
    ];
    // Equal options stand side by side: one server answers for all of them.
    for same in cases.chunk_by(|left, right| left.0 == right.0) {
        let server = Postgres::start(same[0].0.clone())?;
        let mut client = Client::connect(server.port())?;
        for (options, name, expected) in same {
            assert_eq!(
                client.query(&format!("SHOW {name}"))?,
                [*expected],
                "{name} with {options:?}"
            );
        }
    }
    Ok(())
}

#[test]
fn a_killed_server_restarts_with_what_was_committed() -> TestResult {
    if !postgres_is_installed("a_killed_server_restarts_with_what_was_committed") {
        return Ok(());
    }
    let mut server = Postgres::start(Options::durable())?;
    let (url, folder) = (server.url(), server.folder().to_owned());
    let mut client = Client::connect(server.port())?;
    client.query("CREATE TABLE kept (n int)")?;

    for round in 1..=3 {
        client.query(&format!("INSERT INTO kept VALUES ({round})"))?;
        client.query("BEGIN")?;
        client.query("INSERT INTO kept VALUES (-1)")?;
        let killed = server.pid();
        server.kill()?;
        assert_eq!(server.pid(), None);
        assert!(
            client.query("COMMIT").is_err(),
            "a killed server acknowledged a commit"
        );

        server.restart()?;
        assert_ne!(server.pid(), killed);
        assert_eq!(
            (server.url(), server.folder()),
            (url.clone(), folder.as_path())
        );
        client = Client::connect(server.port())?;
        let expected: Vec<String> = (1..=round).map(|n| n.to_string()).collect();
        assert_eq!(client.query("SELECT n FROM kept ORDER BY n")?, expected);
    }
    Ok(())
}

#[test]
fn a_server_that_is_dropped_while_killed_leaves_nothing() -> TestResult {
    if !postgres_is_installed("a_server_that_is_dropped_while_killed_leaves_nothing") {
        return Ok(());
    }
    let mut server = Postgres::start(Options::fast())?;
    let folder = server.folder().to_owned();
    let lock_file = std::fs::read_to_string(folder.join("data/postmaster.pid"))?;
    let block = lock_file
        .lines()
        .nth(6)
        .and_then(|line| line.split_whitespace().nth(1));
    let block = block.ok_or("no block of shared memory in the lock file")?;
    server.kill()?;
    drop(server);
    assert!(!folder.exists());
    // Linux lists the blocks of shared memory here, the id in the second column.
    if let Ok(blocks) = std::fs::read_to_string("/proc/sysvipc/shm") {
        let left = blocks
            .lines()
            .find(|line| line.split_whitespace().nth(1) == Some(block));
        assert_eq!(left, None, "the block {block} is left");
    }
    Ok(())
}

#[test]
fn stop_and_restart_can_be_asked_for_in_any_state() -> TestResult {
    if !postgres_is_installed("stop_and_restart_can_be_asked_for_in_any_state") {
        return Ok(());
    }
    let mut server = Postgres::start(Options::fast())?;
    Client::connect(server.port())?.query("CREATE TABLE kept AS SELECT 7 AS n")?;
    server.restart()?;
    assert_eq!(
        Client::connect(server.port())?.query("SELECT n FROM kept")?,
        ["7"]
    );
    server.stop()?;
    server.stop()?;
    server.kill()?;
    assert!(
        Client::connect(server.port()).is_err(),
        "a stopped server answered"
    );
    server.restart()?;
    assert_eq!(
        Client::connect(server.port())?.query("SELECT n FROM kept")?,
        ["7"]
    );
    Ok(())
}

#[test]
fn a_server_that_cannot_start_says_why_and_leaves_nothing() -> TestResult {
    if !postgres_is_installed("a_server_that_cannot_start_says_why_and_leaves_nothing") {
        return Ok(());
    }
    let error = Postgres::start(Options::fast().with_setting("no_such_setting", "1")).err();
    let Some(ServerError::EndedEarly { log, .. }) = &error else {
        panic!("not an early end: {error:?}")
    };
    assert!(
        log.contains("no_such_setting"),
        "the log's end does not name the cause: {log}"
    );
    Ok(())
}

#[test]
fn a_restart_waits_until_its_port_is_free_again() -> TestResult {
    if !postgres_is_installed("a_restart_waits_until_its_port_is_free_again") {
        return Ok(());
    }
    let mut server = Postgres::start(Options::fast())?;
    server.kill()?;
    let squatter = TcpListener::bind((Ipv4Addr::LOCALHOST, server.port()))?;
    let log = server.folder().join("server.log");
    let leaving = thread::spawn(move || {
        crate::condition::eventually("a start that finds its port taken", || {
            std::fs::read_to_string(&log).is_ok_and(|text| text.contains("Address already in use"))
        });
        drop(squatter);
    });
    server.restart()?;
    leaving
        .join()
        .map_err(|_| "the thread that holds the port failed")?;
    assert_eq!(Client::connect(server.port())?.query("SELECT 1")?, ["1"]);
    Ok(())
}

#[test]
fn servers_start_side_by_side() -> TestResult {
    if !postgres_is_installed("servers_start_side_by_side") {
        return Ok(());
    }
    let starting: Vec<_> = (0..4)
        .map(|_| thread::spawn(|| Postgres::start(Options::fast())))
        .collect();
    let mut ports = Vec::new();
    let mut servers = Vec::new();
    for thread in starting {
        let server = thread.join().map_err(|_| "a start panicked")??;
        assert_eq!(Client::connect(server.port())?.query("SELECT 1")?, ["1"]);
        ports.push(server.port());
        servers.push(server);
    }
    ports.sort_unstable();
    ports.dedup();
    assert_eq!(ports.len(), servers.len());
    Ok(())
}

#[test]
fn all_tests_of_a_process_share_one_server() {
    if !postgres_is_installed("all_tests_of_a_process_share_one_server") {
        return;
    }
    let asking: Vec<_> = (0..4).map(|_| thread::spawn(postgres_url)).collect();
    let mut answers: Vec<Availability> = asking
        .into_iter()
        .filter_map(|thread| thread.join().ok())
        .collect();
    assert_eq!(answers.len(), 4);
    answers.dedup();
    assert!(
        matches!(answers.as_slice(), [Availability::Available(_)]),
        "{answers:?}"
    );
}
