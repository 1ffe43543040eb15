//! Where a page of a query ended.

use std::fmt;
use std::str::FromStr;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde::{Deserialize, Serialize};

use crate::store::DocumentPlace;

/// The first byte of the bytes behind the text.
const FORMAT: u8 = 1;

/// Where a page of a query ended, for the query of the next page. It is of one read model and one order.
///
/// As text, it can be given to a client and taken back. It is not encrypted: it holds the key of the last document, and
/// its value in the index that the documents are ordered by.
///
/// ```
/// use orchestrix::app::{CursorError, ViewCursor};
/// assert!(matches!("what a client sent".parse::<ViewCursor>(), Err(CursorError::Malformed)));
/// ```
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(into = "String", try_from = "String")]
pub struct ViewCursor {
    order: String,
    place: DocumentPlace,
}

/// Why a cursor cannot be used.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum CursorError {
    /// The text is no cursor.
    #[error("this is no cursor: take the text of one as it is")]
    Malformed,
    /// It is of a query with another order.
    #[error("the cursor is of a query on {made_for}, and was used on {used_for}")]
    OtherOrder {
        /// The read model and the order of the query that gave it.
        made_for: String,
        /// Those of the query that got it.
        used_for: String,
    },
}

impl ViewCursor {
    /// Behind this place in the order.
    pub(super) fn new(order: String, place: DocumentPlace) -> Self {
        Self { order, place }
    }

    /// The place, if this is the order.
    pub(super) fn place(self, order: &str) -> Result<DocumentPlace, CursorError> {
        match self.order == order {
            true => Ok(self.place),
            false => Err(CursorError::OtherOrder {
                made_for: self.order,
                used_for: order.to_owned(),
            }),
        }
    }

    fn read(bytes: &[u8]) -> Option<Self> {
        let (&FORMAT, rest) = bytes.split_first()? else {
            return None;
        };
        let (order, rest) = part(rest)?;
        let (value, key) = part(rest)?;
        Some(Self {
            order: str::from_utf8(order).ok()?.to_owned(),
            place: DocumentPlace {
                value: value.to_owned(),
                key: str::from_utf8(key).ok()?.to_owned(),
            },
        })
    }
}

/// A part with its length before it, and the rest.
fn part(bytes: &[u8]) -> Option<(&[u8], &[u8])> {
    let (length, rest) = bytes.split_first_chunk::<4>()?;
    rest.split_at_checked(u32::from_be_bytes(*length) as usize)
}

impl fmt::Display for ViewCursor {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut bytes = vec![FORMAT];
        for part in [self.order.as_bytes(), &self.place.value] {
            // Names and values are far shorter.
            bytes.extend((part.len() as u32).to_be_bytes());
            bytes.extend(part);
        }
        bytes.extend(self.place.key.as_bytes());
        f.write_str(&URL_SAFE_NO_PAD.encode(bytes))
    }
}

impl FromStr for ViewCursor {
    type Err = CursorError;

    fn from_str(text: &str) -> Result<Self, CursorError> {
        let bytes = URL_SAFE_NO_PAD.decode(text);
        let bytes = bytes.map_err(|_not_base64| CursorError::Malformed)?;
        Self::read(&bytes).ok_or(CursorError::Malformed)
    }
}

impl TryFrom<String> for ViewCursor {
    type Error = CursorError;

    fn try_from(text: String) -> Result<Self, CursorError> {
        text.parse()
    }
}

impl From<ViewCursor> for String {
    fn from(cursor: ViewCursor) -> Self {
        cursor.to_string()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn cursor() -> ViewCursor {
        let place = DocumentPlace {
            value: vec![0, 0xff, 7],
            key: "straße\0".to_owned(),
        };
        ViewCursor::new("totals@1 by total".to_owned(), place)
    }

    #[test]
    fn a_cursor_is_the_same_after_a_journey_as_text() {
        let text = cursor().to_string();
        assert_eq!(text.parse(), Ok(cursor()));
        let json = serde_json::to_string(&cursor()).expect("text");
        assert_eq!(json, format!("\"{text}\""));
        assert_eq!(
            serde_json::from_str::<ViewCursor>(&json).expect("a cursor"),
            cursor()
        );
    }

    #[test]
    fn what_is_cut_or_changed_is_no_cursor() {
        let bytes = URL_SAFE_NO_PAD
            .decode(cursor().to_string())
            .expect("base64");
        let key = bytes.len() - "straße\0".len();
        for end in 0..key {
            assert_eq!(ViewCursor::read(&bytes[..end]), None, "{end}");
        }
        let mut other = bytes.clone();
        other[0] = 2;
        assert_eq!(ViewCursor::read(&other), None);
        let mut long = bytes;
        long[1] = 0xff;
        assert_eq!(ViewCursor::read(&long), None);
        for text in ["", "%", "AQ", "a cursor"] {
            assert_eq!(text.parse::<ViewCursor>(), Err(CursorError::Malformed));
        }
    }

    #[test]
    fn a_cursor_is_of_one_order() {
        let place = cursor().place("totals@1 by total").expect("its order");
        assert_eq!(place, cursor().place);
        let error = cursor().place("totals@1 by key").expect_err("not its own");
        assert_eq!(
            error.to_string(),
            "the cursor is of a query on totals@1 by total, and was used on totals@1 by key"
        );
    }
}
