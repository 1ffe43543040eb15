//! What makes a request that is sent twice one request.

use std::fmt;
use std::sync::Arc;

use serde::{Deserialize, Serialize};

use super::name::{NameError, check_name};

/// Longest idempotency key, in bytes.
pub const MAX_IDEMPOTENCY_KEY_BYTES: usize = 256;

/// Names a request: whoever sends it again, from whichever node and after whatever crash, gives the same key and gets
/// the first outcome. Unique within a tenant; kept as long as the log.
///
/// ```
/// use orchestrix::store::IdempotencyKey;
/// let key = IdempotencyKey::new("payment-4711/charge")?;
/// assert_eq!(key.as_str(), "payment-4711/charge");
/// assert!(IdempotencyKey::new("").is_err());
/// # Ok::<(), orchestrix::store::NameError>(())
/// ```
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct IdempotencyKey(Arc<str>);

impl IdempotencyKey {
    /// A key from its text.
    ///
    /// # Errors
    /// [`NameError`] when it is empty, longer than [`MAX_IDEMPOTENCY_KEY_BYTES`] or holds a control character.
    pub fn new(text: impl Into<Arc<str>>) -> Result<Self, NameError> {
        let text = text.into();
        check_name("idempotency key", &text, MAX_IDEMPOTENCY_KEY_BYTES)?;
        Ok(Self(text))
    }

    /// The text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for IdempotencyKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl TryFrom<String> for IdempotencyKey {
    type Error = NameError;
    fn try_from(text: String) -> Result<Self, NameError> {
        Self::new(text)
    }
}

impl From<IdempotencyKey> for String {
    fn from(key: IdempotencyKey) -> Self {
        key.0.as_ref().to_owned()
    }
}
