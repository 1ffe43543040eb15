//! The documents of one collection and tenant, and their places in indexes.

use std::collections::{BTreeSet, HashMap};
use std::ops::Bound;
use std::sync::Arc;

use foldhash::fast::RandomState;

use crate::store::{
    Document, DocumentOrder, DocumentPlace, DocumentQuery, DocumentWrite, FoundDocument,
    IndexCondition, Payload,
};

#[derive(Debug, Default)]
pub(super) struct Documents {
    /// Most writes change what is there, and need no order.
    by_key: HashMap<Arc<str>, Stored, RandomState>,
    /// The same keys, in order.
    keys: BTreeSet<Arc<str>>,
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
            .filter_map(|key| Some((key, self.by_key.get(key.as_str())?)));
        found.map(|(key, stored)| document(key, stored)).collect()
    }

    /// Whether one of them has no place in the index.
    pub(super) fn lack(&self, index: &str) -> bool {
        let mut all = self.by_key.values();
        all.any(|stored| stored.place(index).is_none())
    }

    pub(super) fn scan(&self, after: Option<&str>, limit: usize) -> Vec<Document> {
        let from = after.map_or(Bound::Unbounded, Bound::Excluded);
        self.in_order((from, Bound::Unbounded))
            .take(limit)
            .map(|(key, stored)| document(key, stored))
            .collect()
    }

    fn in_order<'a>(
        &'a self,
        range: Range<&str>,
    ) -> impl DoubleEndedIterator<Item = (&'a str, &'a Stored)> + use<'a> {
        let keys = self.keys.range::<str, _>(range);
        keys.filter_map(|key| Some((&**key, self.by_key.get(key)?)))
    }

    /// Where the commit has no indexes, what is there of them stays.
    pub(super) fn write(&mut self, indexes: &Arc<[String]>, write: DocumentWrite) {
        let Some(body) = write.body else {
            self.remove(&write.key);
            return;
        };
        let stored = match self.by_key.get_mut(write.key.as_str()) {
            Some(stored) => {
                stored.body = body;
                stored
            }
            None => {
                let key: Arc<str> = write.key.as_str().into();
                self.keys.insert(key.clone());
                self.by_key.entry(key).or_insert(Stored {
                    body,
                    indexes: indexes.clone(),
                    places: Vec::new(),
                })
            }
        };
        if indexes.is_empty() {
            return;
        }
        for (name, place) in stored.indexes.iter().zip(stored.places.drain(..)) {
            if let Some(index) = self.indexes.get_mut(name) {
                index.remove(&(place, write.key.clone()));
            }
        }
        for (name, place) in indexes.iter().zip(&write.index_values) {
            let index = match self.indexes.get_mut(name) {
                Some(index) => index,
                None => self.indexes.entry(name.clone()).or_default(),
            };
            index.insert((place.clone(), write.key.clone()));
        }
        stored.indexes = indexes.clone();
        stored.places = write.index_values;
    }

    /// Takes the first document away, with its places; says whether there was one.
    pub(super) fn take_first(&mut self) -> bool {
        let first = self.keys.first().cloned();
        first.is_some_and(|key| self.remove(&key))
    }

    /// Takes a document away, with its places; says whether it was there.
    fn remove(&mut self, key: &str) -> bool {
        let Some(stored) = self.by_key.remove(key) else {
            return false;
        };
        self.keys.remove(key);
        for (name, place) in stored.indexes.iter().zip(stored.places) {
            if let Some(index) = self.indexes.get_mut(name) {
                index.remove(&(place, key.to_owned()));
            }
        }
        true
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
                let after = after.map(|after| after.key.as_str());
                let found = self.in_order(behind(after, descending));
                let candidate =
                    |(key, stored): (&'a str, &'a Stored)| -> Candidate<'a> { (&[], key, stored) };
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
            let stored = self.by_key.get(key.as_str())?;
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
