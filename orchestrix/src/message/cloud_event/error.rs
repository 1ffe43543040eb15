/// Why something is not a CloudEvent, or not a batch of them.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum CloudEventError {
    /// The text is not JSON.
    #[error("the text is not well-formed JSON")]
    Json {
        /// Where and how the text departs from JSON.
        source: serde_json::Error,
    },

    /// The JSON value of an event is not an object.
    #[error("expected a JSON object with the attributes of an event, found {found}")]
    NotAnObject {
        /// The kind of JSON value in its place.
        found: &'static str,
    },

    /// The JSON value of a batch is not an array.
    #[error("expected a JSON array of events, found {found}")]
    NotAnArray {
        /// The kind of JSON value in its place.
        found: &'static str,
    },

    /// A required attribute is missing or `null`.
    #[error("attribute `{attribute}` is missing, expected {expected}")]
    Missing {
        /// The attribute.
        attribute: &'static str,
        /// What it has to be.
        expected: &'static str,
    },

    /// An attribute has a JSON value of the wrong kind.
    #[error("attribute `{attribute}` is {found}, expected {expected}")]
    WrongKind {
        /// The attribute.
        attribute: String,
        /// The kind of value it has.
        found: &'static str,
        /// What it has to be.
        expected: &'static str,
    },

    /// An attribute's text breaks the rules of its type.
    #[error("attribute `{attribute}` {problem}, expected {expected}")]
    Invalid {
        /// The attribute.
        attribute: String,
        /// What is wrong with it.
        problem: &'static str,
        /// What it has to be.
        expected: &'static str,
    },

    /// The event obeys another version of the specification.
    #[error("attribute `specversion` is {found:?}, expected \"1.0\"")]
    UnsupportedSpecVersion {
        /// The beginning of the version found.
        found: String,
    },

    /// An attribute's name has other characters than the specification allows.
    #[error("attribute name {name:?} is not allowed, expected only characters a-z and 0-9")]
    IllegalName {
        /// The beginning of the name.
        name: String,
    },

    /// An extension attribute is named like an attribute of the specification.
    #[error("extension attribute name `{name}` is reserved, expected another name")]
    ReservedName {
        /// The name.
        name: String,
    },

    /// A member occurs twice in the JSON object.
    #[error("member {name:?} occurs more than once, expected it once")]
    Repeated {
        /// The beginning of the member's name.
        name: String,
    },

    /// The event has both members which can hold data.
    #[error("both `data` and `data_base64` are present, expected at most one of them")]
    BothDataMembers,

    /// One event of a batch is refused, and so is the batch.
    #[error("the event at index {index} of the batch is refused")]
    InBatch {
        /// Its place in the batch, counted from zero.
        index: usize,
        /// What is wrong with the event.
        source: Box<CloudEventError>,
    },
}

impl CloudEventError {
    /// The attribute or JSON member which has to change, where the error is about a single one.
    pub fn attribute(&self) -> Option<&str> {
        match self {
            Self::Missing { attribute, .. } => Some(attribute),
            Self::WrongKind { attribute, .. } | Self::Invalid { attribute, .. } => Some(attribute),
            Self::UnsupportedSpecVersion { .. } => Some("specversion"),
            Self::IllegalName { name } | Self::ReservedName { name } | Self::Repeated { name } => {
                Some(name)
            }
            Self::InBatch { source, .. } => source.attribute(),
            Self::Json { .. }
            | Self::NotAnObject { .. }
            | Self::NotAnArray { .. }
            | Self::BothDataMembers => None,
        }
    }

    /// The place of the refused event in its batch, counted from zero.
    pub fn batch_index(&self) -> Option<usize> {
        match self {
            Self::InBatch { index, .. } => Some(*index),
            _ => None,
        }
    }
}

/// The beginning of a text which came from outside, short enough for an error.
pub(super) fn excerpt(text: &str) -> String {
    const LONGEST: usize = 64;

    text.chars().take(LONGEST).collect()
}
