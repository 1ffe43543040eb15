//! What a proxy has done.

use tokio::sync::watch;

/// What a [`Proxy`](super::Proxy) has done until now.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
#[non_exhaustive]
pub struct ProxyCounts {
    /// Clients that it accepted.
    pub accepted: u64,
    /// Clients that it dropped because the server could not be reached.
    pub unreachable: u64,
    /// Connections that it cut.
    pub cut: u64,
    /// Connections whose server it left, while the client's side stayed open.
    pub left: u64,
    /// Answers that it lost.
    pub dropped_responses: u64,
    /// Bytes that it passed on to the server.
    pub bytes_to_server: u64,
    /// Bytes that it passed on to clients.
    pub bytes_to_client: u64,
}

/// What is counted, for whoever waits for more of it.
#[derive(Debug, Default)]
pub(super) struct Counters(watch::Sender<ProxyCounts>);

impl Counters {
    pub(super) fn counts(&self) -> ProxyCounts {
        *self.0.borrow()
    }

    pub(super) fn add(&self, counter: fn(&mut ProxyCounts) -> &mut u64, more: u64) {
        self.0.send_modify(|counts| *counter(counts) += more);
    }

    pub(super) async fn until(&self, is_so: impl Fn(&ProxyCounts) -> bool) -> ProxyCounts {
        let mut counts = self.0.subscribe();
        match counts.wait_for(|counts| is_so(counts)).await {
            Ok(counts) => *counts,
            // The sender is borrowed for as long, so this does not come.
            Err(_) => self.counts(),
        }
    }
}
