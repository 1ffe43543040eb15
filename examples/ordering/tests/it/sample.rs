//! Small logs for tests, in memory and on disk.

use std::path::Path;

use ordering::log::{Log, LogError};

pub(crate) const HEADER: &str =
    "InvoiceNo,StockCode,Description,Quantity,InvoiceDate,UnitPrice,CustomerID,Country";

pub(crate) const ROW: &str =
    "536365,85123A,LANTERN,6,2010-12-01 08:26:00,2.55,17850.0,United Kingdom";

/// The header and `rows`, each ended by a line feed.
pub(crate) fn csv(rows: &[&str]) -> String {
    let mut text = HEADER.to_owned() + "\n";
    for row in rows {
        text.push_str(row);
        text.push('\n');
    }
    text
}

pub(crate) fn read(bytes: impl AsRef<[u8]>) -> Result<Log, LogError> {
    Log::read_csv(Path::new("sample.csv"), bytes.as_ref())
}

pub(crate) fn read_file(path: &Path) -> Result<Log, LogError> {
    Log::read(&[path.to_path_buf()], &mut |_| ())
}
