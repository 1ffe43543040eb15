//! Stores and apps that only some benchmarks need.

use orchestrix::app::App;
use orchestrix::error::BoxError;
use tokio::runtime::Runtime;
use tokio::sync::OnceCell;

use crate::succeeded;

/// What is started by the first sample of a benchmark, and so not at all where it is filtered out.
pub(crate) struct Lazy<T, F> {
    start: F,
    started: OnceCell<T>,
}

impl<T, F: AsyncFn() -> Result<T, BoxError>> Lazy<T, F> {
    pub(crate) fn new(start: F) -> Self {
        Self {
            start,
            started: OnceCell::new(),
        }
    }

    pub(crate) async fn get(&self) -> Result<&T, BoxError> {
        self.started
            .get_or_try_init(async || (self.start)().await)
            .await
    }

    pub(crate) fn started(&self) -> Option<&T> {
        self.started.get()
    }
}

impl<F: AsyncFn() -> Result<App, BoxError>> Lazy<App, F> {
    /// Ends the app, and with it the store's connections.
    pub(crate) fn shut_down(&self, runtime: &Runtime) {
        if let Some(app) = self.started() {
            succeeded(runtime.block_on(app.shutdown()).map_err(BoxError::from));
        }
    }
}
