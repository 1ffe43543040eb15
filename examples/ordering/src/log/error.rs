//! What can be wrong with an invoice log.

use std::fmt;
use std::io;
use std::path::PathBuf;
use std::sync::Arc;

use super::rows::COLUMNS;

/// A file that cannot be read as an invoice log, and where.
///
/// Lines are counted from 1 in the decompressed file; the header is line 1.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum LogError {
    /// There is nothing at this path.
    #[error("{}: no such file", file.display())]
    Missing {
        /// The path as it was given.
        file: PathBuf,
    },
    /// The path is a folder.
    #[error("{}: is a folder, expected a file (.csv, .csv.gz or .csv.xz)", file.display())]
    Folder {
        /// The path as it was given.
        file: PathBuf,
    },
    /// The system refuses to open or read the file.
    #[error("{}: cannot be read", file.display())]
    Unreadable {
        /// The path as it was given.
        file: PathBuf,
        /// What the system says.
        #[source]
        source: io::Error,
    },
    /// The file holds nothing, not even a header.
    #[error("{}: is empty, expected the header {} on line 1", file.display(), COLUMNS.join(","))]
    Empty {
        /// The empty file.
        file: PathBuf,
    },
    /// The content is not of the kind that the name promises.
    #[error("{}: is {found}, but its name says {expected}", file.display())]
    WrongFormat {
        /// The misnamed file.
        file: PathBuf,
        /// The format that belongs to the name's ending.
        expected: Format,
        /// The format that the first bytes belong to.
        found: Format,
    },
    /// A compressed file ends too early.
    #[error("{}, line {line}: the archive ends here, it is truncated", file.display())]
    Truncated {
        /// The truncated file.
        file: PathBuf,
        /// The line that could not be read to its end.
        line: u64,
    },
    /// A compressed file is damaged.
    #[error("{}, line {line}: the archive is damaged here or shortly before", file.display())]
    Damaged {
        /// The damaged file.
        file: PathBuf,
        /// The line that could not be read to its end.
        line: u64,
        /// What the decoder says.
        #[source]
        source: io::Error,
    },
    /// The first line does not name the columns of an invoice log.
    #[error(
        "{}, line {line}: wrong header, expected {}, found {found:?}",
        file.display(), COLUMNS.join(",")
    )]
    WrongHeader {
        /// The file with the other header.
        file: PathBuf,
        /// The header's line.
        line: u64,
        /// The header, shortened where it is long.
        found: String,
    },
    /// A row has too few or too many fields.
    #[error(
        "{}, line {line}: the row has {found} field(s), expected {}",
        file.display(), COLUMNS.len()
    )]
    WrongFieldCount {
        /// The file with the row.
        file: PathBuf,
        /// The line on which the row starts.
        line: u64,
        /// How many fields the row has.
        found: usize,
    },
    /// A field does not hold what its column needs.
    #[error("{}, line {line}: {column} is {text:?}, expected {expected}", file.display())]
    Malformed {
        /// The file with the row.
        file: PathBuf,
        /// The line on which the row starts.
        line: u64,
        /// The column's name, as in the header.
        column: &'static str,
        /// The field's text, shortened where it is long.
        text: String,
        /// What would have been right.
        expected: &'static str,
    },
    /// Quantities or amounts are so large that their total cannot be counted.
    #[error(
        "{}, line {line}: the total of units or of millipounds up to here exceeds {}",
        file.display(), i64::MAX
    )]
    Overflow {
        /// The file with the row.
        file: PathBuf,
        /// The line on which the row starts.
        line: u64,
    },
    /// Rows of one order name different customers, so that it is nobody's order.
    #[error(
        "{}, line {line}: invoice {invoice} is of customer {found} here, but of {expected} before",
        file.display()
    )]
    SeveralCustomers {
        /// The file with the later row.
        file: PathBuf,
        /// The line on which the later row starts.
        line: u64,
        /// The invoice's number.
        invoice: Arc<str>,
        /// The customer of the earlier rows.
        expected: Arc<str>,
        /// The customer of this row.
        found: Arc<str>,
    },
}

impl LogError {
    /// The exit code of a process that stops for this error: 2, since the input is at fault.
    #[must_use]
    pub fn exit_code(&self) -> u8 {
        2
    }
}

/// How a file is written, as its name or its first bytes tell.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum Format {
    /// Plain CSV: every name that ends neither in `.gz` nor in `.xz`.
    Plain,
    /// A gzip file, `.gz`.
    Gzip,
    /// An xz file, `.xz`.
    Xz,
}

impl fmt::Display for Format {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Plain => "not compressed",
            Self::Gzip => "a gzip file",
            Self::Xz => "an xz file",
        })
    }
}
