//! The body of an event, erased: JSON text, or bytes of another encoding.

use bytes::Bytes;
use serde::Serialize;
use serde::de::DeserializeOwned;

/// The body of an event: JSON text as a rule, or the bytes of another encoding. Cloning shares the bytes.
///
/// Stores keep it as it is, so what was written is what is read, to the byte: numbers beyond `f64`, key order and
/// `\u0000` included.
///
/// ```
/// use orchestrix::store::Payload;
/// let payload = Payload::of(&serde_json::json!({ "pence": 5 }))?;
/// assert_eq!(payload.as_json(), Some(r#"{"pence":5}"#));
/// assert!(Payload::from_json_text("{").is_err());
/// assert_eq!(Payload::binary([0x82, 1, 2].to_vec()).as_json(), None);
/// # Ok::<(), serde_json::Error>(())
/// ```
#[derive(Clone, PartialEq, Eq, Hash)]
pub struct Payload {
    bytes: Bytes,
    encoding: Encoding,
}

#[derive(Clone, Copy, PartialEq, Eq, Hash)]
enum Encoding {
    /// The bytes are UTF-8: every constructor takes a `String`, or what serde_json wrote.
    Json,
    /// Known to whoever wrote it.
    Binary,
}

impl Payload {
    /// A value's JSON.
    ///
    /// # Errors
    /// When the value cannot be written as JSON (a map whose keys are not text, for instance).
    pub fn of<T: Serialize + ?Sized>(value: &T) -> Result<Self, serde_json::Error> {
        Ok(Self::json(serde_json::to_vec(value)?))
    }

    /// A value's JSON, written by way of a buffer that is used again and again: takes no more memory than it has bytes.
    ///
    /// # Errors
    /// As [`of`](Self::of).
    pub(crate) fn by_way_of<T: Serialize + ?Sized>(
        buffer: &mut Vec<u8>,
        value: &T,
    ) -> Result<Self, serde_json::Error> {
        buffer.clear();
        serde_json::to_writer(&mut *buffer, value)?;
        Ok(Self::json(Bytes::copy_from_slice(buffer)))
    }

    /// Text that must be one JSON value.
    ///
    /// # Errors
    /// When it is not JSON, or nests deeper than 128.
    pub fn from_json_text(text: impl Into<String>) -> Result<Self, serde_json::Error> {
        let text = text.into();
        serde_json::from_str::<serde::de::IgnoredAny>(&text)?;
        Ok(Self::json(text))
    }

    /// For stores: text that was a payload when it was stored. Not checked here; reading it as a value checks.
    pub fn from_stored_text(text: String) -> Self {
        Self::json(text)
    }

    /// Bytes of another encoding than JSON, which only who wrote them can read: for events that are encoded and decoded
    /// by hand.
    pub fn binary(bytes: impl Into<Bytes>) -> Self {
        Self {
            bytes: bytes.into(),
            encoding: Encoding::Binary,
        }
    }

    fn json(bytes: impl Into<Bytes>) -> Self {
        Self {
            bytes: bytes.into(),
            encoding: Encoding::Json,
        }
    }

    /// Reads the JSON into a value.
    ///
    /// # Errors
    /// When the JSON does not have the shape of `T`, or the payload is binary.
    pub fn read<T: DeserializeOwned>(&self) -> Result<T, serde_json::Error> {
        match self.encoding {
            Encoding::Json => serde_json::from_slice(&self.bytes),
            Encoding::Binary => Err(serde::de::Error::custom(
                "the payload is binary, not JSON: the event's `decode` must read it",
            )),
        }
    }

    /// The JSON text; `None` for a binary payload.
    pub fn as_json(&self) -> Option<&str> {
        match self.encoding {
            Encoding::Json => std::str::from_utf8(&self.bytes).ok(),
            Encoding::Binary => None,
        }
    }

    /// Whether it is of another encoding than JSON.
    pub fn is_binary(&self) -> bool {
        self.encoding == Encoding::Binary
    }

    /// The bytes, of JSON text or of another encoding.
    pub fn as_bytes(&self) -> &[u8] {
        &self.bytes
    }

    /// How many bytes it has.
    pub fn size(&self) -> usize {
        self.bytes.len()
    }
}

/// Only the size: payloads may hold what must not reach a log.
impl std::fmt::Debug for Payload {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Payload({} bytes)", self.bytes.len())
    }
}
