use std::error::Error;
use std::sync::mpsc::{RecvTimeoutError, channel};
use std::thread;
use std::time::{Duration, Instant};

use test_servers::{Options, Postgres};

use crate::postgres_is_installed;
use crate::wire::Client;

type TestResult = Result<(), Box<dyn Error>>;

/// What must not come would come within this on every machine.
const MOMENT: Duration = Duration::from_millis(300);

#[test]
fn a_frozen_server_answers_nobody_until_it_is_thawed() -> TestResult {
    if !postgres_is_installed("a_frozen_server_answers_nobody_until_it_is_thawed") {
        return Ok(());
    }
    let mut server = Postgres::start(Options::fast())?;
    let mut client = Client::connect(server.port())?;
    client.query("CREATE TABLE kept AS SELECT 7 AS n")?;
    for _ in 0..2 {
        server.freeze()?;
        server.freeze()?;
        let port = server.port();
        let (answered, answers) = channel();
        let of_connecting = answered.clone();
        let asking = thread::spawn(move || {
            let answer = client.query("SELECT n FROM kept");
            // Nobody listens any more once the server was thawed.
            let _ = answered.send("who asked");
            Ok::<_, std::io::Error>((client, answer?))
        });
        // The kernel accepts connections for the server, but nobody greets the client.
        let connecting = thread::spawn(move || {
            let connected = Client::connect(port).and_then(|mut client| client.query("SELECT 1"));
            let _ = of_connecting.send("who connected");
            connected
        });
        let answer = answers.recv_timeout(MOMENT);
        assert_eq!(answer, Err(RecvTimeoutError::Timeout));
        server.thaw()?;
        server.thaw()?;
        let asked = asking.join().map_err(|_| "the asking thread panicked")??;
        assert_eq!(asked.1, ["7"]);
        client = asked.0;
        let connected = connecting
            .join()
            .map_err(|_| "the connecting thread panicked")??;
        assert_eq!(connected, ["1"]);
    }
    Ok(())
}

#[test]
fn a_frozen_server_can_be_ended_in_every_way() -> TestResult {
    if !postgres_is_installed("a_frozen_server_can_be_ended_in_every_way") {
        return Ok(());
    }
    let mut server = Postgres::start(Options::fast())?;
    Client::connect(server.port())?.query("CREATE TABLE kept AS SELECT 7 AS n")?;
    let began = Instant::now();
    server.freeze()?;
    server.restart()?;
    server.freeze()?;
    server.kill()?;
    server.freeze()?;
    server.restart()?;
    assert_eq!(
        Client::connect(server.port())?.query("SELECT n FROM kept")?,
        ["7"]
    );
    server.freeze()?;
    let folder = server.folder().to_owned();
    drop(server);
    assert!(!folder.exists());
    // None of them waited until a limit was over.
    assert!(
        began.elapsed() < Duration::from_secs(10),
        "{:?}",
        began.elapsed()
    );
    Ok(())
}
