//! The invoice log: files of rows, read and validated in full before any command is sent.

mod error;
mod fields;
mod interner;
mod lines;
mod row;
mod rows;
pub mod rules;
mod source;

use std::collections::HashMap;
use std::io::BufRead;
use std::path::{Path, PathBuf};
use std::sync::Arc;

pub use error::{Format, LogError};
pub use row::{CustomerNumber, Invoice, InvoiceKind, Row};
pub use rows::COLUMNS;

use interner::Interner;
use rows::Rows;
use source::Source;

/// Rows between two reports of [`ReadProgress`].
const ROWS_PER_REPORT: u64 = 1024;

/// The invoices of one or several files, in the order of their first rows.
#[derive(Debug, Clone, Default)]
pub struct Log {
    /// Every invoice once, placed where its first row stands.
    pub invoices: Vec<Invoice>,
    /// Data rows read, headers not counted.
    pub rows: u64,
}

/// How far reading got, over all files of one call.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ReadProgress {
    /// Data rows read so far.
    pub rows: u64,
    /// Bytes taken from the files so far, as they lie on disk (compressed where they are).
    pub bytes: u64,
    /// Bytes of all files together; zero where the system does not know, as for a pipe.
    pub total_bytes: u64,
}

impl Log {
    /// Reads all `paths` as one log, in the order given.
    ///
    /// Rows of one invoice are brought together even where they lie apart or in different files.
    /// `on_progress` is called after every 1,024 rows and at the end of each file.
    ///
    /// # Errors
    ///
    /// The first mistake of any file, with its place. Nothing of the log is returned then, so
    /// that a caller cannot send half of it.
    pub fn read(
        paths: &[PathBuf],
        on_progress: &mut dyn FnMut(ReadProgress),
    ) -> Result<Self, LogError> {
        // All files are opened first: a misspelt last name must not cost the reading of the first.
        let sources = paths
            .iter()
            .map(|path| Source::open(path))
            .collect::<Result<Vec<_>, _>>()?;
        let total_bytes = sources.iter().map(Source::size).sum();

        let mut grouping = Grouping::default();
        let mut finished_bytes = 0;
        for source in sources {
            let taken = source.taken();
            let file: Arc<Path> = source.path().into();
            grouping.add_file(file, source.decode()?, &mut |rows| {
                on_progress(ReadProgress {
                    rows,
                    bytes: finished_bytes + taken.get(),
                    total_bytes,
                });
            })?;
            finished_bytes += taken.get();
        }
        Ok(grouping.log)
    }

    /// Reads one log from memory or any other reader of plain CSV; `name` stands for the file's
    /// name in rows and errors.
    ///
    /// # Errors
    ///
    /// The first mistake, as for [`Log::read`].
    pub fn read_csv(name: &Path, csv: impl BufRead) -> Result<Self, LogError> {
        let mut grouping = Grouping::default();
        grouping.add_file(name.into(), csv, &mut |_| ())?;
        Ok(grouping.log)
    }
}

/// Brings the rows of each invoice together and guards what holds only over many rows.
#[derive(Default)]
struct Grouping {
    log: Log,
    interner: Interner,
    place_by_number: HashMap<Arc<str>, usize>,
    magnitude: Magnitude,
}

impl Grouping {
    fn add_file(
        &mut self,
        file: Arc<Path>,
        csv: impl BufRead,
        on_rows: &mut dyn FnMut(u64),
    ) -> Result<(), LogError> {
        let mut rows = Rows::new(file, csv)?;
        while let Some(row) = rows.next_row(&mut self.interner)? {
            self.magnitude.add(&row)?;
            self.add_row(row)?;
            if self.log.rows.is_multiple_of(ROWS_PER_REPORT) {
                on_rows(self.log.rows);
            }
        }
        on_rows(self.log.rows);
        Ok(())
    }

    fn add_row(&mut self, row: Row) -> Result<(), LogError> {
        self.log.rows += 1;
        if let Some(place) = self.place_by_number.get(&row.invoice) {
            return self.log.invoices[*place].add(row);
        }
        self.place_by_number
            .insert(Arc::clone(&row.invoice), self.log.invoices.len());
        self.log.invoices.push(Invoice::starting_with(row));
        Ok(())
    }
}

/// Sums without sign of everything read: as long as they fit, no total of any part overflows.
#[derive(Default)]
struct Magnitude {
    units: u64,
    millipounds: u64,
}

impl Magnitude {
    fn add(&mut self, row: &Row) -> Result<(), LogError> {
        let sum = |total: u64, part: u64| {
            total
                .checked_add(part)
                .filter(|sum| i64::try_from(*sum).is_ok())
        };
        let units = row.quantity.unsigned_abs();
        let amount = units.checked_mul(row.unit_price_millipounds.unsigned_abs());
        let sums = sum(self.units, units)
            .zip(amount.and_then(|millipounds| sum(self.millipounds, millipounds)));
        let Some((units, millipounds)) = sums else {
            return Err(LogError::Overflow {
                file: row.file.to_path_buf(),
                line: row.line,
            });
        };
        *self = Self { units, millipounds };
        Ok(())
    }
}
