//! Which invoices must follow each other.

use std::collections::HashMap;

use crate::log::{CustomerNumber, Invoice};

/// The invoices in lanes that are independent of each other, each in the log's order: invoices that share a customer
/// are in one lane, also where one names several.
pub(super) fn lanes(invoices: &[Invoice]) -> Vec<Vec<&Invoice>> {
    let mut groups = Groups::default();
    let group_of: Vec<usize> = invoices
        .iter()
        .map(|invoice| {
            let customers = invoice.rows.iter().filter_map(|row| row.customer.as_ref());
            groups.join(customers)
        })
        .collect();
    let mut lanes: Vec<Vec<&Invoice>> = Vec::new();
    let mut lane_of: HashMap<usize, usize> = HashMap::new();
    for (invoice, group) in invoices.iter().zip(group_of) {
        let lane = *lane_of.entry(groups.root(group)).or_insert_with(|| {
            lanes.push(Vec::new());
            lanes.len() - 1
        });
        lanes[lane].push(invoice);
    }
    lanes
}

/// Union-find over customers; an invoice without any is a group of its own.
#[derive(Default)]
struct Groups<'a> {
    parents: Vec<usize>,
    of_customer: HashMap<&'a CustomerNumber, usize>,
}

impl<'a> Groups<'a> {
    fn join(&mut self, customers: impl Iterator<Item = &'a CustomerNumber>) -> usize {
        let mut joined = None;
        for customer in customers {
            let group = match self.of_customer.get(customer) {
                Some(group) => self.root(*group),
                None => {
                    let group = self.add();
                    self.of_customer.insert(customer, group);
                    group
                }
            };
            match joined {
                Some(first) => self.parents[group] = first,
                None => joined = Some(group),
            }
        }
        joined.unwrap_or_else(|| self.add())
    }

    fn add(&mut self) -> usize {
        self.parents.push(self.parents.len());
        self.parents.len() - 1
    }

    fn root(&self, mut group: usize) -> usize {
        while self.parents[group] != group {
            group = self.parents[group];
        }
        group
    }
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use super::*;
    use crate::log::{Log, LogError};

    #[test]
    fn invoices_that_share_a_customer_follow_each_other() -> Result<(), LogError> {
        let rows = [
            ("1", "A1"),
            ("2", "A2"),
            ("C3", "A1"),
            ("4", ""),
            ("C5", "A3"),
            ("C5", "A2"),
            ("6", "A3"),
        ];
        let mut csv = crate::log::COLUMNS.join(",") + "\n";
        for (invoice, customer) in rows {
            let customer = customer.trim_start_matches('A');
            csv += &format!("{invoice},S,,1,2011-01-01 00:00:00,1.0,{customer},UK\n");
        }
        let log = Log::read_csv(Path::new("test.csv"), csv.as_bytes())?;
        let lanes: Vec<Vec<&str>> = lanes(&log.invoices)
            .into_iter()
            .map(|lane| lane.into_iter().map(|invoice| &*invoice.number).collect())
            .collect();
        assert_eq!(lanes, [vec!["1", "C3"], vec!["2", "C5", "6"], vec!["4"]]);
        Ok(())
    }
}
