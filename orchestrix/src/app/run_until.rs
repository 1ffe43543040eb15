//! Running until somebody says stop.

use std::fmt;
use std::future::{Future, IntoFuture, Pending, pending};
use std::pin::{Pin, pin};
use std::sync::Arc;

use futures_util::future::{Either, select};

use super::{App, Phase, ShutdownReport};

/// An app that runs until a signal comes: await it, or say before what forces its end.
#[must_use = "it does nothing until it is awaited"]
pub struct RunUntil<S, F> {
    app: App,
    signal: S,
    force: F,
}

impl App {
    /// Runs until the future resolves, then shuts down. It ends, too, when the app is shut down otherwise.
    ///
    /// ```
    /// # use orchestrix::prelude::*;
    /// # use orchestrix::app::Phase;
    /// # #[derive(Event, Serialize, Deserialize)] struct Counted { by: u32 }
    /// # #[derive(Command)] struct Count { #[id] counter: u32, by: u32 }
    /// # #[derive(Default)] struct Counter { total: u32 }
    /// # #[aggregate] impl Counter {
    /// #     #[handle] fn count(&self, cmd: Count) -> Counted { Counted { by: cmd.by } }
    /// #     #[apply] fn counted(&mut self, event: &Counted) { self.total += event.by }
    /// # }
    /// # #[module(aggregates(Counter))] struct Counting;
    /// # #[tokio::main(flavor = "current_thread")] async fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// # let app = Orchestrix::builder().isolated().store(MemoryStore::new()).module(Counting).start().await?;
    /// # let (asked, insisted) = (std::future::ready(()), std::future::pending::<()>());
    /// // `asked` and `insisted` are two waits for Ctrl-C, in a program.
    /// let report = app.run_until(asked).force_when(insisted).await;
    /// assert_eq!(report.outcome, Phase::Stopped);
    /// # Ok(()) }
    /// ```
    ///
    /// # Cancellation
    /// As that of [`shutdown`](App::shutdown).
    pub fn run_until<S: Future + Send + 'static>(&self, signal: S) -> RunUntil<S, Pending<()>> {
        RunUntil {
            app: self.clone(),
            signal,
            force: pending(),
        }
    }

    /// Has a shutdown, one under way or the next, wait for nothing more: see [`Phase::Forced`]. What has been acknowledged
    /// is stored all the same, and events that were not consumed come again after a restart.
    pub fn force_shutdown(&self) {
        self.running.force();
    }
}

impl<S, F> RunUntil<S, F> {
    /// Forces the end when this future resolves, too. It is polled only once the first signal has come, so both may wait
    /// for the same kind of signal.
    pub fn force_when<G: Future + Send + 'static>(self, force: G) -> RunUntil<S, G> {
        RunUntil {
            app: self.app,
            signal: self.signal,
            force,
        }
    }
}

impl<S, F> fmt::Debug for RunUntil<S, F> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("RunUntil")
            .field("app", &self.app)
            .finish_non_exhaustive()
    }
}

impl<S, F> IntoFuture for RunUntil<S, F>
where
    S: Future + Send + 'static,
    F: Future + Send + 'static,
{
    type Output = Arc<ShutdownReport>;
    type IntoFuture = Pin<Box<dyn Future<Output = Self::Output> + Send>>;

    fn into_future(self) -> Self::IntoFuture {
        Box::pin(async move {
            let mut phases = self.app.phases();
            tokio::select! {
                _ = self.signal => {}
                // Somebody else shuts it down; the sender lives as long as the app.
                _ = phases.wait_for(|phase| *phase > Phase::Running) => {}
            }
            let ending = pin!(self.app.shutdown_report());
            let force = async {
                self.force.await;
            };
            match select(ending, pin!(force)).await {
                Either::Left((report, _)) => report,
                Either::Right(((), ending)) => {
                    self.app.force_shutdown();
                    ending.await
                }
            }
        })
    }
}
