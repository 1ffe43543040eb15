//! What a process wrote down before it was killed, a line each: one call writes whole lines, so only the last line of a
//! file can be cut off, and it counts as not written.

use std::fmt;
use std::str::FromStr;

/// An event that a writer was told to be stored.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Acknowledged {
    /// The stream, with its tenant.
    pub stream: String,
    /// Where in the stream.
    pub version: u64,
    /// Which event.
    pub event_id: String,
}

/// An event that the handler was given.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Handled {
    /// The stream, with its tenant.
    pub stream: String,
    /// Where in the stream.
    pub version: u64,
    /// Where in the log.
    pub position: u64,
}

/// A line that nobody here has written.
#[derive(Debug, thiserror::Error)]
#[error("`{line}` is not what was to be written down")]
pub struct LineError {
    /// The line.
    line: String,
}

impl LineError {
    pub(super) fn new(line: &str) -> Self {
        Self {
            line: line.to_owned(),
        }
    }
}

/// The lines of a file, without a last one that was cut off.
///
/// # Errors
/// [`LineError`] when a line is not of this kind.
pub fn whole_lines<L: FromStr<Err = LineError>>(text: &str) -> Result<Vec<L>, LineError> {
    let lines = text.split_inclusive('\n');
    let whole = lines.filter_map(|line| line.strip_suffix('\n'));
    whole.map(str::parse).collect()
}

impl fmt::Display for Acknowledged {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {} {}", self.stream, self.version, self.event_id)
    }
}

impl fmt::Display for Handled {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {} {}", self.stream, self.version, self.position)
    }
}

impl FromStr for Acknowledged {
    type Err = LineError;

    fn from_str(line: &str) -> Result<Self, LineError> {
        let [stream, version, event_id] = fields(line)?;
        Ok(Self {
            stream: stream.to_owned(),
            version: number(version, line)?,
            event_id: event_id.to_owned(),
        })
    }
}

impl FromStr for Handled {
    type Err = LineError;

    fn from_str(line: &str) -> Result<Self, LineError> {
        let [stream, version, position] = fields(line)?;
        Ok(Self {
            stream: stream.to_owned(),
            version: number(version, line)?,
            position: number(position, line)?,
        })
    }
}

fn fields(line: &str) -> Result<[&str; 3], LineError> {
    let fields: Vec<_> = line.split(' ').collect();
    fields.try_into().map_err(|_| LineError::new(line))
}

fn number(field: &str, line: &str) -> Result<u64, LineError> {
    field.parse().map_err(|_| LineError::new(line))
}
