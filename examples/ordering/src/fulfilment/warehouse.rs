//! The warehouse: how much of everything there is, and which order got some of it.

use std::collections::{HashMap, HashSet};

use orchestrix::prelude::*;

use super::stock::{
    AllocateStock, InsufficientStock, OpenStock, OtherStock, ReleaseStock, StockOpened,
    StockRefused, StockReleased, StockReserved, Wanted,
};
use crate::domain::{Item, OrderId, StockCode};

/// The name of the shop's only warehouse.
pub const WAREHOUSE: &str = "main";

/// A warehouse.
#[derive(Debug, Default)]
pub struct Warehouse {
    units_each: Option<i64>,
    left: HashMap<StockCode, i64>,
    decided: HashSet<OrderId>,
    reserved: HashMap<OrderId, Vec<Item>>,
}

impl Warehouse {
    /// Units that are put aside for nobody, over everything.
    #[must_use]
    pub fn units_left(&self) -> i64 {
        self.left.values().sum()
    }

    /// Of how many stock codes nothing is left.
    #[must_use]
    pub fn codes_at_zero(&self) -> u64 {
        self.left.values().filter(|left| **left == 0).count() as u64
    }

    /// For how many orders something is put aside.
    #[must_use]
    pub fn reservations(&self) -> usize {
        self.reserved.len()
    }

    /// How many units are put aside for an order.
    #[must_use]
    pub fn reserved_for(&self, order: &OrderId) -> i64 {
        self.reserved.get(order).map_or(0, |items| units(items))
    }

    /// What an order lacks, where others of the same command have taken some already.
    fn missing(
        &self,
        wanted: &Wanted,
        taken: &HashMap<&StockCode, i64>,
    ) -> Option<InsufficientStock> {
        wanted.items.iter().find_map(|item| {
            let there = self.left.get(&item.stock_code).copied().unwrap_or(0);
            let left = there - taken.get(&item.stock_code).copied().unwrap_or(0);
            (left < item.quantity).then(|| InsufficientStock {
                stock_code: item.stock_code.clone(),
                needed: item.quantity,
                left,
            })
        })
    }
}

#[aggregate]
impl Warehouse {
    #[handle]
    fn open(&self, cmd: OpenStock) -> Result<Option<StockOpened>, OtherStock> {
        if let Some(opened) = self.units_each.filter(|opened| *opened != cmd.units_each) {
            let asked = cmd.units_each;
            return Err(OtherStock { opened, asked });
        }
        let new = cmd.stock_codes.into_iter();
        let new: Vec<_> = new.filter(|code| !self.left.contains_key(code)).collect();
        Ok((!new.is_empty()).then_some(StockOpened {
            warehouse: cmd.warehouse,
            stock_codes: new,
            units_each: cmd.units_each,
        }))
    }

    #[apply]
    fn opened(&mut self, event: &StockOpened) {
        self.units_each = Some(event.units_each);
        for code in &event.stock_codes {
            self.left.insert(code.clone(), event.units_each);
        }
    }

    #[handle]
    fn allocate(&self, cmd: &AllocateStock) -> Vec<WarehouseEvent> {
        let mut taken: HashMap<&StockCode, i64> = HashMap::new();
        let mut seen = HashSet::new();
        let mut decisions = Vec::new();
        for wanted in &cmd.orders {
            if self.decided.contains(&wanted.order) || !seen.insert(&wanted.order) {
                continue;
            }
            if let Some(missing) = self.missing(wanted, &taken) {
                decisions.push(WarehouseEvent::StockRefused(StockRefused {
                    order: wanted.order.clone(),
                    amount: wanted.amount,
                    missing,
                }));
                continue;
            }
            for item in &wanted.items {
                *taken.entry(&item.stock_code).or_default() += item.quantity;
            }
            decisions.push(WarehouseEvent::StockReserved(StockReserved {
                order: wanted.order.clone(),
                items: wanted.items.clone(),
                units: units(&wanted.items),
                amount: wanted.amount,
            }));
        }
        decisions
    }

    #[apply]
    fn reserved(&mut self, event: &StockReserved) {
        self.decided.insert(event.order.clone());
        for item in &event.items {
            if let Some(left) = self.left.get_mut(&item.stock_code) {
                *left -= item.quantity;
            }
        }
        self.reserved
            .insert(event.order.clone(), event.items.clone());
    }

    #[apply]
    fn refused(&mut self, event: &StockRefused) {
        self.decided.insert(event.order.clone());
    }

    #[handle]
    fn release(&self, cmd: ReleaseStock) -> Option<StockReleased> {
        let items = self.reserved.get(&cmd.order)?;
        Some(StockReleased {
            units: units(items),
            items: items.clone(),
            order: cmd.order,
        })
    }

    #[apply]
    fn released(&mut self, event: &StockReleased) {
        self.reserved.remove(&event.order);
        for item in &event.items {
            if let Some(left) = self.left.get_mut(&item.stock_code) {
                *left += item.quantity;
            }
        }
    }
}

fn units(items: &[Item]) -> i64 {
    items.iter().map(|item| item.quantity).sum()
}
