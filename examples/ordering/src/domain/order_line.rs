//! A line of an order.

use jiff::civil::DateTime;
use orchestrix::prelude::*;

use super::{Item, Millipounds, StockCode};

/// A line of an order.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct OrderLine {
    /// What.
    pub stock_code: StockCode,
    /// How many, at least one.
    pub quantity: i64,
    /// The price of one, above zero.
    pub unit_price: Millipounds,
    /// When it was invoiced, in the shop's local time.
    pub invoiced_at: DateTime,
    /// Where it went.
    pub country: String,
}

impl OrderLine {
    /// Quantity times price.
    #[must_use]
    pub fn revenue(&self) -> Millipounds {
        self.unit_price.times(self.quantity)
    }

    /// The month it was invoiced in, `YYYY-MM`.
    #[must_use]
    pub fn month(&self) -> String {
        format!(
            "{:04}-{:02}",
            self.invoiced_at.year(),
            self.invoiced_at.month()
        )
    }

    /// What it takes out of the shop.
    #[must_use]
    pub fn item(&self) -> Item {
        Item {
            stock_code: self.stock_code.clone(),
            quantity: self.quantity,
        }
    }
}
