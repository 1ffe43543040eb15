//! What every name must be like.

/// A name that no store accepts: of a tenant, a stream, an event type, a tag, a lock, or an idempotency key.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum NameError {
    /// Nothing between the quotes.
    #[error("{what} is empty")]
    Empty {
        /// Which name.
        what: &'static str,
    },
    /// Longer than every store can index.
    #[error("{what} has {bytes} bytes, at most {limit} are allowed")]
    TooLong {
        /// Which name.
        what: &'static str,
        /// Its length.
        bytes: usize,
        /// The longest accepted.
        limit: usize,
    },
    /// NUL, line breaks and the like, which databases refuse or logs are forged with.
    #[error("{what} holds the control character U+{:04X} at byte {at}", *.character as u32)]
    ControlCharacter {
        /// Which name.
        what: &'static str,
        /// The character.
        character: char,
        /// Where it stands.
        at: usize,
    },
    /// The first hyphen of a name ends its category.
    #[error(
        "stream category `{category}` holds a hyphen, which separates category and key; use `_`"
    )]
    HyphenInCategory {
        /// The category as given.
        category: String,
    },
    /// Text that is no `category-key`.
    #[error("stream name `{name}` has no category: write it as `category-key`")]
    NoCategory {
        /// The name as given.
        name: String,
    },
}

/// Whether a name has 1 to `limit` bytes and no control character.
pub(crate) fn check_name(what: &'static str, name: &str, limit: usize) -> Result<(), NameError> {
    if name.is_empty() {
        return Err(NameError::Empty { what });
    }
    if name.len() > limit {
        return Err(NameError::TooLong {
            what,
            bytes: name.len(),
            limit,
        });
    }
    match name.char_indices().find(|(_, c)| c.is_control()) {
        Some((at, character)) => Err(NameError::ControlCharacter {
            what,
            character,
            at,
        }),
        None => Ok(()),
    }
}
