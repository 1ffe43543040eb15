//! The conditions of a query, and what is wrong with them.

use std::marker::PhantomData;
use std::ops::Bound;

use crate::app::QueryError;
use crate::projection::{IndexValue, Projection, collection, is_cut};
use crate::store::{IndexCondition, IndexRange};

/// The most conditions of one query.
pub const MAX_CONDITIONS: usize = 16;
/// The most values in one condition.
pub const MAX_CONDITION_VALUES: usize = 1_000;

/// Conditions on the documents of a projection, until the first mistake.
pub(super) struct Conditions<P> {
    pub(super) all: Vec<IndexCondition>,
    mistake: Option<QueryError>,
    projection: PhantomData<fn() -> P>,
}

impl<P: Projection> Conditions<P> {
    pub(super) fn new() -> Self {
        Self {
            all: Vec::new(),
            mistake: None,
            projection: PhantomData,
        }
    }

    /// All of them, if there was no mistake.
    pub(super) fn finish(self) -> Result<Vec<IndexCondition>, QueryError> {
        self.mistake.map_or(Ok(self.all), Err)
    }

    pub(super) fn between(
        &mut self,
        index: &str,
        value: &impl IndexValue,
        range: impl FnOnce(Vec<u8>) -> (Bound<Vec<u8>>, Bound<Vec<u8>>),
    ) {
        let (from, to) = range(self.encoded(index, value));
        self.add(index, IndexRange::Between(from, to));
    }

    pub(super) fn among<V: IndexValue>(
        &mut self,
        index: &str,
        values: impl IntoIterator<Item = V>,
        range: impl FnOnce(Vec<Vec<u8>>) -> IndexRange,
    ) {
        let values = values.into_iter().take(MAX_CONDITION_VALUES + 1);
        let values: Vec<_> = values.map(|value| self.encoded(index, &value)).collect();
        self.check_limit("values in a condition", MAX_CONDITION_VALUES, values.len());
        self.add(index, range(values));
    }

    fn add(&mut self, index: &str, range: IndexRange) {
        self.check_index(index);
        self.check_limit("conditions", MAX_CONDITIONS, self.all.len() + 1);
        if self.mistake.is_none() {
            self.all.push(IndexCondition {
                index: index.to_owned(),
                range,
            });
        }
    }

    /// A value to compare an index with.
    fn encoded<V: IndexValue>(&mut self, index: &str, value: &V) -> Vec<u8> {
        let known = P::INDEXES.iter().find(|known| known.name() == index);
        let other = known
            .map(|known| known.kind())
            .filter(|kind| *kind != V::KIND);
        if let Some(holds) = other {
            self.mistaken(|| QueryError::Kind {
                read_model: collection::<P>(),
                index: index.to_owned(),
                holds,
                given: V::KIND,
            });
        }
        let encoded = value.encoded();
        if is_cut(&encoded) {
            self.mistaken(|| QueryError::TooLong {
                index: index.to_owned(),
            });
        }
        encoded
    }

    pub(super) fn check_index(&mut self, index: &str) {
        if P::INDEXES.iter().all(|known| known.name() != index) {
            self.mistaken(|| QueryError::NoIndex {
                read_model: collection::<P>(),
                index: index.to_owned(),
                known: P::INDEXES.iter().map(|known| known.name()).collect(),
            });
        }
    }

    pub(super) fn check_limit(&mut self, what: &'static str, most: usize, given: usize) {
        if !(1..=most).contains(&given) {
            self.mistaken(|| QueryError::Limit { what, most, given });
        }
    }

    /// The first mistake is told.
    fn mistaken(&mut self, mistake: impl FnOnce() -> QueryError) {
        self.mistake.get_or_insert_with(mistake);
    }
}
