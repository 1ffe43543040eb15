//! Finding documents by their places in indexes.

use std::ops::Bound;

use super::{Document, TenantId};

/// Asks for documents of a collection by their places in its indexes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DocumentQuery {
    /// The collection.
    pub collection: String,
    /// Whose documents.
    pub tenant: TenantId,
    /// What must hold of each document, all of it.
    pub conditions: Vec<IndexCondition>,
    /// In what order they come.
    pub order: DocumentOrder,
    /// Only what comes behind this in the order.
    pub after: Option<DocumentPlace>,
    /// At most so many.
    pub limit: usize,
}

/// What must hold of a document's place in an index.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct IndexCondition {
    /// The name of the index.
    pub index: String,
    /// Where the place must be.
    pub range: IndexRange,
}

/// Places in an index, as bytes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum IndexRange {
    /// All between two.
    Between(Bound<Vec<u8>>, Bound<Vec<u8>>),
    /// These.
    OneOf(Vec<Vec<u8>>),
    /// All but these.
    NoneOf(Vec<Vec<u8>>),
}

impl IndexRange {
    /// Whether a place is among them.
    pub fn contains(&self, place: &[u8]) -> bool {
        match self {
            Self::Between(from, to) => {
                let after = match from {
                    Bound::Included(from) => **from <= *place,
                    Bound::Excluded(from) => **from < *place,
                    Bound::Unbounded => true,
                };
                let before = match to {
                    Bound::Included(to) => *place <= **to,
                    Bound::Excluded(to) => *place < **to,
                    Bound::Unbounded => true,
                };
                after && before
            }
            Self::OneOf(places) => places.iter().any(|other| **other == *place),
            Self::NoneOf(places) => places.iter().all(|other| **other != *place),
        }
    }

    /// The one place that there is among them, if it can be seen.
    pub fn only(&self) -> Option<&[u8]> {
        match self {
            Self::OneOf(places) => match &places[..] {
                [only] => Some(only),
                _ => None,
            },
            Self::Between(..) | Self::NoneOf(_) => None,
        }
    }
}

/// The order of documents.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct DocumentOrder {
    /// By the places in this index, and by the bytes of their keys where these are equal; by keys alone where there is
    /// none.
    pub index: Option<String>,
    /// The other way round, keys included.
    pub descending: bool,
}

/// A place in the order of documents.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DocumentPlace {
    /// The place in the index by which they are ordered; empty where they are by their keys.
    pub value: Vec<u8>,
    /// The key.
    pub key: String,
}

/// A document that was found, with its place in the order.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FoundDocument {
    /// The document.
    pub document: Document,
    /// Its place in the index by which they are ordered; empty where they are by their keys.
    pub value: Vec<u8>,
}
