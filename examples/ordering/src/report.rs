//! The report: its data, and how it looks as JSON and as text.

pub(crate) mod text;

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::log::rules::RefusalReason;

/// How many [`Report::top_customers`] there are at most.
pub const TOP_CUSTOMERS: usize = 5;

/// Everything that was imported, in figures. Money is in thousandths of a pound ("millipounds").
///
/// Serialised with exactly these fields in this order.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Report {
    /// Data rows read.
    pub rows: u64,
    /// What was placed.
    pub orders: OrderFigures,
    /// What came back.
    pub returns: ReturnFigures,
    /// Rows that came to nothing, by reason.
    pub rejected_rows: RejectedRows,
    /// Distinct customers of placed orders.
    pub customers: u64,
    /// Distinct stock codes of placed orders.
    pub skus: u64,
    /// Revenue of placed orders by `YYYY-MM` of the row's invoice date.
    pub revenue_by_month: BTreeMap<String, i64>,
    /// Revenue of placed orders by the row's country.
    pub revenue_by_country: BTreeMap<String, i64>,
    /// The best customers, at most [`TOP_CUSTOMERS`]: by revenue, highest first, then by id.
    pub top_customers: Vec<TopCustomer>,
}

/// What was placed.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct OrderFigures {
    /// Orders with at least one line.
    pub placed: u64,
    /// Their lines.
    pub lines: u64,
    /// The units of these lines.
    pub units: i64,
    /// Quantity times price, summed over these lines.
    pub revenue_millipounds: i64,
}

/// What came back.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ReturnFigures {
    /// Accepted rows of credits.
    pub rows: u64,
    /// The units that came back.
    pub units: i64,
    /// Quantity times the credit row's price, positive.
    pub value_millipounds: i64,
}

/// A count for each [`RefusalReason`], zeros included.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
pub struct RejectedRows {
    missing_customer: u64,
    non_positive_quantity: u64,
    non_positive_price: u64,
    nothing_outstanding: u64,
    exceeds_outstanding: u64,
    not_an_order: u64,
}

impl RejectedRows {
    /// How many rows were rejected for `reason`.
    #[must_use]
    pub fn count(&self, reason: RefusalReason) -> u64 {
        let mut counts = *self;
        *counts.count_mut(reason)
    }

    /// Counts `rows` more rows as rejected for `reason`.
    pub fn add(&mut self, reason: RefusalReason, rows: u64) {
        *self.count_mut(reason) += rows;
    }

    /// How many rows were rejected, for whatever reason.
    #[must_use]
    pub fn total(&self) -> u64 {
        RefusalReason::ALL
            .iter()
            .map(|reason| self.count(*reason))
            .sum()
    }

    fn count_mut(&mut self, reason: RefusalReason) -> &mut u64 {
        match reason {
            RefusalReason::MissingCustomer => &mut self.missing_customer,
            RefusalReason::NonPositiveQuantity => &mut self.non_positive_quantity,
            RefusalReason::NonPositivePrice => &mut self.non_positive_price,
            RefusalReason::NothingOutstanding => &mut self.nothing_outstanding,
            RefusalReason::ExceedsOutstanding => &mut self.exceeds_outstanding,
            RefusalReason::NotAnOrder => &mut self.not_an_order,
        }
    }
}

/// One of the best customers.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct TopCustomer {
    /// The customer's number.
    pub customer: String,
    /// What they ordered, returns not deducted.
    pub revenue_millipounds: i64,
    /// How many orders they placed.
    pub orders: u64,
}

impl TopCustomer {
    /// The best [`TOP_CUSTOMERS`] of `all`, in the report's order.
    #[must_use]
    pub fn best(all: impl IntoIterator<Item = Self>) -> Vec<Self> {
        let mut best: Vec<Self> = all.into_iter().collect();
        best.sort_by(|a, b| {
            (b.revenue_millipounds.cmp(&a.revenue_millipounds))
                .then_with(|| a.customer.cmp(&b.customer))
        });
        best.truncate(TOP_CUSTOMERS);
        best
    }
}

impl Report {
    /// The report as indented JSON, without a line break at the end.
    ///
    /// # Errors
    ///
    /// None in practice: every part of a report has a form in JSON.
    pub fn to_json(&self) -> serde_json::Result<String> {
        serde_json::to_string_pretty(self)
    }

    /// The report as aligned text, with a line break at the end.
    #[must_use]
    pub fn to_text(&self) -> String {
        text::render(self)
    }
}
