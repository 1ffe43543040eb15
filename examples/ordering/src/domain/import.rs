//! What became of an invoice of the log, so that importing it again changes nothing.

use std::collections::BTreeMap;

use orchestrix::prelude::*;

use crate::log::rules::RefusalReason;

/// An invoice's rows have all been dealt with.
#[derive(Event, Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct InvoiceImported {
    /// Its number.
    pub invoice: String,
    /// How many rows it has.
    pub rows: u64,
    /// How many of them the importer refused, by reason. What a customer refused is with the customer.
    pub refused: BTreeMap<RefusalReason, u64>,
}

/// Notes that an invoice's rows have all been dealt with.
#[derive(Command, Debug, Clone)]
pub struct RecordInvoice {
    /// Its number.
    #[id]
    pub invoice: String,
    /// How many rows it has.
    pub rows: u64,
    /// How many of them the importer refused, by reason.
    pub refused: BTreeMap<RefusalReason, u64>,
}

/// An invoice that has been imported.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ImportedInvoice {
    /// How many rows it had.
    pub rows: u64,
}

#[aggregate(category = "invoice")]
impl ImportedInvoice {
    #[handle]
    fn record(cmd: RecordInvoice) -> InvoiceImported {
        InvoiceImported {
            invoice: cmd.invoice,
            rows: cmd.rows,
            refused: cmd.refused,
        }
    }

    #[apply]
    fn imported(event: &InvoiceImported) -> Self {
        Self { rows: event.rows }
    }
}
