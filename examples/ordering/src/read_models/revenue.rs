//! Revenue by where and when, and what was sold: several documents for one order.

use orchestrix::prelude::*;

use crate::domain::{Millipounds, OrderCancelled, OrderLine, OrderPlaced, StockCode};

/// An event about the lines of an order.
trait Lines {
    fn lines(&self) -> &[OrderLine];

    /// The lines' keys, each once.
    fn distinct<K: Ord>(&self, key: impl Fn(&OrderLine) -> K) -> Vec<K> {
        let mut keys: Vec<K> = self.lines().iter().map(key).collect();
        keys.sort();
        keys.dedup();
        keys
    }
}

impl Lines for OrderPlaced {
    fn lines(&self) -> &[OrderLine] {
        &self.lines
    }
}

impl Lines for OrderCancelled {
    fn lines(&self) -> &[OrderLine] {
        &self.lines
    }
}

/// Revenue by country; the key is the country's name. The document ends with the last line.
#[derive(Debug, Default, Serialize, Deserialize)]
pub struct RevenueByCountry {
    /// Lines in orders that were not cancelled.
    pub lines: u64,
    /// Of these lines.
    pub revenue: Millipounds,
}

fn countries(event: &impl Lines) -> Vec<String> {
    event.distinct(|line| line.country.clone())
}

#[projection]
impl RevenueByCountry {
    #[apply(keys = countries)]
    fn placed(&mut self, event: &OrderPlaced, country: &String) {
        for line in event.lines.iter().filter(|line| line.country == *country) {
            self.lines += 1;
            self.revenue += line.revenue();
        }
    }

    #[apply(keys = countries)]
    fn cancelled(mut self, event: &OrderCancelled, country: &String) -> Option<Self> {
        for line in event.lines.iter().filter(|line| line.country == *country) {
            self.lines -= 1;
            self.revenue -= line.revenue();
        }
        (self.lines > 0).then_some(self)
    }
}

/// Revenue by month; the key is `YYYY-MM`. The document ends with the last line.
#[derive(Debug, Default, Serialize, Deserialize)]
pub struct RevenueByMonth {
    /// Lines in orders that were not cancelled.
    pub lines: u64,
    /// Of these lines.
    pub revenue: Millipounds,
}

fn months(event: &impl Lines) -> Vec<String> {
    event.distinct(OrderLine::month)
}

#[projection]
impl RevenueByMonth {
    #[apply(keys = months)]
    fn placed(&mut self, event: &OrderPlaced, month: &String) {
        for line in event.lines.iter().filter(|line| line.month() == *month) {
            self.lines += 1;
            self.revenue += line.revenue();
        }
    }

    #[apply(keys = months)]
    fn cancelled(mut self, event: &OrderCancelled, month: &String) -> Option<Self> {
        for line in event.lines.iter().filter(|line| line.month() == *month) {
            self.lines -= 1;
            self.revenue -= line.revenue();
        }
        (self.lines > 0).then_some(self)
    }
}

/// What was sold of a stock code; the document ends when nothing of it is sold any more.
#[derive(Debug, Default, Serialize, Deserialize)]
pub struct SoldStock {
    /// In orders that were not cancelled.
    pub lines: u64,
    /// In orders that were not cancelled.
    pub units: i64,
}

fn stock_codes(event: &impl Lines) -> Vec<StockCode> {
    event.distinct(|line| line.stock_code.clone())
}

#[projection]
impl SoldStock {
    #[apply(keys = stock_codes)]
    fn placed(&mut self, event: &OrderPlaced, stock_code: &StockCode) {
        for line in event
            .lines
            .iter()
            .filter(|line| line.stock_code == *stock_code)
        {
            self.lines += 1;
            self.units += line.quantity;
        }
    }

    #[apply(keys = stock_codes)]
    fn cancelled(mut self, event: &OrderCancelled, stock_code: &StockCode) -> Option<Self> {
        for line in event
            .lines
            .iter()
            .filter(|line| line.stock_code == *stock_code)
        {
            self.lines -= 1;
            self.units -= line.quantity;
        }
        (self.lines > 0).then_some(self)
    }
}
