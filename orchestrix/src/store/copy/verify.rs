//! Whether a copy is one.

use futures_util::StreamExt as _;
use futures_util::future::join;

use super::digest::Digest;
use super::{CopyLog, Difference, EventPlace, LogDigest, VerifyError};
use crate::store::{EventStoreExt as _, GlobalPosition, ReadAll};

impl CopyLog {
    /// Reads the source, [up to](Self::up_to) where it is copied, and the target as a whole, side by side, a page of each
    /// in memory, and compares every event in everything but its position. Gives what both come to.
    ///
    /// Whoever writes to the source meanwhile makes a difference, unless a position to copy up to was named.
    ///
    /// # Errors
    /// [`VerifyError::Different`] with the first difference, or what kept a store from being read.
    pub async fn verify(&self) -> Result<LogDigest, VerifyError> {
        let read = || ReadAll::after(GlobalPosition::START).limit(self.page);
        let mut from = self.from.stream_all(read());
        let mut to = self.to.stream_all(read());
        let mut digest = Digest::new();
        loop {
            let (source, target) = join(from.next(), to.next()).await;
            let source = source.transpose();
            let source = source.map_err(|source| VerifyError::Source { source })?;
            let source = source.filter(|event| self.reaches(event.position));
            let target = target.transpose();
            let target = target.map_err(|source| VerifyError::Target { source })?;
            let difference = match (&source, &target) {
                (None, None) => return Ok(digest.finish()),
                (Some(source), Some(target)) => Difference::between(source, target),
                (Some(source), None) => Some(Difference::Missing {
                    source: EventPlace::of(source),
                }),
                (None, Some(target)) => Some(Difference::Extra {
                    target: EventPlace::of(target),
                }),
            };
            if let Some(difference) = difference {
                return Err(VerifyError::Different {
                    equal: digest.events(),
                    difference: Box::new(difference),
                });
            }
            if let Some(event) = &target {
                digest.add(event);
            }
        }
    }
}
