//! Projections: events folded into documents that can be queried, or written into tables of their own.

mod builder;
mod documents;
mod fold;
mod index;
mod index_value;
mod kept;
mod keys;
mod table_fold;
mod table_projection;

use serde::Serialize;
use serde::de::DeserializeOwned;

use crate::message::Event;
use crate::store::RecordedEvent;

pub use documents::{Documents, FoldError};
pub(crate) use fold::{Erased, ErasedProjection, ProjectionInfo, collection};
pub use index::{DocumentIndex, Index, Indexes};
pub(crate) use index_value::is_cut;
pub use index_value::{IndexKind, IndexValue, MAX_INDEX_TEXT_BYTES};
pub use keys::Keys;
pub(crate) use table_projection::{ErasedTables, Tables, Unbound};
pub use table_projection::{TableProjection, TransactionOf};

/// A read model of keyed documents, each the fold of the events that concern its key.
///
/// `#[projection]` on an impl block writes this, from `#[apply]` methods. By hand it is:
///
/// ```
/// use orchestrix::prelude::*;
/// use orchestrix::projection::{Documents, FoldError, Keys};
/// use orchestrix::store::RecordedEvent;
///
/// #[derive(Event, Serialize, Deserialize)]
/// struct Sold { country: String, pence: i64 }
///
/// #[derive(Default, Serialize, Deserialize)]
/// struct Revenue { pence: i64 }
///
/// impl Projection for Revenue {
///     const NAME: &'static str = "revenue";
///     const VERSION: u32 = 1;
///     type Event = Sold;
///     fn keys(event: &Sold, _: &RecordedEvent, keys: &mut Keys) { keys.push(&event.country); }
///     fn apply(event: &Sold, _: &RecordedEvent, documents: &mut Documents<'_, Self>) -> Result<(), FoldError> {
///         documents.change(&event.country, |revenue: &mut Self| revenue.pence += event.pence);
///         Ok(())
///     }
/// }
/// ```
#[diagnostic::on_unimplemented(
    message = "`{Self}` is not a projection",
    label = "not a projection",
    note = "put `#[projection(key = ..)]` on an `impl {Self}` block with `#[apply]` methods; one with `store = ..` is listed in a module's `tables(..)`"
)]
pub trait Projection: Serialize + DeserializeOwned + Sized + Send + Sync + 'static {
    /// Its name, unique in an app.
    const NAME: &'static str;

    /// The version of its documents' meaning: a new one builds them again, from the first event, beside the old ones.
    const VERSION: u32;

    /// The indexes over its documents, by which [`App::query`](crate::app::App::query) finds them.
    ///
    /// Documents stand in those that there were when they were written. An app that starts looks for documents that are in
    /// one of them not: where there are any, the read model is [built anew](crate::app::App::rebuild) by itself, beside the
    /// one that is read, and until that takes its place queries by such an index are refused with
    /// [`QueryError::IndexNotBuilt`](crate::app::QueryError); others go on. What is not found out: that an index of the same
    /// name holds something else, which needs a new [`VERSION`](Self::VERSION), and what nodes with the old indexes write
    /// once this one has looked, so end them first.
    const INDEXES: Indexes<Self> = &[];

    /// All events that concern it.
    type Event: Event;

    /// The keys of the documents that an event concerns.
    fn keys(event: &Self::Event, recorded: &RecordedEvent, keys: &mut Keys);

    /// Folds an event into its documents. Pure.
    ///
    /// # Errors
    /// [`FoldError`] when a document is there that must not be, or is not there that must.
    fn apply(
        event: &Self::Event,
        recorded: &RecordedEvent,
        documents: &mut Documents<'_, Self>,
    ) -> Result<(), FoldError>;
}
