//! Dead letters.

use std::collections::{BTreeMap, HashMap, HashSet};
use std::ops::Bound;

use crate::store::{
    CheckpointError, DeadLetter, DeadLetterRequest, DeadLetterSelection, GlobalPosition,
};

#[derive(Debug, Default)]
pub(super) struct DeadLetters(HashMap<String, BTreeMap<GlobalPosition, DeadLetter>>);

impl DeadLetters {
    /// Keeps some and forgets others, or does nothing.
    pub(super) fn replace(
        &mut self,
        subscription: &str,
        parked: Vec<DeadLetter>,
        settled: &[GlobalPosition],
    ) -> Result<(), CheckpointError> {
        if parked.is_empty() && settled.is_empty() {
            return Ok(());
        }
        let letters = self.0.entry(subscription.to_owned()).or_default();
        if let Some(&position) = settled.iter().find(|at| !letters.contains_key(at)) {
            return Err(CheckpointError::NotParked {
                subscription: subscription.to_owned(),
                position,
            });
        }
        for position in settled {
            letters.remove(position);
        }
        for mut letter in parked {
            if let Some(known) = letters.get(&letter.position) {
                letter.parked_at = known.parked_at;
            }
            letters.insert(letter.position, letter);
        }
        Ok(())
    }

    /// Those of the one are the other's from now on, in place of its own.
    pub(super) fn rename(&mut self, subscription: &str, to: &str) {
        let mut letters = self.0.remove(subscription).unwrap_or_default();
        for letter in letters.values_mut() {
            letter.subscription = to.to_owned();
        }
        self.0.insert(to.to_owned(), letters);
    }

    pub(super) fn forget(&mut self, subscription: &str) {
        self.0.remove(subscription);
    }

    pub(super) fn list(
        &self,
        subscription: &str,
        selection: &DeadLetterSelection,
        after: GlobalPosition,
        limit: usize,
    ) -> Vec<DeadLetter> {
        let Some(letters) = self.0.get(subscription) else {
            return Vec::new();
        };
        letters
            .range((Bound::Excluded(after), Bound::Unbounded))
            .map(|(_, letter)| letter)
            .filter(|letter| is_selected(letter, selection))
            .take(limit)
            .cloned()
            .collect()
    }

    pub(super) fn due(&self, subscription: &str, limit: usize) -> Vec<DeadLetter> {
        let mut streams = HashSet::new();
        let letters = self
            .0
            .get(subscription)
            .into_iter()
            .flat_map(BTreeMap::values);
        letters
            .filter(|letter| streams.insert(&letter.stream))
            .filter(|first| first.request.is_some() || first.attempts == 0)
            .take(limit)
            .cloned()
            .collect()
    }

    pub(super) fn request(
        &mut self,
        subscription: &str,
        selection: &DeadLetterSelection,
        request: DeadLetterRequest,
    ) -> u64 {
        let letters = self.0.get_mut(subscription);
        let letters = letters.into_iter().flat_map(BTreeMap::values_mut);
        let mut requested = 0;
        for letter in letters.filter(|letter| is_selected(letter, selection)) {
            letter.request = Some(request);
            requested += 1;
        }
        requested
    }

    pub(super) fn count(&self, subscription: &str) -> u64 {
        self.0
            .get(subscription)
            .map_or(0, |letters| letters.len() as u64)
    }
}

fn is_selected(letter: &DeadLetter, selection: &DeadLetterSelection) -> bool {
    match selection {
        DeadLetterSelection::All => true,
        DeadLetterSelection::Stream(stream) => letter.stream == *stream,
        DeadLetterSelection::At(position) => letter.position == *position,
    }
}
