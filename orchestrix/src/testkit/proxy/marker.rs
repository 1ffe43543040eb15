//! Finding bytes in what comes in pieces.

/// Looks for a marker in a stream of bytes; keeps no more of the past than one byte less than the marker has.
#[derive(Debug, Default)]
pub(super) struct MarkerSearch {
    past: Vec<u8>,
}

impl MarkerSearch {
    /// Whether the marker ends in these bytes, which follow those of the last call. An empty marker is always there.
    pub(super) fn finds(&mut self, marker: &[u8], bytes: &[u8]) -> bool {
        let Some(overlap) = marker.len().checked_sub(1) else {
            return true;
        };
        self.past.extend_from_slice(bytes);
        let found = self.past.windows(marker.len()).any(|part| part == marker);
        let kept = if found { 0 } else { overlap };
        self.past.drain(..self.past.len().saturating_sub(kept));
        found
    }
}
