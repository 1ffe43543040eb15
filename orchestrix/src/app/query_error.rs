//! Why a query on a read model gave nothing.

use super::{CursorError, ViewError};
use crate::projection::{IndexKind, MAX_INDEX_TEXT_BYTES};
use crate::tenant::TenantRequired;

/// Why a query on a read model gave nothing.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum QueryError {
    /// The read model has no such index.
    #[error(
        "read model `{read_model}` has no index `{index}`; {}",
        if known.is_empty() { "it has none: add `index(..)` to its `#[projection]`".to_owned() }
        else { format!("it has: {}", known.join(", ")) }
    )]
    NoIndex {
        /// Its name and version.
        read_model: String,
        /// The name as given.
        index: String,
        /// The names there are, as they were declared.
        known: Vec<&'static str>,
    },
    /// Documents that were written before there was this index are not in it. The read model is being built anew, and can be
    /// asked once that takes its place: see [`Projection::INDEXES`](crate::projection::Projection::INDEXES).
    #[error(
        "index `{index}` of read model `{read_model}` is not built yet: not all documents are in it"
    )]
    IndexNotBuilt {
        /// Its name and version.
        read_model: String,
        /// The index.
        index: String,
    },
    /// The index holds values of another kind, so nothing could be found.
    #[error(
        "index `{index}` of read model `{read_model}` holds {holds}, and was compared with {given}"
    )]
    Kind {
        /// The name and version of the read model.
        read_model: String,
        /// The index.
        index: String,
        /// What it holds.
        holds: IndexKind,
        /// What it was compared with.
        given: IndexKind,
    },
    /// A text is longer than those that an index tells apart.
    #[error("index `{index}` was compared with a text of more than {MAX_INDEX_TEXT_BYTES} bytes")]
    TooLong {
        /// The index.
        index: String,
    },
    /// More was asked for than a query may, or nothing.
    #[error("a query takes 1 to {most} {what}, not {given}")]
    Limit {
        /// Of what: documents, conditions, or values in one condition.
        what: &'static str,
        /// The most there may be.
        most: usize,
        /// How many were asked for.
        given: usize,
    },
    /// The cursor is none of this query.
    #[error(transparent)]
    Cursor(#[from] CursorError),
    /// The read model could not be read.
    #[error(transparent)]
    View(#[from] ViewError),
}

impl From<TenantRequired> for QueryError {
    fn from(error: TenantRequired) -> Self {
        Self::View(error.into())
    }
}
