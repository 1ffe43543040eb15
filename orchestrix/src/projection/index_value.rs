//! What can stand in an index, and how it is written there: so that the order of the bytes is that of the values.

use std::borrow::Cow;
use std::fmt;
use std::sync::Arc;

use jiff::Timestamp;
use uuid::Uuid;

/// The longest text, in bytes, that an index tells from others: of a longer one it keeps the beginning.
pub const MAX_INDEX_TEXT_BYTES: usize = 1_000;

/// Behind the beginning of a text that was cut. It stands in no text, and comes after all bytes that do.
const CUT: u8 = 0xFF;

/// Nothing, which comes before everything else.
const NOTHING: u8 = 0x01;

/// The kind of the values in an index.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum IndexKind {
    /// `true` and `false`, which comes first.
    Bool,
    /// Whole numbers of any width.
    Integer,
    /// Points in time, to the nanosecond.
    Time,
    /// Text, by the bytes of its UTF-8, which is by its characters' code points.
    Text,
    /// UUIDs, by their bytes.
    Uuid,
}

impl IndexKind {
    /// What stands before a value of the kind.
    const fn tag(self) -> u8 {
        match self {
            Self::Bool => 0x10,
            Self::Integer => 0x20,
            Self::Time => 0x30,
            Self::Text => 0x40,
            Self::Uuid => 0x50,
        }
    }
}

impl IndexKind {
    /// What comes behind all values of the kind. A store that keeps all indexes in one table needs it to guess well how
    /// many values there are above another.
    pub(crate) fn end(self) -> Vec<u8> {
        vec![self.tag() + 1]
    }
}

impl fmt::Display for IndexKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Bool => "true or false",
            Self::Integer => "a whole number",
            Self::Time => "a time",
            Self::Text => "text",
            Self::Uuid => "a uuid",
        })
    }
}

/// A value that an index can hold.
///
/// For a type of your own that stands for one of these, do as that one does:
///
/// ```
/// use orchestrix::projection::{IndexKind, IndexValue};
///
/// struct Pence(i64);
///
/// impl IndexValue for Pence {
///     const KIND: IndexKind = i64::KIND;
///     fn encode(&self, bytes: &mut Vec<u8>) {
///         self.0.encode(bytes);
///     }
/// }
///
/// assert!(Pence(-5).encoded() < Pence(3).encoded());
/// ```
#[diagnostic::on_unimplemented(
    message = "`{Self}` cannot stand in an index",
    label = "no index value",
    note = "an index holds whole numbers, `bool`, text, `jiff::Timestamp`, `uuid::Uuid`, or an `Option` of one; implement `IndexValue` for a type that stands for one of them"
)]
pub trait IndexValue {
    /// Its kind; that of `T` for an `Option<T>`.
    const KIND: IndexKind;

    /// Appends it, so that the order of the bytes is that of the values: a byte for the kind, then the value.
    fn encode(&self, bytes: &mut Vec<u8>);

    /// It alone.
    fn encoded(&self) -> Vec<u8> {
        let mut bytes = Vec::new();
        self.encode(&mut bytes);
        bytes
    }
}

/// Whether a text was too long for its encoding.
pub(crate) fn is_cut(encoded: &[u8]) -> bool {
    encoded.first() == Some(&IndexKind::Text.tag()) && encoded.last() == Some(&CUT)
}

impl<T: IndexValue + ?Sized> IndexValue for &T {
    const KIND: IndexKind = T::KIND;

    fn encode(&self, bytes: &mut Vec<u8>) {
        T::encode(self, bytes);
    }
}

/// None comes before every value.
impl<T: IndexValue> IndexValue for Option<T> {
    const KIND: IndexKind = T::KIND;

    fn encode(&self, bytes: &mut Vec<u8>) {
        match self {
            Some(value) => value.encode(bytes),
            None => bytes.push(NOTHING),
        }
    }
}

impl IndexValue for bool {
    const KIND: IndexKind = IndexKind::Bool;

    fn encode(&self, bytes: &mut Vec<u8>) {
        bytes.extend([Self::KIND.tag(), u8::from(*self)]);
    }
}

/// The number of bytes that the number needs, counted from the middle: up where it is positive, down where it is
/// negative. Then these bytes, highest first; those of a negative one turned over, as its size goes the other way.
fn encode_integer(negative: bool, magnitude: u128, bytes: &mut Vec<u8>) {
    const MIDDLE: u8 = 0x80;
    let all = magnitude.to_be_bytes();
    let leading = magnitude.leading_zeros() as usize / 8;
    let needed = all.get(leading..).unwrap_or_default();
    let length = needed.len() as u8; // at most 16
    bytes.push(IndexKind::Integer.tag());
    if negative {
        bytes.push(MIDDLE - length);
        bytes.extend(needed.iter().map(|byte| !byte));
    } else {
        bytes.push(MIDDLE + length);
        bytes.extend(needed);
    }
}

macro_rules! integers {
    ($($signed:ty)* ; $($unsigned:ty)*) => {
        $(impl IndexValue for $signed {
            const KIND: IndexKind = IndexKind::Integer;

            fn encode(&self, bytes: &mut Vec<u8>) {
                encode_integer(*self < 0, self.unsigned_abs() as u128, bytes);
            }
        })*
        $(impl IndexValue for $unsigned {
            const KIND: IndexKind = IndexKind::Integer;

            fn encode(&self, bytes: &mut Vec<u8>) {
                encode_integer(false, *self as u128, bytes);
            }
        })*
    };
}

integers!(i8 i16 i32 i64 i128 isize; u8 u16 u32 u64 u128 usize);

impl IndexValue for Timestamp {
    const KIND: IndexKind = IndexKind::Time;

    fn encode(&self, bytes: &mut Vec<u8>) {
        // Within 2^97 of zero; with the highest bit turned over, negative numbers come first.
        let nanoseconds = self.as_nanosecond() ^ i128::MIN;
        bytes.push(Self::KIND.tag());
        bytes.extend(nanoseconds.to_be_bytes());
    }
}

/// Texts are told apart, and ordered, by their first [`MAX_INDEX_TEXT_BYTES`] bytes. A longer one comes after the text
/// that is just these.
impl IndexValue for str {
    const KIND: IndexKind = IndexKind::Text;

    fn encode(&self, bytes: &mut Vec<u8>) {
        bytes.push(Self::KIND.tag());
        match self.as_bytes().get(..MAX_INDEX_TEXT_BYTES) {
            Some(beginning) if self.len() > MAX_INDEX_TEXT_BYTES => {
                bytes.extend(beginning);
                bytes.push(CUT);
            }
            _ => bytes.extend(self.as_bytes()),
        }
    }
}

macro_rules! texts {
    ($($text:ty)*) => {
        $(impl IndexValue for $text {
            const KIND: IndexKind = IndexKind::Text;

            fn encode(&self, bytes: &mut Vec<u8>) {
                str::encode(self, bytes);
            }
        })*
    };
}

texts!(String Box<str> Arc<str> Cow<'_, str>);

impl IndexValue for Uuid {
    const KIND: IndexKind = IndexKind::Uuid;

    fn encode(&self, bytes: &mut Vec<u8>) {
        bytes.push(Self::KIND.tag());
        bytes.extend(self.as_bytes());
    }
}

#[cfg(test)]
mod tests;
