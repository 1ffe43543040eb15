//! CSV records as rows.

use std::io::{self, BufRead};
use std::path::Path;
use std::sync::Arc;

use csv::StringRecord;

use super::error::LogError;
use super::fields::{self, expected};
use super::interner::Interner;
use super::lines::Lines;
use super::row::{CustomerNumber, Row};

/// The columns of an invoice log, in their order.
pub const COLUMNS: [&str; 8] = [
    "InvoiceNo",
    "StockCode",
    "Description",
    "Quantity",
    "InvoiceDate",
    "UnitPrice",
    "CustomerID",
    "Country",
];

/// How many characters of a wrong text an error repeats.
const EXCERPT: usize = 120;

/// The rows of one file, one after the other.
pub(super) struct Rows<R> {
    file: Arc<Path>,
    csv: csv::Reader<Lines<R>>,
    record: StringRecord,
}

impl<R: BufRead> Rows<R> {
    /// Reads and checks the header.
    pub(super) fn new(file: Arc<Path>, text: R) -> Result<Self, LogError> {
        let mut rows = Self {
            file,
            csv: csv::ReaderBuilder::new()
                .has_headers(false)
                .flexible(true)
                .from_reader(Lines::new(text)),
            record: StringRecord::new(),
        };
        let Some(line) = rows.next_record()? else {
            return Err(LogError::Empty {
                file: rows.file.to_path_buf(),
            });
        };
        if !rows.record.iter().eq(COLUMNS) {
            let found = rows.record.iter().collect::<Vec<_>>().join(",");
            return Err(LogError::WrongHeader {
                file: rows.file.to_path_buf(),
                line,
                found: excerpt(&found),
            });
        }
        Ok(rows)
    }

    /// The next row, `None` at the file's end.
    pub(super) fn next_row(&mut self, interner: &mut Interner) -> Result<Option<Row>, LogError> {
        let Some(line) = self.next_record()? else {
            return Ok(None);
        };
        if self.record.len() != COLUMNS.len() {
            return Err(LogError::WrongFieldCount {
                file: self.file.to_path_buf(),
                line,
                found: self.record.len(),
            });
        }
        let fields = Fields {
            file: &self.file,
            line,
            record: &self.record,
        };
        fields.row(interner).map(Some)
    }

    /// Reads the next record and returns the line on which it starts.
    fn next_record(&mut self) -> Result<Option<u64>, LogError> {
        match self.csv.read_record(&mut self.record) {
            Ok(true) => {
                // `Lines` knows where the record ends; line breaks within its fields lead back.
                let breaks = self.record.as_slice().matches('\n').count() as u64;
                Ok(Some(self.csv.get_ref().number() - breaks))
            }
            Ok(false) => Ok(None),
            Err(error) => Err(self.read_error(error)),
        }
    }

    /// `Lines` makes all text UTF-8 and the reader is flexible, so that only reading can fail.
    fn read_error(&self, error: csv::Error) -> LogError {
        let file = self.file.to_path_buf();
        let line = self.csv.get_ref().number();
        let source = match error.into_kind() {
            csv::ErrorKind::Io(source) => source,
            other => io::Error::other(format!("{other:?}")),
        };
        match source.kind() {
            io::ErrorKind::UnexpectedEof => LogError::Truncated { file, line },
            io::ErrorKind::InvalidData | io::ErrorKind::InvalidInput | io::ErrorKind::Other => {
                LogError::Damaged { file, line, source }
            }
            _ => LogError::Unreadable { file, source },
        }
    }
}

/// The fields of one record that has as many as there are columns.
struct Fields<'a> {
    file: &'a Arc<Path>,
    line: u64,
    record: &'a StringRecord,
}

impl Fields<'_> {
    fn row(&self, interner: &mut Interner) -> Result<Row, LogError> {
        let description = |text| Some(text).filter(|text: &&str| !text.contains('\0'));
        let customer = |text| match text {
            "" => Some(None),
            number => fields::customer(number).map(Some),
        };
        Ok(Row {
            file: Arc::clone(self.file),
            line: self.line,
            invoice: interner.intern(self.field(0, expected::NAME, fields::name)?),
            stock_code: interner.intern(self.field(1, expected::NAME, fields::name)?),
            description: interner.intern(self.field(2, expected::DESCRIPTION, description)?),
            quantity: self.field(3, expected::QUANTITY, fields::quantity)?,
            date: self.field(4, expected::DATE, fields::date)?,
            unit_price_millipounds: self.field(5, expected::PRICE, fields::millipounds)?,
            customer: self
                .field(6, expected::CUSTOMER, customer)?
                .map(|number| CustomerNumber::from_checked(interner.intern(number))),
            country: interner.intern(self.field(7, expected::NAME, fields::name)?),
        })
    }

    fn field<'a, T>(
        &'a self,
        column: usize,
        expected: &'static str,
        parse: impl FnOnce(&'a str) -> Option<T>,
    ) -> Result<T, LogError> {
        let text = &self.record[column];
        parse(text).ok_or_else(|| LogError::Malformed {
            file: self.file.to_path_buf(),
            line: self.line,
            column: COLUMNS[column],
            text: excerpt(text),
            expected,
        })
    }
}

fn excerpt(text: &str) -> String {
    match text.char_indices().nth(EXCERPT) {
        Some((end, _)) => format!("{}…", &text[..end]),
        None => text.to_owned(),
    }
}
