//! A customer: what they bought and returned, and so what they may still return.

use std::collections::{BTreeMap, BTreeSet};

use orchestrix::prelude::*;

use super::{CustomerId, Item, Millipounds, OrderId, ReturnId, StockCode};

/// A customer bought what an order holds.
#[derive(Event, Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct PurchaseRecorded {
    /// Who.
    pub customer: CustomerId,
    /// By which order.
    pub order: OrderId,
    /// What.
    pub items: Vec<Item>,
}

/// An order was cancelled: what it held is no longer the customer's.
#[derive(Event, Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct PurchaseTakenBack {
    /// Whose.
    pub customer: CustomerId,
    /// Which order.
    pub order: OrderId,
    /// What.
    pub items: Vec<Item>,
}

/// Goods came back.
#[derive(Event, Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct ItemsReturned {
    /// By which row of which credit.
    pub return_id: ReturnId,
    /// From whom.
    pub customer: CustomerId,
    /// What.
    pub stock_code: StockCode,
    /// How many, at least one.
    pub quantity: i64,
    /// What is given back for one.
    pub unit_price: Millipounds,
}

/// A return was refused. It is an event, so that it stays refused when the same row is sent again later.
#[derive(Event, Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct ReturnRefused {
    /// Which row of which credit.
    pub return_id: ReturnId,
    /// Whose.
    pub customer: CustomerId,
    /// Why.
    pub refused: RefusedReturn,
}

/// What became of a return.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum Decided {
    /// The goods came back.
    Taken,
    /// They did not.
    Refused(RefusedReturn),
}

/// Why a return is refused.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum RefusedReturn {
    /// The customer has none of it.
    NothingOutstanding,
    /// The customer has fewer of it.
    ExceedsOutstanding,
}

/// Notes what a customer bought by an order. An order that is known already changes nothing.
#[derive(Command, Debug, Clone)]
pub struct RecordPurchase {
    /// Who.
    #[id]
    pub customer: CustomerId,
    /// By which order.
    pub order: OrderId,
    /// What.
    pub items: Vec<Item>,
}

/// Takes back what a cancelled order held.
#[derive(Command, Debug, Clone)]
pub struct TakeBackPurchase {
    /// Whose.
    #[id]
    pub customer: CustomerId,
    /// Which order.
    pub order: OrderId,
    /// What it held.
    pub items: Vec<Item>,
}

/// Returns goods. A return that was decided already changes nothing.
#[derive(Command, Debug, Clone)]
pub struct ReturnItems {
    /// From whom.
    #[id]
    pub customer: CustomerId,
    /// By which row of which credit.
    pub return_id: ReturnId,
    /// What.
    pub stock_code: StockCode,
    /// How many, at least one.
    pub quantity: i64,
    /// What is given back for one.
    pub unit_price: Millipounds,
}

/// A customer.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct Customer {
    /// Units bought and not returned.
    pub outstanding: BTreeMap<StockCode, i64>,
    /// Orders known.
    pub orders: BTreeSet<OrderId>,
    /// Orders that were taken back.
    pub taken_back: BTreeSet<OrderId>,
    /// Returns decided.
    pub returns: BTreeMap<ReturnId, Decided>,
}

impl Customer {
    fn add(&mut self, stock_code: &StockCode, units: i64) {
        match self.outstanding.get_mut(stock_code) {
            Some(outstanding) => *outstanding += units,
            None => {
                self.outstanding.insert(stock_code.clone(), units);
            }
        }
    }
}

#[aggregate]
impl Customer {
    #[handle]
    fn record(&self, cmd: &RecordPurchase) -> Option<PurchaseRecorded> {
        (!self.orders.contains(&cmd.order)).then(|| PurchaseRecorded {
            customer: cmd.customer.clone(),
            order: cmd.order.clone(),
            items: cmd.items.clone(),
        })
    }

    #[apply]
    fn recorded(&mut self, event: &PurchaseRecorded) {
        self.orders.insert(event.order.clone());
        for item in &event.items {
            self.add(&item.stock_code, item.quantity);
        }
    }

    /// An order that is cancelled before its purchase was noted is noted as well, so that it cannot be noted later.
    #[handle]
    fn take_back(&self, cmd: &TakeBackPurchase) -> Vec<CustomerEvent> {
        if self.taken_back.contains(&cmd.order) {
            return Vec::new();
        }
        let recorded = self.record(&RecordPurchase {
            customer: cmd.customer.clone(),
            order: cmd.order.clone(),
            items: cmd.items.clone(),
        });
        let taken_back = PurchaseTakenBack {
            customer: cmd.customer.clone(),
            order: cmd.order.clone(),
            items: cmd.items.clone(),
        };
        let recorded = recorded.map(CustomerEvent::PurchaseRecorded);
        recorded
            .into_iter()
            .chain([CustomerEvent::PurchaseTakenBack(taken_back)])
            .collect()
    }

    #[apply]
    fn taken_back(&mut self, event: &PurchaseTakenBack) {
        self.taken_back.insert(event.order.clone());
        for item in &event.items {
            self.add(&item.stock_code, -item.quantity);
        }
    }

    #[handle]
    fn return_items(&self, cmd: &ReturnItems) -> Option<CustomerEvent> {
        if self.returns.contains_key(&cmd.return_id) {
            return None;
        }
        let outstanding = self
            .outstanding
            .get(&cmd.stock_code)
            .copied()
            .unwrap_or_default();
        let refused = match outstanding {
            ..=0 => RefusedReturn::NothingOutstanding,
            _ if outstanding < cmd.quantity => RefusedReturn::ExceedsOutstanding,
            _ => {
                return Some(CustomerEvent::ItemsReturned(ItemsReturned {
                    return_id: cmd.return_id.clone(),
                    customer: cmd.customer.clone(),
                    stock_code: cmd.stock_code.clone(),
                    quantity: cmd.quantity,
                    unit_price: cmd.unit_price,
                }));
            }
        };
        Some(CustomerEvent::ReturnRefused(ReturnRefused {
            return_id: cmd.return_id.clone(),
            customer: cmd.customer.clone(),
            refused,
        }))
    }

    #[apply]
    fn returned(&mut self, event: &ItemsReturned) {
        self.returns.insert(event.return_id.clone(), Decided::Taken);
        self.add(&event.stock_code, -event.quantity);
    }

    #[apply]
    fn refused(&mut self, event: &ReturnRefused) {
        self.returns
            .insert(event.return_id.clone(), Decided::Refused(event.refused));
    }
}
