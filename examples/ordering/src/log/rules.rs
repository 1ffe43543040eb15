//! What the importer decides by itself: which rows can become commands at all.
//!
//! Whether goods may be returned depends on what the customer bought before; that is the
//! aggregate's to decide, which is why two of the [`RefusalReason`]s never come from here.

use std::fmt;

use serde::{Deserialize, Serialize};

use super::row::{CustomerNumber, Invoice, InvoiceKind, Row};

/// Why a row came to nothing.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
pub enum RefusalReason {
    /// The row names no customer.
    MissingCustomer,
    /// An order's row has a quantity of zero or less; a credit's row has none to give back.
    NonPositiveQuantity,
    /// An order's row has a price of zero or less.
    NonPositivePrice,
    /// The customer has none of the returned goods (decided by the aggregate).
    NothingOutstanding,
    /// The customer has fewer of the goods than are returned (decided by the aggregate).
    ExceedsOutstanding,
    /// The invoice is neither an order nor a credit.
    NotAnOrder,
}

impl RefusalReason {
    /// Every reason, in the order of the report.
    pub const ALL: [Self; 6] = [
        Self::MissingCustomer,
        Self::NonPositiveQuantity,
        Self::NonPositivePrice,
        Self::NothingOutstanding,
        Self::ExceedsOutstanding,
        Self::NotAnOrder,
    ];

    /// The reason's name, as reports and rejects files show it.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::MissingCustomer => "MissingCustomer",
            Self::NonPositiveQuantity => "NonPositiveQuantity",
            Self::NonPositivePrice => "NonPositivePrice",
            Self::NothingOutstanding => "NothingOutstanding",
            Self::ExceedsOutstanding => "ExceedsOutstanding",
            Self::NotAnOrder => "NotAnOrder",
        }
    }
}

impl fmt::Display for RefusalReason {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.name())
    }
}

/// An invoice's rows, each in exactly one of the three.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Judgement<'a> {
    /// What is to be placed, where at least one row of an order is good.
    pub order: Option<GoodOrder<'a>>,
    /// What is to be returned: one for each good row of a credit, in their order.
    pub returns: Vec<GoodReturn<'a>>,
    /// The rows that come to nothing, in their order.
    pub refused: Vec<Refusal<'a>>,
}

/// The good rows of an order.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct GoodOrder<'a> {
    /// Whose order it is.
    pub customer: &'a CustomerNumber,
    /// Rows of this customer with positive quantity and price, at least one.
    pub lines: Vec<&'a Row>,
}

/// A good row of a credit.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct GoodReturn<'a> {
    /// Who returns the goods.
    pub customer: &'a CustomerNumber,
    /// How many units come back, at least one: the row's quantity without its minus sign.
    pub quantity: i64,
    /// The row itself.
    pub row: &'a Row,
}

/// A row that comes to nothing.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Refusal<'a> {
    /// The row itself.
    pub row: &'a Row,
    /// The first rule that it breaks.
    pub reason: RefusalReason,
}

/// Sorts an invoice's rows into what can be sent and what is refused.
#[must_use]
pub fn judge(invoice: &Invoice) -> Judgement<'_> {
    let mut judgement = Judgement::default();
    for row in &invoice.rows {
        let refused = match invoice.kind {
            InvoiceKind::Order => judgement.take_order_row(row),
            InvoiceKind::Credit => judgement.take_credit_row(row),
            InvoiceKind::Other => Err(RefusalReason::NotAnOrder),
        };
        if let Err(reason) = refused {
            judgement.refused.push(Refusal { row, reason });
        }
    }
    judgement
}

impl<'a> Judgement<'a> {
    fn take_order_row(&mut self, row: &'a Row) -> Result<(), RefusalReason> {
        let customer = customer_of(row)?;
        if row.quantity <= 0 {
            return Err(RefusalReason::NonPositiveQuantity);
        }
        if row.unit_price_millipounds <= 0 {
            return Err(RefusalReason::NonPositivePrice);
        }
        let order = self.order.get_or_insert_with(|| GoodOrder {
            customer,
            lines: Vec::new(),
        });
        order.lines.push(row);
        Ok(())
    }

    fn take_credit_row(&mut self, row: &'a Row) -> Result<(), RefusalReason> {
        let customer = customer_of(row)?;
        // A credit of nothing, or of goods that went out, gives nothing back.
        let quantity = row
            .quantity
            .checked_neg()
            .filter(|quantity| *quantity > 0)
            .ok_or(RefusalReason::NonPositiveQuantity)?;
        self.returns.push(GoodReturn {
            customer,
            quantity,
            row,
        });
        Ok(())
    }
}

fn customer_of(row: &Row) -> Result<&CustomerNumber, RefusalReason> {
    row.customer.as_ref().ok_or(RefusalReason::MissingCustomer)
}
