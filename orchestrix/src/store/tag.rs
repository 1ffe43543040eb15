//! Tags: what an event is about, across streams.

use std::fmt;
use std::sync::Arc;

use serde::{Deserialize, Serialize};

use super::name::{NameError, check_name};
use crate::message::Key;

/// Longest tag, in bytes.
pub const MAX_TAG_BYTES: usize = 256;

/// Something that an event concerns: `course:c1`, `student:7`. An event has any number of them, and is found by them
/// whatever stream it is in.
///
/// They are what decisions over several instances are consistent about: see [`Append::unless`](super::Append::unless),
/// and <https://dcb.events> for the technique.
///
/// ```
/// use orchestrix::store::Tag;
/// let tag = Tag::of("course", "c1")?;
/// assert_eq!(tag, Tag::new("course:c1")?);
/// assert_eq!((tag.name(), tag.value()), ("course", "c1"));
/// # Ok::<(), orchestrix::store::NameError>(())
/// ```
#[derive(Clone, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Tag(Arc<str>);

impl Tag {
    /// A tag from its text.
    ///
    /// # Errors
    /// [`NameError`] when it is empty, longer than [`MAX_TAG_BYTES`] or holds a control character.
    pub fn new(text: impl Into<Arc<str>>) -> Result<Self, NameError> {
        let text = text.into();
        check_name("tag", &text, MAX_TAG_BYTES)?;
        Ok(Self(text))
    }

    /// `name:key`, as `#[tag]` writes it.
    ///
    /// # Errors
    /// See [`Tag::new`].
    pub fn of<K: Key + ?Sized>(name: &str, key: &K) -> Result<Self, NameError> {
        let key = key.to_key();
        check_name("tag value", &key, MAX_TAG_BYTES)?;
        Self::new(format!("{name}:{key}"))
    }

    /// The whole text.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// What stands before the first colon; everything where there is none.
    pub fn name(&self) -> &str {
        self.0.split_once(':').map_or(&*self.0, |(name, _)| name)
    }

    /// What stands behind the first colon; nothing where there is none.
    pub fn value(&self) -> &str {
        self.0.split_once(':').map_or("", |(_, value)| value)
    }
}

/// The tags in the order and the number in which they are kept: each once, by their bytes.
pub(super) fn sorted(tags: impl IntoIterator<Item = Tag>) -> Vec<Tag> {
    let mut tags: Vec<_> = tags.into_iter().collect();
    tags.sort_unstable();
    tags.dedup();
    tags
}

impl fmt::Display for Tag {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl fmt::Debug for Tag {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Tag({:?})", &*self.0)
    }
}

impl TryFrom<String> for Tag {
    type Error = NameError;
    fn try_from(text: String) -> Result<Self, NameError> {
        Self::new(text)
    }
}

impl From<Tag> for String {
    fn from(tag: Tag) -> Self {
        tag.0.as_ref().to_owned()
    }
}
