//! A place where a test holds what passes.

use tokio::sync::watch;

/// Open at first. Who comes while it is closed waits until it is opened.
#[derive(Debug)]
pub(crate) struct Gate {
    closed: watch::Sender<bool>,
    arrivals: watch::Sender<usize>,
}

impl Default for Gate {
    fn default() -> Self {
        Self {
            closed: watch::Sender::new(false),
            arrivals: watch::Sender::new(0),
        }
    }
}

impl Gate {
    pub(crate) fn close(&self) {
        self.closed.send_replace(true);
    }

    pub(crate) fn open(&self) {
        self.closed.send_replace(false);
    }

    /// For what is held: counts the arrival, and waits.
    pub(crate) async fn pass(&self) {
        self.arrivals.send_modify(|arrivals| *arrivals += 1);
        let mut closed = self.closed.subscribe();
        // The sender lives as long as the gate.
        let _ = closed.wait_for(|closed| !closed).await;
    }

    /// How many came, held or not.
    pub(crate) fn arrived(&self) -> usize {
        *self.arrivals.borrow()
    }

    /// Waits until so many came in all.
    pub(crate) async fn arrivals(&self, wanted: usize) {
        let mut arrivals = self.arrivals.subscribe();
        let _ = arrivals.wait_for(|arrivals| *arrivals >= wanted).await;
    }
}
