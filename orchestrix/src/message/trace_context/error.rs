/// Why a `traceparent`, a `tracestate` or one of their parts was refused.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum TraceContextError {
    /// The `traceparent` ends before its four fields are complete.
    #[error("traceparent has {length} bytes, expected at least 55")]
    TooShort {
        /// Its length in bytes, without surrounding spaces and tabs.
        length: usize,
    },

    /// Two fields of the `traceparent` are not separated where they have to be.
    #[error("traceparent has no `-` at offset {offset}")]
    MissingDelimiter {
        /// Offset in bytes, counted from zero and without leading spaces and tabs.
        offset: usize,
    },

    /// A field holds something else than the expected number of lower-case hexadecimal digits.
    #[error("{field} is malformed, expected {digits} lower-case hexadecimal digits")]
    NotLowerHex {
        /// The field's name in the recommendation.
        field: &'static str,
        /// How many digits the field has.
        digits: usize,
    },

    /// An id is all zero, which the recommendation reserves for "no id".
    #[error("{field} is all zero")]
    AllZero {
        /// The field's name in the recommendation.
        field: &'static str,
    },

    /// The `traceparent` has version `ff`, which the recommendation forbids.
    #[error("traceparent version ff is forbidden")]
    ForbiddenVersion,

    /// Something follows the four fields which may not follow in this version.
    #[error("traceparent of version {version:02x} has unexpected characters after its flags")]
    TrailingCharacters {
        /// The version of the `traceparent`.
        version: u8,
    },

    /// There is more than one `traceparent`, so none can be trusted.
    #[error("traceparent occurs more than once")]
    RepeatedTraceparent,

    /// A list member of the `tracestate` is not of the form `key=value`.
    #[error("tracestate member {member} has no `=`, expected `key=value`")]
    MissingValue {
        /// Which list member, counted from zero; empty ones do not count.
        member: usize,
    },

    /// A key of the `tracestate` is malformed.
    #[error(
        "tracestate member {member} has an illegal key, expected 1 to 256 of the characters \
         a-z 0-9 _ - * / @ with a letter or digit first"
    )]
    IllegalKey {
        /// Which list member, counted from zero; empty ones do not count.
        member: usize,
    },

    /// A value of the `tracestate` is malformed.
    #[error(
        "tracestate member {member} has an illegal value, expected 1 to 256 printable ASCII \
         characters without `,` and `=` and without a space at the end"
    )]
    IllegalValue {
        /// Which list member, counted from zero; empty ones do not count.
        member: usize,
    },

    /// The `tracestate` is longer than the recommendation allows.
    #[error("tracestate has more than {limit} members")]
    TooManyMembers {
        /// The largest number of list members.
        limit: usize,
    },
}
