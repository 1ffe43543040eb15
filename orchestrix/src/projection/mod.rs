//! Projections: events folded into documents that can be queried, or written into tables of their own.

mod builder;
mod documents;
mod fold;
mod index;
mod index_value;
mod inline;
mod inline_fold;
mod kept;
mod keys;
mod progress;
mod table_fold;
mod table_projection;

use serde::Serialize;
use serde::de::DeserializeOwned;

use crate::message::Event;
use crate::store::RecordedEvent;

pub use documents::{Documents, FoldError};
pub(crate) use fold::{Erased, ErasedProjection, INLINE_SUFFIX, ProjectionInfo, collection};
pub use index::{DocumentIndex, Index, Indexes};
pub(crate) use index_value::is_cut;
pub use index_value::{IndexKind, IndexValue, MAX_INDEX_TEXT_BYTES};
pub(crate) use inline::InlineProjections;
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

    /// The category of the streams that feed it, where its documents are written *inline*: in the transaction of the append
    /// that changes them. Who has been told that a command was carried out sees its effect in the document, without
    /// waiting; where the document cannot be written, nothing is stored. `None`, and a subscription writes them soon after.
    ///
    /// - Each document is fed by one stream, and has that one's key: any other is a [`FoldError::ForeignKey`].
    /// - An event that cannot be folded refuses its append, and the command that it came of:
    ///   [`DispatchError::NotFolded`](crate::aggregate::DispatchError).
    /// - Each append to such a stream reads the document before, and writes it: two to four times the work of an append
    ///   alone. It is for those few documents that must be right at once.
    /// - A subscription runs all the same. It folds what was stored before there was the projection, what others append who
    ///   do not know it, and what decisions append, who expect no version of the stream. A stream that it is more than
    ///   1,000 events behind with, or that waits for a dead letter, is left to it; a later append folds what it has not
    ///   come to yet. Each event is folded once, by whoever comes first.
    /// - Its position is the subscription's: [`at_least`](crate::app::View::at_least) waits for that, needlessly after a
    ///   dispatch.
    /// - In [`apply`](Self::apply) the event's `position` is [`GlobalPosition::START`](crate::store::GlobalPosition) where it is
    ///   folded inline: the store has not given it one yet. Do not use it there.
    /// - The log and the read models must be in one store.
    /// - The name of its subscription ends in `+inline`. A projection that is made inline, or is not any more, is built
    ///   from the first event, beside the old documents.
    ///
    /// ```
    /// use orchestrix::prelude::*;
    ///
    /// #[derive(Event, Serialize, Deserialize)]
    /// struct Counted { counter: String, by: u32 }
    ///
    /// #[derive(Command)]
    /// struct Count { #[id] counter: String, by: u32 }
    ///
    /// #[derive(Default)]
    /// struct Counter;
    ///
    /// #[aggregate]
    /// impl Counter {
    ///     #[handle]
    ///     fn count(&self, count: &Count) -> Counted { Counted { counter: count.counter.clone(), by: count.by } }
    ///     #[apply]
    ///     fn counted(&mut self, _: &Counted) {}
    /// }
    ///
    /// #[derive(Default, Serialize, Deserialize)]
    /// struct Total { sum: u32 }
    ///
    /// #[projection(key = counter, inline = Counter)]
    /// impl Total {
    ///     #[apply]
    ///     fn counted(&mut self, event: &Counted) { self.sum += event.by }
    /// }
    ///
    /// struct Counting;
    ///
    /// #[module(aggregates(Counter), projections(Total))]
    /// impl Counting {}
    ///
    /// # #[tokio::main(flavor = "current_thread")] async fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// assert_eq!(Total::INLINE, Some("counter"));
    /// let app = Orchestrix::builder().isolated().store(MemoryStore::new()).module(Counting).start().await?;
    /// app.dispatch(Count { counter: "7".to_owned(), by: 3 }).await?;
    /// let total = app.view::<Total>("7").await?;
    /// assert_eq!(total.map(|total| total.sum), Some(3));
    /// # Ok(app.shutdown().await?) }
    /// ```
    const INLINE: Option<&'static str> = None;

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
