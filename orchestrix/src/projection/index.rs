//! Indexes over the documents of a projection.

use std::fmt;

use super::{IndexKind, IndexValue};

/// The indexes over the documents of a projection.
pub type Indexes<P> = &'static [&'static dyn DocumentIndex<P>];

/// An index over the documents of a projection: an [`Index`], whatever the type of its field.
pub trait DocumentIndex<P>: Send + Sync {
    /// Its name, unique in the projection.
    fn name(&self) -> &'static str;

    /// The kind of its values.
    fn kind(&self) -> IndexKind;

    /// The place of a document in it: see [`IndexValue::encode`].
    fn encode(&self, document: &P) -> Vec<u8>;
}

/// An index over a field of the documents of a projection.
///
/// `#[projection(.., index(country))]` writes this. By hand it is:
///
/// ```
/// use orchestrix::prelude::*;
/// use orchestrix::projection::{Documents, FoldError, Index, Indexes, Keys};
/// use orchestrix::store::RecordedEvent;
///
/// #[derive(Event, Serialize, Deserialize)]
/// struct Sold { customer: String, country: String, pence: i64 }
///
/// #[derive(Default, Serialize, Deserialize)]
/// struct Spent { country: String, pence: i64 }
///
/// impl Projection for Spent {
///     const NAME: &'static str = "spent";
///     const VERSION: u32 = 1;
///     const INDEXES: Indexes<Self> = &[
///         &Index::new("country", |spent: &Self| &spent.country),
///         &Index::new("pence", |spent: &Self| &spent.pence),
///     ];
///     type Event = Sold;
///     fn keys(event: &Sold, _: &RecordedEvent, keys: &mut Keys) { keys.push(&event.customer); }
///     fn apply(event: &Sold, _: &RecordedEvent, documents: &mut Documents<'_, Self>) -> Result<(), FoldError> {
///         documents.change(&event.customer, |spent: &mut Self| {
///             spent.country = event.country.clone();
///             spent.pence += event.pence;
///         });
///         Ok(())
///     }
/// }
/// assert_eq!(Spent::INDEXES[0].name(), "country");
/// ```
pub struct Index<P, T> {
    name: &'static str,
    field: fn(&P) -> &T,
}

impl<P, T: IndexValue> Index<P, T> {
    /// Of this name, unique in the projection, over what the function finds in a document.
    pub const fn new(name: &'static str, field: fn(&P) -> &T) -> Self {
        Self { name, field }
    }
}

impl<P, T: IndexValue> DocumentIndex<P> for Index<P, T> {
    fn name(&self) -> &'static str {
        self.name
    }

    fn kind(&self) -> IndexKind {
        T::KIND
    }

    fn encode(&self, document: &P) -> Vec<u8> {
        (self.field)(document).encoded()
    }
}

impl<P, T: IndexValue> fmt::Debug for Index<P, T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Index")
            .field("name", &self.name)
            .field("kind", &T::KIND)
            .finish()
    }
}
