//! The documents of one collection and tenant, and their places in indexes.

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::ops::Bound;
use std::sync::Arc;

use crate::store::{
    Document, DocumentOrder, DocumentPlace, DocumentQuery, DocumentWrite, FoundDocument,
    IndexCondition, Payload,
};

#[derive(Debug, Default)]
pub(super) struct Documents {
    by_key: BTreeMap<String, Stored>,
    /// By name: places, each with the key of its document.
    indexes: HashMap<String, BTreeSet<(Vec<u8>, String)>>,
}

#[derive(Debug)]
struct Stored {
    body: Payload,
    /// The names of the indexes that it is in, shared by all documents of a commit.
    indexes: Arc<[String]>,
    places: Vec<Vec<u8>>,
}

impl Stored {
    fn place(&self, index: &str) -> Option<&[u8]> {
        let at = self.indexes.iter().position(|name| name == index)?;
        self.places.get(at).map(Vec::as_slice)
    }

    fn meets(&self, conditions: &[IndexCondition]) -> bool {
        conditions.iter().all(|condition| {
            let place = self.place(&condition.index);
            place.is_some_and(|place| condition.range.contains(place))
        })
    }
}

/// A place in an index, and the document there.
type Candidate<'a> = (&'a [u8], &'a str, &'a Stored);

impl Documents {
    pub(super) fn get(&self, keys: &[String]) -> Vec<Document> {
        let found = keys
            .iter()
            .filter_map(|key| self.by_key.get_key_value(key.as_str()));
        found.map(|(key, stored)| document(key, stored)).collect()
    }

    pub(super) fn scan(&self, after: Option<&str>, limit: usize) -> Vec<Document> {
        let from = after.map_or(Bound::Unbounded, Bound::Excluded);
        self.by_key
            .range::<str, _>((from, Bound::Unbounded))
            .take(limit)
            .map(|(key, stored)| document(key, stored))
            .collect()
    }

    /// Where the commit has no indexes, what is there of them stays.
    pub(super) fn write(&mut self, indexes: &Arc<[String]>, write: DocumentWrite) {
        let before = self.by_key.remove(&write.key);
        let (mut names, mut places) = (indexes.clone(), write.index_values);
        match before {
            Some(stored) if indexes.is_empty() => {
                (names, places) = (stored.indexes, stored.places);
            }
            Some(stored) => self.leave(&write.key, &stored),
            None => {}
        }
        let Some(body) = write.body else { return };
        if !indexes.is_empty() {
            for (name, place) in names.iter().zip(&places) {
                let index = self.indexes.entry(name.clone()).or_default();
                index.insert((place.clone(), write.key.clone()));
            }
        }
        let stored = Stored {
            body,
            indexes: names,
            places,
        };
        self.by_key.insert(write.key, stored);
    }

    /// Takes the first document away, with its places; says whether there was one.
    pub(super) fn take_first(&mut self) -> bool {
        let first = self.by_key.pop_first();
        if let Some((key, stored)) = &first {
            self.leave(key, stored);
        }
        first.is_some()
    }

    fn leave(&mut self, key: &str, stored: &Stored) {
        for (name, place) in stored.indexes.iter().zip(&stored.places) {
            if let Some(index) = self.indexes.get_mut(name) {
                index.remove(&(place.clone(), key.to_owned()));
            }
        }
    }

    pub(super) fn query(&self, query: &DocumentQuery) -> Vec<FoundDocument> {
        let found = self.candidates(&query.conditions, &query.order, query.after.as_ref());
        found
            .filter(|(_, _, stored)| stored.meets(&query.conditions))
            .take(query.limit)
            .map(|(place, key, stored)| FoundDocument {
                document: document(key, stored),
                value: match query.order.index {
                    Some(_) => place.to_vec(),
                    None => Vec::new(),
                },
            })
            .collect()
    }

    pub(super) fn count(&self, conditions: &[IndexCondition]) -> usize {
        let by_key = DocumentOrder::default();
        let found = self.candidates(conditions, &by_key, None);
        found
            .filter(|(_, _, stored)| stored.meets(conditions))
            .count()
    }

    /// What may be found, in order. A condition that names one place spares those elsewhere, which stand in the order of
    /// their keys there.
    fn candidates<'a>(
        &'a self,
        conditions: &'a [IndexCondition],
        order: &'a DocumentOrder,
        after: Option<&DocumentPlace>,
    ) -> Box<dyn Iterator<Item = Candidate<'a>> + 'a> {
        let only = conditions
            .iter()
            .find_map(|condition| Some((&condition.index, condition.range.only()?)));
        let descending = order.descending;
        match (&order.index, only) {
            (Some(index), _) => {
                let after = after.map(|after| (after.value.clone(), after.key.clone()));
                self.walk(index, behind(after, descending), descending)
            }
            (None, Some((index, place))) => {
                // The bytes right behind a place are the place and a zero.
                let next = [place, &[0]].concat();
                let all = (place.to_vec(), String::new())..(next, String::new());
                let after = after.map(|after| (place.to_vec(), after.key.clone()));
                let range = match (behind(after, descending), descending) {
                    ((from @ Bound::Excluded(_), _), false) => (from, Bound::Excluded(all.end)),
                    ((_, to @ Bound::Excluded(_)), true) => (Bound::Included(all.start), to),
                    _ => (Bound::Included(all.start), Bound::Excluded(all.end)),
                };
                self.walk(index, range, descending)
            }
            (None, None) => {
                let after = after.map(|after| after.key.clone());
                let found = self.by_key.range(behind(after, descending));
                let candidate = |(key, stored): (&'a String, &'a Stored)| -> Candidate<'a> {
                    (&[], key.as_str(), stored)
                };
                match descending {
                    false => Box::new(found.map(candidate)),
                    true => Box::new(found.rev().map(candidate)),
                }
            }
        }
    }

    fn walk<'a>(
        &'a self,
        index: &str,
        range: Range<Place>,
        descending: bool,
    ) -> Box<dyn Iterator<Item = Candidate<'a>> + 'a> {
        let Some(places) = self.indexes.get(index) else {
            return Box::new(std::iter::empty());
        };
        let found = places.range(range);
        let candidate = |(place, key): &'a Place| {
            let stored = self.by_key.get(key)?;
            Some((place.as_slice(), key.as_str(), stored))
        };
        match descending {
            false => Box::new(found.filter_map(candidate)),
            true => Box::new(found.rev().filter_map(candidate)),
        }
    }
}

type Place = (Vec<u8>, String);
type Range<T> = (Bound<T>, Bound<T>);

/// What comes behind, in this direction.
fn behind<T>(after: Option<T>, descending: bool) -> Range<T> {
    match (after, descending) {
        (None, _) => (Bound::Unbounded, Bound::Unbounded),
        (Some(after), false) => (Bound::Excluded(after), Bound::Unbounded),
        (Some(after), true) => (Bound::Unbounded, Bound::Excluded(after)),
    }
}

fn document(key: &str, stored: &Stored) -> Document {
    Document {
        key: key.to_owned(),
        body: stored.body.clone(),
    }
}
