//! What keeps an instance from going on, and is no fault of its steps.

use std::time::Duration;

use futures_util::future::BoxFuture;
use tokio::sync::watch;

use crate::backoff::Backoff;
use crate::error::BoxError;

/// Why an instance does not go on.
#[derive(Debug)]
pub(super) enum Trouble {
    /// The store cannot be reached.
    Transient(BoxError),
    /// Its history cannot be read or written.
    Last(BoxError),
    /// The app is being shut down, or somebody else is to go on.
    Stopped,
}

impl Trouble {
    pub(super) fn last(error: impl Into<BoxError>) -> Self {
        Self::Last(error.into())
    }
}

/// Tries again for as long as the store cannot be reached, and nobody says to stop.
pub(super) async fn insist<'a, T>(
    stop: &watch::Receiver<bool>,
    what: &str,
    attempt: impl Fn() -> BoxFuture<'a, Result<T, Trouble>>,
) -> Result<T, Trouble> {
    let mut backoff = Backoff::new(Duration::from_millis(50), Duration::from_secs(10));
    loop {
        match attempt().await {
            Err(Trouble::Transient(error)) => {
                let failures = backoff.failures() + 1;
                tracing::warn!(
                    { crate::telemetry::FAILURES } = failures,
                    { crate::telemetry::ERROR } = crate::error::chain(&*error),
                    "{what} failed, and is tried again"
                );
                let mut stop = stop.clone();
                let stopped = stop.wait_for(|stop| *stop);
                if tokio::time::timeout(backoff.next(), stopped).await.is_ok() {
                    return Err(Trouble::Stopped);
                }
            }
            outcome => return outcome,
        }
    }
}
