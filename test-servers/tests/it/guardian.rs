use std::error::Error;
use std::fs;
use std::io::{BufRead, BufReader};
use std::net::TcpStream;
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};

use rustix::process::{Pid, kill_process_group};
use test_servers::{Guardian, Signal, Target};

use crate::condition::eventually;
use crate::postgres_is_installed;

type TestResult = Result<(), Box<dyn Error>>;

/// A process that started a server, in a process group of its own.
struct Owner {
    child: Child,
    port: u16,
    folder: PathBuf,
}

impl Owner {
    fn start() -> Result<Self, Box<dyn Error>> {
        Self::start_with(&[])
    }

    fn start_with(options: &[&str]) -> Result<Self, Box<dyn Error>> {
        // A shell's background job ignores SIGINT and SIGQUIT, and so would all that it starts.
        let mut child = Command::new("env")
            .arg("--default-signal=INT,QUIT")
            .arg(env!("CARGO_BIN_EXE_throwaway-postgres"))
            .args(options)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .process_group(0)
            .spawn()?;
        let mut lines = BufReader::new(child.stdout.take().ok_or("no stdout")?).lines();
        let url = lines.next().ok_or("no URL")??;
        let folder = PathBuf::from(lines.next().ok_or("no folder")??);
        let port = url
            .split([':', '/'])
            .nth_back(1)
            .ok_or("no port in the URL")?
            .parse()?;
        Ok(Self {
            child,
            port,
            folder,
        })
    }

    fn serves(&self) -> bool {
        TcpStream::connect(("127.0.0.1", self.port)).is_ok()
    }
}

#[test]
fn a_server_ends_with_its_owner_however_that_ends() -> TestResult {
    if !postgres_is_installed("a_server_ends_with_its_owner_however_that_ends") {
        return Ok(());
    }
    // None of these runs a destructor: the owner has no signal handlers.
    let signals = [
        Signal::KILL,
        Signal::INT,
        Signal::TERM,
        Signal::HUP,
        Signal::QUIT,
    ];
    let mut owners = Vec::new();
    for signal in signals {
        owners.push((signal, Owner::start()?));
    }
    for (signal, owner) in &mut owners {
        assert!(owner.serves() && owner.folder.is_dir());
        kill_process_group(Pid::from_child(&owner.child), *signal)?;
        assert!(!owner.child.wait()?.success());
    }
    for (signal, owner) in &owners {
        eventually(&format!("the server's end after {signal:?}"), || {
            !owner.serves()
        });
        eventually(&format!("the folder's removal after {signal:?}"), || {
            !owner.folder.exists()
        });
    }
    Ok(())
}

/// Processes that stand still do not notice that others have gone, nor do they heed any signal but `SIGKILL`.
#[test]
fn a_frozen_server_ends_with_its_owner() -> TestResult {
    if !postgres_is_installed("a_frozen_server_ends_with_its_owner") {
        return Ok(());
    }
    let mut owner = Owner::start_with(&["--frozen"])?;
    assert!(owner.folder.is_dir() && owner.serves());
    kill_process_group(Pid::from_child(&owner.child), Signal::KILL)?;
    owner.child.wait()?;
    eventually("the folder of the frozen server goes away", || {
        !owner.folder.exists()
    });
    // The port is free only when none of the server's processes is left: each of them holds it.
    eventually("the frozen server goes away", || !owner.serves());
    Ok(())
}

#[test]
fn a_guardian_ends_what_it_watches_and_spares_what_it_forgot() -> TestResult {
    let folder = tempfile::tempdir()?;
    let guarded = folder.path().join("with 'quotes' and spaces");
    fs::create_dir(&guarded)?;
    fs::write(guarded.join("file"), "content")?;

    let mut processes = [sleeper()?, sleeper()?, sleeper()?];
    let [single, group, spared] = &mut processes;
    let mut guardian = Guardian::start(Some(&guarded))?;
    guardian.watch(Target::Process(Pid::from_child(single)), Signal::TERM)?;
    guardian.watch(Target::Process(Pid::from_child(spared)), Signal::TERM)?;
    guardian.watch(Target::Group(Pid::from_child(group)), Signal::KILL)?;
    guardian.forget(Target::Process(Pid::from_child(spared)))?;

    // Whole groups are asked for by their id, which they keep until they are reaped.
    let ended = std::thread::scope(|scope| {
        let waiting = scope.spawn(|| group.wait());
        drop(guardian);
        waiting.join()
    });
    assert!(!ended.map_err(|_| "waiting panicked")??.success());
    assert!(!single.wait()?.success());
    assert!(!guarded.exists());
    assert!(folder.path().exists());
    assert_eq!(spared.try_wait()?, None);
    spared.kill()?;
    spared.wait()?;
    Ok(())
}

#[test]
fn a_guardian_kills_what_ignores_its_signal() -> TestResult {
    let folder = tempfile::tempdir()?;
    let deaf_since = folder.path().join("deaf");
    let mut deaf = deaf_process(&deaf_since)?;
    eventually("the process ignores SIGTERM", || deaf_since.exists());
    let mut guardian = Guardian::start(None)?;
    guardian.watch(Target::Group(Pid::from_child(&deaf)), Signal::TERM)?;
    let status = std::thread::scope(|scope| {
        let waiting = scope.spawn(|| deaf.wait());
        drop(guardian);
        waiting.join()
    });
    let status = status.map_err(|_| "waiting panicked")??;
    assert_eq!(
        std::os::unix::process::ExitStatusExt::signal(&status),
        Some(Signal::KILL.as_raw())
    );
    Ok(())
}

fn sleeper() -> std::io::Result<Child> {
    Command::new("sleep").arg("600").process_group(0).spawn()
}

fn deaf_process(says_so_in: &Path) -> std::io::Result<Child> {
    let program = "trap '' TERM; : > \"$1\"; while :; do sleep 1; done";
    Command::new("sh")
        .args(["-c", program, "deaf"])
        .arg(says_so_in)
        .process_group(0)
        .spawn()
}
