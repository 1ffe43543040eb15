//! Rows and the invoices that they make up.

use std::fmt;
use std::path::Path;
use std::sync::Arc;

use jiff::civil::DateTime;

use super::error::LogError;

/// One row of the log, well-formed but not yet judged by the [rules](super::rules).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Row {
    /// The file that holds the row, as it was named.
    pub file: Arc<Path>,
    /// The line on which the row starts in the decompressed file; the header is line 1.
    pub line: u64,
    /// The number of the invoice that the row belongs to.
    pub invoice: Arc<str>,
    /// What was sold or credited; case-sensitive.
    pub stock_code: Arc<str>,
    /// The goods in words, often empty.
    pub description: Arc<str>,
    /// Units; negative in credit rows.
    pub quantity: i64,
    /// When it was invoiced, in the shop's local time.
    pub date: DateTime,
    /// The price of one unit in thousandths of a pound.
    pub unit_price_millipounds: i64,
    /// Who bought, where the log knows.
    pub customer: Option<CustomerNumber>,
    /// Where the customer lives.
    pub country: Arc<str>,
}

/// A customer's number: ASCII digits, at least one.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct CustomerNumber(Arc<str>);

impl CustomerNumber {
    /// `digits` must come from [`fields::customer`](super::fields::customer).
    pub(super) fn from_checked(digits: Arc<str>) -> Self {
        Self(digits)
    }

    /// The digits.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for CustomerNumber {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// All rows of one number.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Invoice {
    /// The number that the rows share.
    pub number: Arc<str>,
    /// What the number says that the rows are.
    pub kind: InvoiceKind,
    /// The rows in the log's order, at least one. Those of an [`InvoiceKind::Order`] name at most
    /// one customer.
    pub rows: Vec<Row>,
}

impl Invoice {
    pub(super) fn starting_with(row: Row) -> Self {
        Self {
            number: Arc::clone(&row.invoice),
            kind: InvoiceKind::of_number(&row.invoice),
            rows: vec![row],
        }
    }

    pub(super) fn add(&mut self, row: Row) -> Result<(), LogError> {
        if self.kind == InvoiceKind::Order
            && let Some(found) = &row.customer
            && let Some(expected) = self.customer()
            && expected != found
        {
            return Err(LogError::SeveralCustomers {
                file: row.file.to_path_buf(),
                line: row.line,
                invoice: Arc::clone(&self.number),
                expected: Arc::clone(&expected.0),
                found: Arc::clone(&found.0),
            });
        }
        self.rows.push(row);
        Ok(())
    }

    /// Whether its rows come from more than one file: a log in pieces, or files that hold the same twice.
    #[must_use]
    pub fn is_from_several_files(&self) -> bool {
        self.rows
            .windows(2)
            .any(|rows| rows[0].file != rows[1].file)
    }

    /// The first customer that a row names.
    #[must_use]
    pub fn customer(&self) -> Option<&CustomerNumber> {
        self.rows.iter().find_map(|row| row.customer.as_ref())
    }
}

/// What an invoice's number says that it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum InvoiceKind {
    /// Digits only: goods were ordered.
    Order,
    /// Begins with `C`: goods were credited, each row on its own.
    Credit,
    /// Anything else, such as an adjustment (`A…`).
    Other,
}

impl InvoiceKind {
    /// The kind that belongs to an invoice's number.
    #[must_use]
    pub fn of_number(number: &str) -> Self {
        if number.starts_with('C') {
            Self::Credit
        } else if !number.is_empty() && number.bytes().all(|byte| byte.is_ascii_digit()) {
            Self::Order
        } else {
            Self::Other
        }
    }
}
