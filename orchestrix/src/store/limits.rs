//! How much one append may hold.

use std::fmt;

use super::EventData;

/// The most that a store takes in one append. Checked before the driver sees a byte; what is over is refused with
/// [`AppendError::LimitExceeded`](super::AppendError::LimitExceeded).
///
/// ```
/// use orchestrix::store::{Limits, MemoryStore};
/// let mut limits = Limits::default();
/// limits.event_bytes = 64 * 1024;
/// let store = MemoryStore::with_limits(limits);
/// # drop(store);
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Limits {
    /// Bytes of one event's payload. 1 MiB.
    pub event_bytes: usize,
    /// Bytes of one event's metadata: names and values together. 64 KiB.
    pub metadata_bytes: usize,
    /// Tags of one event. 16.
    pub event_tags: usize,
    /// How deep the JSON of a payload may nest, up to 127, beyond which it could not be read again. 64.
    pub json_depth: usize,
    /// Events of one append, over all of its streams. 1,000.
    pub append_events: usize,
    /// Bytes of all payloads and metadata of one append. 8 MiB.
    pub append_bytes: usize,
    /// Items of the query in an append's condition, and tags or types in one item. 100.
    pub query_items: usize,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            event_bytes: 1 << 20,
            metadata_bytes: 64 << 10,
            event_tags: 16,
            json_depth: 64,
            append_events: 1_000,
            append_bytes: 8 << 20,
            query_items: 100,
        }
    }
}

/// One of the [`Limits`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Limit {
    /// [`Limits::event_bytes`].
    EventBytes,
    /// [`Limits::metadata_bytes`].
    MetadataBytes,
    /// [`Limits::event_tags`].
    EventTags,
    /// [`Limits::json_depth`].
    JsonDepth,
    /// [`Limits::append_events`].
    AppendEvents,
    /// [`Limits::append_bytes`].
    AppendBytes,
    /// [`Limits::query_items`].
    QueryItems,
}

impl fmt::Display for Limit {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::EventBytes => "bytes in the payload of one event",
            Self::MetadataBytes => "bytes in the metadata of one event",
            Self::EventTags => "tags on one event",
            Self::JsonDepth => "levels of JSON in one payload",
            Self::AppendEvents => "events in one append",
            Self::AppendBytes => "bytes in one append",
            Self::QueryItems => "items in the query of one append",
        })
    }
}

/// More than a limit allows.
pub(super) struct Excess {
    pub(super) limit: Limit,
    pub(super) found: usize,
    pub(super) allowed: usize,
}

impl Limits {
    pub(super) fn hold(&self, limit: Limit, found: usize) -> Result<(), Excess> {
        let allowed = match limit {
            Limit::EventBytes => self.event_bytes,
            Limit::MetadataBytes => self.metadata_bytes,
            Limit::EventTags => self.event_tags,
            Limit::JsonDepth => self.json_depth,
            Limit::AppendEvents => self.append_events,
            Limit::AppendBytes => self.append_bytes,
            Limit::QueryItems => self.query_items,
        };
        match found <= allowed {
            true => Ok(()),
            false => Err(Excess {
                limit,
                found,
                allowed,
            }),
        }
    }

    /// Checks one event, and gives its size in bytes.
    pub(super) fn check_event(&self, event: &EventData) -> Result<usize, Excess> {
        let payload = event.payload.size();
        let metadata = event.metadata.size();
        self.hold(Limit::EventBytes, payload)?;
        self.hold(Limit::MetadataBytes, metadata)?;
        self.hold(Limit::EventTags, event.tags().len())?;
        // Each level takes two bytes, so a short text cannot be too deep.
        if payload > 2 * self.json_depth
            && let Some(json) = event.payload.as_json()
        {
            self.hold(Limit::JsonDepth, json_depth(json))?;
        }
        Ok(payload + metadata)
    }
}

/// How deep objects and lists nest in a JSON text.
fn json_depth(json: &str) -> usize {
    let (mut depth, mut deepest) = (0_usize, 0);
    let mut bytes = json.bytes();
    while let Some(byte) = bytes.next() {
        match byte {
            b'{' | b'[' => {
                depth += 1;
                deepest = deepest.max(depth);
            }
            b'}' | b']' => depth = depth.saturating_sub(1),
            b'"' => {
                while let Some(byte) = bytes.next() {
                    match byte {
                        b'"' => break,
                        b'\\' => {
                            bytes.next();
                        }
                        _ => {}
                    }
                }
            }
            _ => {}
        }
    }
    deepest
}

#[cfg(test)]
mod tests {
    use super::json_depth;

    #[test]
    fn depth_counts_what_is_no_text() {
        for (json, depth) in [
            ("1", 0),
            ("[]", 1),
            (r#"{"a":[{"b":1}],"c":{}}"#, 3),
            (r#"["[[[\"[[", "\\"]"#, 1),
            (r#"[[],[],[[]]]"#, 3),
        ] {
            assert_eq!(json_depth(json), depth, "{json}");
        }
    }
}
