//! The list of rows that came to nothing.

use std::collections::HashMap;
use std::fs::File;
use std::io::{self, BufWriter, Write};
use std::path::{Path, PathBuf};

use orchestrix::aggregate::LoadError;
use orchestrix::prelude::*;

use super::return_id;
use crate::domain::{Customer, CustomerId};
use crate::log::rules::{RefusalReason, judge};
use crate::log::{CustomerNumber, Log, Row};

/// Writes every rejected row of the log as CSV: file, line, invoice, stock code, reason. Returns how many there are.
///
/// What a customer refused is asked of the customer, so the list is complete also where the log had been imported
/// before.
///
/// # Errors
///
/// [`RejectsError`].
pub async fn write_rejects(app: &App, log: &Log, path: &Path) -> Result<u64, RejectsError> {
    let unwritable = |source: io::Error| RejectsError::Unwritable {
        file: path.to_owned(),
        source,
    };
    let mut out = BufWriter::new(File::create(path).map_err(unwritable)?);
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
            let outcome = customer
                .returns
                .get(&return_id(invoice, good))
                .copied()
                .flatten();
            rejected.extend(outcome.map(|refused| (good.row, RefusalReason::from(refused))));
        }
    }
    rejected.sort_by(|(a, _), (b, _)| (&a.file, a.line).cmp(&(&b.file, b.line)));
    write(&mut out, &rejected).map_err(unwritable)?;
    Ok(rejected.len() as u64)
}

fn write(out: &mut impl Write, rejected: &[(&Row, RefusalReason)]) -> io::Result<()> {
    let mut csv = csv::Writer::from_writer(out);
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
    /// The file.
    #[error("{}: cannot be written", file.display())]
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
