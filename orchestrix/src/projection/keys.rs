//! The keys of the documents that an event concerns.

use crate::message::Key;

/// Collects the keys of documents: [`Projection::keys`](super::Projection::keys) pushes those that an event concerns.
///
/// ```
/// use orchestrix::projection::Keys;
/// let mut keys = Keys::default();
/// keys.push("GB");
/// keys.push(&7);
/// assert_eq!(keys.iter().collect::<Vec<_>>(), ["GB", "7"]);
/// ```
#[derive(Debug, Default, Clone, PartialEq, Eq)]
pub struct Keys {
    /// One behind the other: a text for each would cost more than most folds do.
    text: String,
    ends: Vec<usize>,
}

impl Keys {
    /// The event concerns the document with this key.
    pub fn push<K: Key + ?Sized>(&mut self, key: &K) {
        key.write_key(&mut self.text);
        self.ends.push(self.text.len());
    }

    /// As they were pushed.
    pub fn iter(&self) -> impl Iterator<Item = &str> {
        let begins = std::iter::once(0).chain(self.ends.iter().copied());
        begins
            .zip(&self.ends)
            .map(|(begin, end)| &self.text[begin..*end])
    }

    /// None any more; the memory stays.
    pub(super) fn clear(&mut self) {
        self.text.clear();
        self.ends.clear();
    }
}
