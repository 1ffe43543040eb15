//! The list of rows that came to nothing.

use std::collections::HashMap;
use std::fs::File;
use std::io;
use std::path::{Path, PathBuf};

use orchestrix::aggregate::LoadError;
use orchestrix::prelude::*;

use super::return_id;
use crate::domain::{Customer, CustomerId, Decided};
use crate::log::rules::{RefusalReason, judge};
use crate::log::{CustomerNumber, Log, Row};

/// The file for the list, which has proved writable before anything is imported.
#[derive(Debug)]
pub struct RejectsFile {
    path: PathBuf,
    file: File,
}

impl RejectsFile {
    /// Opens or creates the file; what it holds stays until the list is written.
    ///
    /// # Errors
    ///
    /// [`RejectsError::Unwritable`], and [`RejectsError::InUse`] where it is one of the files `in_use`.
    pub fn open<'a>(
        path: &Path,
        in_use: impl IntoIterator<Item = &'a Path>,
    ) -> Result<Self, RejectsError> {
        let own = place(path);
        if own.is_some() && in_use.into_iter().any(|other| place(other) == own) {
            let file = path.to_owned();
            return Err(RejectsError::InUse { file });
        }
        let file = File::options()
            .write(true)
            .create(true)
            .truncate(false)
            .open(path);
        Ok(Self {
            path: path.to_owned(),
            file: file.map_err(|source| RejectsError::unwritable(path, source))?,
        })
    }

    /// Where it is.
    #[must_use]
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// Writes every rejected row of the log as CSV: file, line, invoice, stock code, reason. Returns how many there are.
    ///
    /// What a customer refused is asked of the customer, so the list is complete also where the log had been imported
    /// before.
    ///
    /// # Errors
    ///
    /// [`RejectsError`].
    pub async fn write(&self, app: &App, log: &Log) -> Result<u64, RejectsError> {
        let rejected = rejected(app, log).await?;
        write(&self.file, &rejected)
            .map_err(|source| RejectsError::unwritable(&self.path, source))?;
        Ok(rejected.len() as u64)
    }
}

/// Where a file is or would be, whatever path leads there.
fn place(path: &Path) -> Option<PathBuf> {
    let would_be = || {
        let folder = match path.parent()? {
            folder if folder.as_os_str().is_empty() => Path::new("."),
            folder => folder,
        };
        Some(folder.canonicalize().ok()?.join(path.file_name()?))
    };
    path.canonicalize().ok().or_else(would_be)
}

/// By file and line.
async fn rejected<'log>(
    app: &App,
    log: &'log Log,
) -> Result<Vec<(&'log Row, RefusalReason)>, RejectsError> {
    let mut customers = HashMap::new();
    let mut rejected = Vec::new();
    for invoice in &log.invoices {
        let judged = judge(invoice);
        rejected.extend(
            judged
                .refused
                .iter()
                .map(|refusal| (refusal.row, refusal.reason)),
        );
        for good in &judged.returns {
            let customer = customer(app, &mut customers, good.customer).await?;
            if let Some(Decided::Refused(refused)) = customer.returns.get(&return_id(invoice, good))
            {
                rejected.push((good.row, RefusalReason::from(*refused)));
            }
        }
    }
    rejected.sort_by(|(a, _), (b, _)| (&a.file, a.line).cmp(&(&b.file, b.line)));
    Ok(rejected)
}

fn write(file: &File, rejected: &[(&Row, RefusalReason)]) -> io::Result<()> {
    // A pipe or a terminal holds nothing that could be left over.
    if file.metadata()?.is_file() {
        file.set_len(0)?;
    }
    let mut csv = csv::Writer::from_writer(file);
    csv.write_record(["File", "Line", "InvoiceNo", "StockCode", "Reason"])?;
    for (row, reason) in rejected {
        csv.write_record([
            &*row.file.to_string_lossy(),
            &row.line.to_string(),
            &row.invoice,
            &row.stock_code,
            reason.name(),
        ])?;
    }
    csv.flush()
}

async fn customer<'a, 'log>(
    app: &App,
    loaded: &'a mut HashMap<&'log CustomerNumber, Customer>,
    number: &'log CustomerNumber,
) -> Result<&'a Customer, RejectsError> {
    if !loaded.contains_key(number) {
        let customer = app
            .load::<Customer>(&CustomerId::from(number.to_string()))
            .await;
        let customer = customer.map_err(|source| RejectsError::Customer {
            customer: number.to_string(),
            source,
        })?;
        loaded.insert(number, customer.state.unwrap_or_default());
    }
    Ok(&loaded[number])
}

/// Why the list could not be written.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum RejectsError {
    /// The file is a log that is imported, or the shop itself.
    #[error("{}: the list of rejected rows would overwrite this", file.display())]
    InUse {
        /// Its path.
        file: PathBuf,
    },
    /// The file.
    #[error("{}: cannot be written to", file.display())]
    Unwritable {
        /// Its path.
        file: PathBuf,
        /// What the system says.
        source: io::Error,
    },
    /// What a customer refused could not be read.
    #[error("the returns of customer {customer} could not be read")]
    Customer {
        /// Which.
        customer: String,
        /// Why.
        source: LoadError,
    },
}

impl RejectsError {
    fn unwritable(path: &Path, source: io::Error) -> Self {
        let file = path.to_owned();
        Self::Unwritable { file, source }
    }
}
