//! The body of an event, erased: JSON text.

use bytes::Bytes;
use serde::Serialize;
use serde::de::DeserializeOwned;

/// The body of an event as JSON text. Cloning shares the bytes.
///
/// Stores keep the text as it is, so what was written is what is read, to the byte: numbers beyond `f64`, key order
/// and `\u0000` included.
///
/// ```
/// use orchestrix::store::Payload;
/// let payload = Payload::of(&serde_json::json!({ "pence": 5 }))?;
/// assert_eq!(payload.as_str(), r#"{"pence":5}"#);
/// assert!(Payload::from_json_text("{").is_err());
/// # Ok::<(), serde_json::Error>(())
/// ```
#[derive(Clone, PartialEq, Eq, Hash)]
pub struct Payload(Bytes);

impl Payload {
    /// A value's JSON.
    ///
    /// # Errors
    /// When the value cannot be written as JSON (a map whose keys are not text, for instance).
    pub fn of<T: Serialize + ?Sized>(value: &T) -> Result<Self, serde_json::Error> {
        Ok(Self(serde_json::to_vec(value)?.into()))
    }

    /// Text that must be one JSON value.
    ///
    /// # Errors
    /// When it is not JSON, or nests deeper than 128.
    pub fn from_json_text(text: impl Into<String>) -> Result<Self, serde_json::Error> {
        let text = text.into();
        serde_json::from_str::<serde::de::IgnoredAny>(&text)?;
        Ok(Self(text.into()))
    }

    /// For stores: text that was a payload when it was stored. Not checked here; reading it as a value checks.
    pub fn from_stored_text(text: String) -> Self {
        Self(text.into())
    }

    /// Reads the JSON into a value.
    ///
    /// # Errors
    /// When the JSON does not have the shape of `T`.
    pub fn read<T: DeserializeOwned>(&self) -> Result<T, serde_json::Error> {
        serde_json::from_slice(&self.0)
    }

    /// The JSON text.
    pub fn as_str(&self) -> &str {
        // Every constructor takes a `String` or what serde_json wrote, so the bytes are UTF-8.
        std::str::from_utf8(&self.0).unwrap_or_default()
    }

    /// The JSON text as bytes.
    pub fn as_bytes(&self) -> &[u8] {
        &self.0
    }

    /// The text's length.
    pub fn size(&self) -> usize {
        self.0.len()
    }
}

/// Only the size: payloads may hold what must not reach a log.
impl std::fmt::Debug for Payload {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Payload({} bytes)", self.0.len())
    }
}
