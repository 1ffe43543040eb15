//! What a field with `#[tag]` may hold.

use super::Key;
use crate::store::{NameError, Tag};

/// A value that gives tags under a name: a [`Key`] one, an `Option` none or one, a `Vec` one for each element.
///
/// ```
/// use orchestrix::message::TagValue;
/// use orchestrix::store::Tag;
/// let mut tags = Vec::new();
/// vec!["c1", "c2"].push_tags("course", &mut tags)?;
/// None::<u32>.push_tags("student", &mut tags)?;
/// assert_eq!(tags, [Tag::new("course:c1")?, Tag::new("course:c2")?]);
/// # Ok::<(), orchestrix::store::NameError>(())
/// ```
#[diagnostic::on_unimplemented(
    message = "`{Self}` gives no tags",
    label = "this type is no key, and no `Option` or `Vec` of keys",
    note = "use text, an integer, a UUID, a newtype over one of them with `#[derive(Id)]`, or an `Option` or a `Vec` of these"
)]
pub trait TagValue {
    /// Adds its tags, each `name:key`.
    ///
    /// # Errors
    /// [`NameError`] when a key gives no tag: it is empty, too long, or holds a control character. What came before it
    /// has been added.
    fn push_tags(&self, name: &str, into: &mut Vec<Tag>) -> Result<(), NameError>;
}

#[diagnostic::do_not_recommend]
impl<K: Key + ?Sized> TagValue for K {
    fn push_tags(&self, name: &str, into: &mut Vec<Tag>) -> Result<(), NameError> {
        into.push(Tag::of(name, self)?);
        Ok(())
    }
}

#[diagnostic::do_not_recommend]
impl<V: TagValue> TagValue for Option<V> {
    fn push_tags(&self, name: &str, into: &mut Vec<Tag>) -> Result<(), NameError> {
        self.iter()
            .try_for_each(|value| value.push_tags(name, into))
    }
}

#[diagnostic::do_not_recommend]
impl<V: TagValue> TagValue for Vec<V> {
    fn push_tags(&self, name: &str, into: &mut Vec<Tag>) -> Result<(), NameError> {
        self.iter()
            .try_for_each(|value| value.push_tags(name, into))
    }
}
