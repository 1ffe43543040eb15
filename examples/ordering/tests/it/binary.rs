//! Running the real binary.

use std::ffi::OsStr;
use std::path::Path;
use std::process::{Child, Command, Output, Stdio};

use orchestrix::error::BoxError;
use ordering::report::Report;

pub(crate) type TestResult<T = ()> = Result<T, BoxError>;

/// What a run of the binary left.
#[derive(Debug)]
pub(crate) struct Ran {
    /// None when a signal ended it.
    pub(crate) code: Option<i32>,
    pub(crate) stdout: String,
    pub(crate) stderr: String,
}

/// The binary with these arguments, with nothing on stdin and both outputs piped.
pub(crate) fn ordering<A: AsRef<OsStr>>(arguments: impl IntoIterator<Item = A>) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_ordering"));
    command
        .args(arguments)
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped());
    command
}

/// Runs the binary to its end.
pub(crate) fn run<A: AsRef<OsStr>>(arguments: impl IntoIterator<Item = A>) -> TestResult<Ran> {
    Ran::of(ordering(arguments).output()?)
}

/// `import FILE --store STORE --report json`.
pub(crate) fn import(file: &Path, store: &str) -> Command {
    let mut command = ordering(["import", "--store", store, "--report", "json"]);
    command.arg(file);
    command
}

/// What `report` says now.
pub(crate) fn report(store: &str) -> TestResult<Report> {
    run(["report", "--report", "json", "--store", store])?.report()
}

impl Ran {
    pub(crate) fn of(output: Output) -> TestResult<Self> {
        Ok(Self {
            code: output.status.code(),
            stdout: String::from_utf8(output.stdout)?,
            stderr: String::from_utf8(output.stderr)?,
        })
    }

    /// The outputs of a child once it has ended.
    pub(crate) fn ended(child: Child) -> TestResult<Self> {
        Self::of(child.wait_with_output()?)
    }

    /// The run, if it came to something.
    pub(crate) fn succeeded(self) -> TestResult<Self> {
        match self.code {
            Some(0) => Ok(self),
            _ => Err(format!("it failed: {self:?}").into()),
        }
    }

    /// The report on stdout of a run that came to something.
    pub(crate) fn report(self) -> TestResult<Report> {
        Ok(serde_json::from_str(&self.succeeded()?.stdout)?)
    }

    /// Checks that the run was refused with this code, in one line on stderr that holds all of `parts`, and gave nothing.
    #[track_caller]
    pub(crate) fn refused(&self, code: i32, parts: &[&str]) {
        assert_eq!(
            (self.code, self.stdout.as_str()),
            (Some(code), ""),
            "{self:?}"
        );
        assert!(self.stderr.starts_with("ordering: "), "{}", self.stderr);
        assert_eq!(self.stderr.lines().count(), 1, "{}", self.stderr);
        for part in parts {
            assert!(self.stderr.contains(part), "{part:?} in {:?}", self.stderr);
        }
    }
}
