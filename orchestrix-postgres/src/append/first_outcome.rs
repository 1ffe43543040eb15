//! The outcome that was kept with an idempotency key.

use orchestrix::error::BoxError;
use orchestrix::store::{AppendError, Appended, AppendedStream, GlobalPosition, StreamVersion};

use crate::row::{stream_id, unsigned};

/// As it was kept; only read where it is given again.
pub(crate) struct FirstOutcome {
    position: i64,
    /// For each write an array of tenant, stream, first and last version, as JSON.
    streams: String,
}

impl FirstOutcome {
    pub(crate) fn new(position: i64, streams: String) -> Self {
        Self { position, streams }
    }

    pub(super) fn appended(&self) -> Result<Appended, AppendError> {
        self.read().map_err(|source| AppendError::Failed { source })
    }

    /// As the append gave it, but told to be a repeat.
    pub(crate) fn read(&self) -> Result<Appended, BoxError> {
        Ok(Appended {
            streams: self.streams()?,
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
