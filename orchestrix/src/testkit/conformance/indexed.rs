//! Documents in indexes, and queries on them, as behaviours write them.

use super::opened::Opened;
use super::read_models::{COLLECTION, commit, put};
use super::violation::Violation;
use crate::store::{
    DocumentOrder, DocumentQuery, DocumentWrite, IndexCondition, IndexRange, ReadModelCommit,
    TenantId,
};

/// Writes a document of the default tenant at these places.
pub(super) fn put_at(key: &str, places: &[&[u8]]) -> Result<DocumentWrite, Violation> {
    Ok(DocumentWrite {
        index_values: places.iter().map(|place| place.to_vec()).collect(),
        ..put(key, "{}")?
    })
}

/// A commit for documents in these indexes.
pub(super) fn commit_in(
    indexes: &[&str],
    expected: u64,
    position: u64,
    writes: Vec<DocumentWrite>,
) -> ReadModelCommit {
    ReadModelCommit {
        indexes: indexes.iter().map(|&index| index.to_owned()).collect(),
        ..commit(expected, position, writes)
    }
}

pub(super) fn condition(index: &str, range: IndexRange) -> IndexCondition {
    IndexCondition {
        index: index.to_owned(),
        range,
    }
}

pub(super) fn order(index: Option<&str>, descending: bool) -> DocumentOrder {
    DocumentOrder {
        index: index.map(str::to_owned),
        descending,
    }
}

/// Asks for all documents with a place in the index, by their keys.
pub(super) fn all_in(index: &str) -> DocumentQuery {
    asking(
        vec![condition(index, IndexRange::NoneOf(Vec::new()))],
        order(None, false),
    )
}

pub(super) fn asking(conditions: Vec<IndexCondition>, order: DocumentOrder) -> DocumentQuery {
    DocumentQuery {
        collection: COLLECTION.to_owned(),
        tenant: TenantId::default(),
        conditions,
        order,
        after: None,
        limit: 1_000,
    }
}

/// The keys of what a query finds, in order.
pub(super) async fn keys(store: &Opened, query: DocumentQuery) -> Result<Vec<String>, Violation> {
    let found = store.read_models.query_documents(query).await?;
    Ok(found.into_iter().map(|found| found.document.key).collect())
}
