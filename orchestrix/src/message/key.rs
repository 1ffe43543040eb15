//! What names an instance: of a stream, of a document.

use std::fmt::Write;

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

    /// Writes the key behind what the text holds already: the same as [`to_key`](Self::to_key) gives. Overridden where that
    /// saves a text of its own.
    fn write_key(&self, to: &mut String) {
        to.push_str(&self.to_key());
    }
}

impl<K: Key + ?Sized> Key for &K {
    fn to_key(&self) -> String {
        (**self).to_key()
    }

    fn write_key(&self, to: &mut String) {
        (**self).write_key(to);
    }
}

macro_rules! keys {
    ($($type:ty: |$key:ident, $to:ident| $write:expr;)*) => {$(
        impl Key for $type {
            fn to_key(&self) -> String {
                self.to_string()
            }

            fn write_key(&self, $to: &mut String) {
                let $key = self;
                $write
            }
        }
    )*};
}

keys! {
    str: |key, to| to.push_str(key);
    String: |key, to| to.push_str(key);
    // Writing to a text cannot fail.
    Uuid: |key, to| {
        let _ = write!(to, "{key}");
    };
}

/// Keys are written for each event that is folded, and `fmt` takes several times as long.
macro_rules! integers {
    ($($type:ty),*) => {$(
        keys!($type: |key, to| to.push_str(itoa::Buffer::new().format(*key)););
    )*};
}

integers!(
    u8, u16, u32, u64, u128, usize, i8, i16, i32, i64, i128, isize
);

#[cfg(test)]
mod tests {
    use super::*;

    fn check(key: &(impl Key + ?Sized)) {
        let mut written = String::from("before ");
        key.write_key(&mut written);
        assert_eq!(written, format!("before {}", key.to_key()));
    }

    #[test]
    fn a_key_is_written_as_it_is_given() {
        check("a-b");
        check(&String::from("a b"));
        check(&Uuid::from_u128(7));
        check(&&u8::MAX);
        check(&i8::MIN);
        check(&u128::MAX);
        check(&i128::MIN);
        check(&usize::MAX);
        check(&-1_i64);
    }
}
