//! What orders need, from what was imported.

use std::collections::{BTreeMap, HashMap, HashSet};

use jiff::civil::DateTime;
use orchestrix::prelude::*;
use orchestrix::store::{Filter, GlobalPosition, ReadAll, RecordedEvent};

use super::FulfilError;
use super::stock::Wanted;
use crate::domain::{
    InvoiceImported, Item, OrderCancelled, OrderCompleted, OrderId, OrderLine, OrderPlaced,
    StockCode,
};

impl Wanted {
    /// What an order of these lines needs.
    #[must_use]
    pub fn by(order: OrderId, lines: &[OrderLine]) -> Self {
        let mut units: BTreeMap<&StockCode, i64> = BTreeMap::new();
        for line in lines {
            *units.entry(&line.stock_code).or_default() += line.quantity;
        }
        let item = |(stock_code, quantity): (&StockCode, i64)| Item {
            stock_code: stock_code.clone(),
            quantity,
        };
        Self {
            order,
            items: units.into_iter().map(item).collect(),
            amount: lines.iter().map(OrderLine::revenue).sum(),
        }
    }
}

/// Those orders of which no row was refused, in the log's order. Imports run concurrently, so the order of their events
/// is another one.
pub(super) async fn of_whole_orders(
    app: &App,
    head: GlobalPosition,
) -> Result<Vec<Wanted>, FulfilError> {
    let mut found = Found::default();
    let types = [
        OrderPlaced::types(),
        OrderCancelled::types(),
        OrderCompleted::types(),
        InvoiceImported::types(),
    ];
    let types = types.iter().flatten().map(|known| known.name());
    let filter = Filter::all().event_types(types);
    let mut after = GlobalPosition::START;
    while after < head {
        let read = ReadAll::after(after).filter(filter.clone());
        let page = app.store().read_all(read).await?;
        for event in &page.events {
            found.add(event)?;
        }
        after = page.scanned_to;
        if page.at_head {
            break;
        }
    }
    Ok(found.in_order())
}

/// When its first row was invoiced, and its number, as a number is compared.
type Place = (Option<DateTime>, usize, String);

#[derive(Default)]
struct Found {
    orders: HashMap<String, (Place, Wanted)>,
    whole: HashSet<String>,
    ended: HashSet<String>,
}

impl Found {
    fn add(&mut self, event: &RecordedEvent) -> Result<(), FulfilError> {
        if let Some(placed) = OrderPlaced::decode(&event.data) {
            let placed = placed?;
            let number = placed.order.to_string();
            let first = placed.lines.first().map(|line| line.invoiced_at);
            let place = (first, number.len(), number.clone());
            let wanted = Wanted::by(placed.order, &placed.lines);
            self.orders.insert(number, (place, wanted));
        } else if let Some(imported) = InvoiceImported::decode(&event.data) {
            let imported = imported?;
            if imported.refused.is_empty() {
                self.whole.insert(imported.invoice);
            }
        } else {
            // Both are events of the order's own stream.
            self.ended.insert(event.stream.key().to_owned());
        }
        Ok(())
    }

    fn in_order(self) -> Vec<Wanted> {
        let Self {
            orders,
            whole,
            ended,
        } = self;
        let is_open = |number: &String| whole.contains(number) && !ended.contains(number);
        let open = orders.into_iter().filter(|(number, _)| is_open(number));
        let mut open: Vec<(Place, Wanted)> = open.map(|(_, order)| order).collect();
        open.sort_by(|(a, _), (b, _)| a.cmp(b));
        open.into_iter().map(|(_, wanted)| wanted).collect()
    }
}
