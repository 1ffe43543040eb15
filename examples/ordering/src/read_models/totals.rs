//! The whole shop in one document.

use orchestrix::prelude::*;

use crate::domain::{
    InvoiceImported, ItemsReturned, OrderCancelled, OrderLine, OrderPlaced, RefusedReturn,
    ReturnRefused,
};
use crate::log::rules::RefusalReason;
use crate::report::{OrderFigures, RejectedRows, ReturnFigures};

/// Sums over everything; there is one document, [`Totals::KEY`].
#[derive(Debug, Default, Serialize, Deserialize)]
pub struct Totals {
    /// Data rows imported.
    pub rows: u64,
    /// Orders that were not cancelled.
    pub orders: OrderFigures,
    /// Accepted returns.
    pub returns: ReturnFigures,
    /// Refused rows, by the importer and by customers.
    pub rejected_rows: RejectedRows,
}

impl Totals {
    /// The only document's key.
    pub const KEY: &'static str = "shop";
}

/// Every event concerns the one document.
fn shop<E>(_: &E) -> [&'static str; 1] {
    [Totals::KEY]
}

fn units(lines: &[OrderLine]) -> i64 {
    lines.iter().map(|line| line.quantity).sum()
}

fn revenue(lines: &[OrderLine]) -> i64 {
    lines.iter().map(|line| line.revenue().0).sum()
}

#[projection]
impl Totals {
    #[apply(keys = shop)]
    fn imported(&mut self, event: &InvoiceImported) {
        self.rows += event.rows;
        for (reason, rows) in &event.refused {
            self.rejected_rows.add(*reason, *rows);
        }
    }

    #[apply(keys = shop)]
    fn placed(&mut self, event: &OrderPlaced) {
        self.orders.placed += 1;
        self.orders.lines += event.lines.len() as u64;
        self.orders.units += units(&event.lines);
        self.orders.revenue_millipounds += revenue(&event.lines);
    }

    #[apply(keys = shop)]
    fn cancelled(&mut self, event: &OrderCancelled) {
        self.orders.placed -= 1;
        self.orders.lines -= event.lines.len() as u64;
        self.orders.units -= units(&event.lines);
        self.orders.revenue_millipounds -= revenue(&event.lines);
    }

    #[apply(keys = shop)]
    fn returned(&mut self, event: &ItemsReturned) {
        self.returns.rows += 1;
        self.returns.units += event.quantity;
        self.returns.value_millipounds += event.unit_price.times(event.quantity).0;
    }

    #[apply(keys = shop)]
    fn refused(&mut self, event: &ReturnRefused) {
        self.rejected_rows.add(event.refused.into(), 1);
    }
}

impl From<RefusedReturn> for RefusalReason {
    fn from(refused: RefusedReturn) -> Self {
        match refused {
            RefusedReturn::NothingOutstanding => Self::NothingOutstanding,
            RefusedReturn::ExceedsOutstanding => Self::ExceedsOutstanding,
        }
    }
}
