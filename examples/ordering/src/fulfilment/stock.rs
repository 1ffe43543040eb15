//! What is said to a warehouse, and what it says.

use std::collections::BTreeSet;

use orchestrix::prelude::*;

use crate::domain::{Item, Millipounds, OrderId, StockCode};

/// Goods came in that the warehouse had none of before.
#[derive(Event, Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct StockOpened {
    /// Which warehouse.
    pub warehouse: String,
    /// What came in.
    pub stock_codes: Vec<StockCode>,
    /// How many of each.
    pub units_each: i64,
}

/// Everything that an order needs was put aside for it.
#[derive(Event, Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct StockReserved {
    /// For which order.
    pub order: OrderId,
    /// What, each stock code once.
    pub items: Vec<Item>,
    /// All units together.
    pub units: i64,
    /// What the order costs.
    pub amount: Millipounds,
}

/// Something that an order needs is not there, so nothing was put aside for it.
#[derive(Event, Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct StockRefused {
    /// Which order.
    pub order: OrderId,
    /// What the order would have cost.
    pub amount: Millipounds,
    /// The first of what is not there.
    pub missing: InsufficientStock,
}

/// What was put aside for an order is free again.
#[derive(Event, Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct StockReleased {
    /// Which order.
    pub order: OrderId,
    /// What.
    pub items: Vec<Item>,
    /// All units together.
    pub units: i64,
}

/// Takes in so many of everything that the warehouse does not know yet.
#[derive(Command, Debug, Clone)]
pub struct OpenStock {
    /// Which warehouse.
    #[id]
    pub warehouse: String,
    /// Of what; what is known already stays as it is.
    pub stock_codes: BTreeSet<StockCode>,
    /// How many of each, as whenever goods came in before.
    pub units_each: i64,
}

/// Decides for orders, one after the other, whether there is enough for them. What was decided before stays so.
#[derive(Command, Debug, Clone)]
pub struct AllocateStock {
    /// Which warehouse.
    #[id]
    pub warehouse: String,
    /// The orders, first come, first served.
    pub orders: Vec<Wanted>,
}

/// What an order needs.
#[derive(Debug, Clone, PartialEq)]
pub struct Wanted {
    /// Which order.
    pub order: OrderId,
    /// What, each stock code once.
    pub items: Vec<Item>,
    /// What it costs.
    pub amount: Millipounds,
}

/// Frees what was put aside for an order; nothing where that was done before.
#[derive(Command, Debug, Clone)]
pub struct ReleaseStock {
    /// Which warehouse.
    #[id]
    pub warehouse: String,
    /// Which order.
    pub order: OrderId,
}

/// An order asks for more than there is.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, thiserror::Error)]
#[error("insufficient stock: {needed} of {stock_code} are needed, and {left} are left")]
pub struct InsufficientStock {
    /// Of what.
    pub stock_code: StockCode,
    /// How many the order needs.
    pub needed: i64,
    /// How many there are.
    pub left: i64,
}

/// Goods were to come in by another number than before.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error(
    "the stock was opened with {opened} units of everything before, and cannot be with {asked} now"
)]
pub struct OtherStock {
    /// The number before.
    pub opened: i64,
    /// The number now.
    pub asked: i64,
}
