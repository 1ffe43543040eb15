//! What names an instance: of a stream, of a document.

use uuid::Uuid;

/// A value that names a stream or a document.
///
/// Text, integers, UUIDs and newtypes with `#[derive(Id)]` are keys.
///
/// ```
/// use orchestrix::message::Key;
/// assert_eq!(7_u32.to_key(), "7");
/// assert_eq!("a-b".to_key(), "a-b");
/// ```
#[diagnostic::on_unimplemented(
    message = "`{Self}` cannot name a stream or a document",
    label = "this type is no key",
    note = "use text, an integer, a UUID, or a newtype over one of them with `#[derive(Id)]`"
)]
pub trait Key {
    /// The key as text; different keys of one type give different texts.
    fn to_key(&self) -> String;
}

impl<K: Key + ?Sized> Key for &K {
    fn to_key(&self) -> String {
        (**self).to_key()
    }
}

macro_rules! keys {
    ($($type:ty),*) => {$(
        impl Key for $type {
            fn to_key(&self) -> String {
                self.to_string()
            }
        }
    )*};
}

keys!(
    str, String, u8, u16, u32, u64, u128, usize, i8, i16, i32, i64, i128, isize, Uuid
);
