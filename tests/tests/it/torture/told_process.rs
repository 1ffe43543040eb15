//! A process of which a test learns what it has done as soon as it has done it.

use std::io::Read as _;
use std::process::{Child, ChildStdout, Command, Stdio};

use orchestrix::error::BoxError;
use tokio::sync::watch;

use super::work::{PATIENCE, within};

/// A process that ends with the test, however that ends. Its standard output tells with a byte of each line that it has
/// [noted](tests::Notes).
pub(super) struct ToldProcess {
    child: Child,
    told: watch::Receiver<usize>,
}

impl ToldProcess {
    pub(super) fn start(command: &mut Command) -> Result<Self, BoxError> {
        let mut child = command
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()?;
        let output = child.stdout.take().ok_or("its output is not to be read")?;
        let (sender, told) = watch::channel(0);
        std::thread::spawn(move || listen(output, &sender));
        Ok(Self { child, told })
    }

    pub(super) fn child(&self) -> &Child {
        &self.child
    }

    /// How many lines it has noted, for as long as it runs.
    pub(super) fn told(&self) -> watch::Receiver<usize> {
        self.told.clone()
    }

    /// Waits until it has noted so many lines.
    pub(super) async fn comes_on(&mut self, lines: usize) -> Result<(), BoxError> {
        let what = format!("the process has noted {lines} lines");
        let coming = self.told.wait_for(|told| *told >= lines);
        let has_come = within(PATIENCE, &what, coming).await?.is_ok();
        match has_come {
            true => Ok(()),
            false => Err(ended(self.child.wait()?)),
        }
    }

    /// It must not have ended before: then nothing was killed.
    pub(super) fn kill(&mut self) -> Result<(), BoxError> {
        self.still_runs()?;
        self.child.kill()?;
        self.child.wait()?;
        Ok(())
    }

    pub(super) fn still_runs(&mut self) -> Result<(), BoxError> {
        match self.child.try_wait()? {
            None => Ok(()),
            Some(status) => Err(ended(status)),
        }
    }
}

impl Drop for ToldProcess {
    fn drop(&mut self) {
        // It may have ended already.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

fn ended(status: std::process::ExitStatus) -> BoxError {
    format!("the process ended by itself: {status}").into()
}

/// Until the output ends, which is with the process.
fn listen(mut output: ChildStdout, told: &watch::Sender<usize>) {
    let mut bytes = [0; 4_096];
    while let Ok(count @ 1..) = output.read(&mut bytes) {
        told.send_modify(|lines| *lines += count);
    }
}

#[tokio::test]
async fn a_process_that_ends_by_itself_is_not_waited_for() -> Result<(), BoxError> {
    let mut said = ToldProcess::start(Command::new("printf").arg("\\n\\n"))?;
    said.comes_on(2).await?;
    let Err(error) = said.comes_on(3).await else {
        panic!("it has told of two lines");
    };
    assert!(error.to_string().contains("ended by itself"), "{error}");
    assert!(said.kill().is_err(), "nothing was killed");
    Ok(())
}
