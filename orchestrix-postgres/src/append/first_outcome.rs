//! The outcome that was kept with an idempotency key.

use orchestrix::error::BoxError;
use orchestrix::store::{AppendError, Appended, AppendedStream, GlobalPosition, StreamVersion};

use crate::row::{stream_id, unsigned};

/// As it was kept; only read where it is given again.
pub(super) struct FirstOutcome {
    position: i64,
    /// For each write an array of tenant, stream, first and last version, as JSON.
    streams: String,
}

impl FirstOutcome {
    pub(super) fn new(position: i64, streams: String) -> Self {
        Self { position, streams }
    }

    pub(super) fn appended(&self) -> Result<Appended, AppendError> {
        let streams = self
            .streams()
            .map_err(|source| AppendError::Failed { source })?;
        Ok(Appended {
            streams,
            position: GlobalPosition::new(unsigned(self.position)),
            repeated: true,
        })
    }

    fn streams(&self) -> Result<Vec<AppendedStream>, BoxError> {
        let writes: Vec<(String, String, u64, u64)> = serde_json::from_str(&self.streams)?;
        writes
            .into_iter()
            .map(|(tenant, stream, first, last)| {
                Ok(AppendedStream {
                    stream: stream_id(&tenant, &stream)?,
                    first_version: StreamVersion::new(first),
                    last_version: StreamVersion::new(last),
                })
            })
            .collect()
    }
}
