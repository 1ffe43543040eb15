//! The fields of `traceparent`: fixed numbers of lower-case hexadecimal digits.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Deserializer, Serialize, Serializer, de};

use super::TraceContextError;

/// Defines an id of `$length` bytes, not all zero, written as lower-case hexadecimal digits.
macro_rules! identifier {
    ($(#[$docs:meta])* $name:ident, $length:literal, $field:literal) => {
        $(#[$docs])*
        #[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub struct $name([u8; $length]);

        impl $name {
            /// The id with these bytes, most significant first.
            ///
            /// # Errors
            ///
            /// [`TraceContextError::AllZero`] when every byte is zero.
            pub fn from_bytes(bytes: [u8; $length]) -> Result<Self, TraceContextError> {
                if bytes == [0; $length] {
                    return Err(TraceContextError::AllZero { field: $field });
                }
                Ok(Self(bytes))
            }

            /// The bytes of the id, most significant first.
            pub fn to_bytes(self) -> [u8; $length] {
                self.0
            }

            pub(super) fn from_hex(digits: &[u8]) -> Result<Self, TraceContextError> {
                let mut bytes = [0; $length];
                if !decode_lower_hex(digits, &mut bytes) {
                    return Err(TraceContextError::NotLowerHex {
                        field: $field,
                        digits: 2 * $length,
                    });
                }
                Self::from_bytes(bytes)
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
                self.0
                    .iter()
                    .try_for_each(|byte| write!(formatter, "{byte:02x}"))
            }
        }

        impl fmt::Debug for $name {
            fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
                write!(formatter, concat!(stringify!($name), "({})"), self)
            }
        }

        impl FromStr for $name {
            type Err = TraceContextError;

            fn from_str(digits: &str) -> Result<Self, Self::Err> {
                Self::from_hex(digits.as_bytes())
            }
        }

        impl Serialize for $name {
            fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                serializer.collect_str(self)
            }
        }

        impl<'de> Deserialize<'de> for $name {
            fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                String::deserialize(deserializer)?
                    .parse()
                    .map_err(de::Error::custom)
            }
        }
    };
}

identifier! {
    /// The id of a distributed trace: 16 bytes, not all zero. Text and serde form are 32
    /// lower-case hexadecimal digits.
    TraceId, 16, "trace-id"
}

identifier! {
    /// The id of one span of a trace: 8 bytes, not all zero. Text and serde form are 16
    /// lower-case hexadecimal digits.
    SpanId, 8, "parent-id"
}

/// The flags of a `traceparent`. Only those which the recommendation defines are kept: the others
/// have to be sent as zero.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Hash)]
pub struct TraceFlags(u8);

impl TraceFlags {
    /// No flag is set.
    pub const NONE: Self = Self(0);

    /// The sender may have recorded the trace.
    pub const SAMPLED: Self = Self(0b01);

    /// At least the last seven bytes of the trace id were drawn at random.
    pub const RANDOM: Self = Self(0b10);

    /// The flags in this byte; undefined bits are dropped.
    pub fn from_byte(byte: u8) -> Self {
        Self(byte & (Self::SAMPLED.0 | Self::RANDOM.0))
    }

    /// The flags as one byte.
    pub fn to_byte(self) -> u8 {
        self.0
    }

    /// These flags and those of `other`.
    #[must_use]
    pub fn union(self, other: Self) -> Self {
        Self(self.0 | other.0)
    }

    /// Whether the sender may have recorded the trace.
    pub fn is_sampled(self) -> bool {
        self.0 & Self::SAMPLED.0 != 0
    }

    /// Whether at least the last seven bytes of the trace id were drawn at random.
    pub fn is_random(self) -> bool {
        self.0 & Self::RANDOM.0 != 0
    }
}

/// Writes two lower-case hexadecimal digits.
impl fmt::Display for TraceFlags {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{:02x}", self.0)
    }
}

pub(super) fn parse_hex_byte(field: &'static str, digits: &[u8]) -> Result<u8, TraceContextError> {
    let mut byte = [0];
    if !decode_lower_hex(digits, &mut byte) {
        return Err(TraceContextError::NotLowerHex { field, digits: 2 });
    }
    Ok(byte[0])
}

/// Fills `bytes` from exactly twice as many digits; `false` when there are more, fewer or others.
fn decode_lower_hex(digits: &[u8], bytes: &mut [u8]) -> bool {
    fn value(digit: u8) -> Option<u8> {
        match digit {
            b'0'..=b'9' => Some(digit - b'0'),
            b'a'..=b'f' => Some(digit - b'a' + 10),
            _ => None,
        }
    }

    if digits.len() != 2 * bytes.len() {
        return false;
    }
    for (byte, pair) in bytes.iter_mut().zip(digits.chunks_exact(2)) {
        let (Some(high), Some(low)) = (value(pair[0]), value(pair[1])) else {
            return false;
        };
        *byte = high << 4 | low;
    }
    true
}
