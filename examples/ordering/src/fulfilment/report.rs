//! What fulfilment came to.

use orchestrix::prelude::*;
use serde::{Deserialize, Serialize};

use super::warehouse::{WAREHOUSE, Warehouse};
use super::{FulfilError, PATIENCE};
use crate::read_models::FulfilledOrders;
use crate::report::text::{Section, count, lay_out, pounds, signed_count};

/// What fulfilment came to, in figures. Money is in thousandths of a pound ("millipounds").
///
/// Serialised with exactly these fields in this order.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct FulfilmentReport {
    /// Orders that were reserved, paid and sent.
    pub placed: u64,
    /// Orders that were cancelled because something was not there.
    pub insufficient_stock: u64,
    /// Units that left the stock.
    pub units_reserved: i64,
    /// Of the placed orders.
    pub revenue_millipounds: i64,
    /// Units that are left, over all stock codes.
    pub closing_units: i64,
    /// Stock codes of which nothing is left.
    pub skus_at_zero: u64,
}

/// Asks the read model and the warehouse, once the former has seen everything that is in the log now.
///
/// # Errors
///
/// [`FulfilError`].
pub async fn summarize(app: &App) -> Result<FulfilmentReport, FulfilError> {
    let head = app.store().head().await?;
    let orders = app.view::<FulfilledOrders>(FulfilledOrders::KEY);
    let orders = orders.at_least(head).within(PATIENCE).await?;
    let orders = orders.unwrap_or_default();
    let warehouse = app.load::<Warehouse>(WAREHOUSE).await?;
    let warehouse = warehouse.state.unwrap_or_default();
    Ok(FulfilmentReport {
        placed: orders.placed,
        insufficient_stock: orders.insufficient_stock,
        units_reserved: orders.units_reserved,
        revenue_millipounds: orders.revenue.0,
        closing_units: warehouse.units_left(),
        skus_at_zero: warehouse.codes_at_zero(),
    })
}

impl FulfilmentReport {
    /// The report as aligned text, with a line break at the end.
    #[must_use]
    pub fn to_text(&self) -> String {
        lay_out(&[
            Section::new("Orders")
                .line("placed", count(self.placed))
                .line("InsufficientStock", count(self.insufficient_stock))
                .line("units reserved", signed_count(self.units_reserved))
                .line("revenue", pounds(self.revenue_millipounds)),
            Section::new("Stock")
                .line("closing units", signed_count(self.closing_units))
                .line("stock codes at zero", count(self.skus_at_zero)),
        ])
    }
}
