//! What a proxy has done.

use std::sync::atomic::{AtomicU64, Ordering};

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

#[derive(Debug, Default)]
pub(super) struct Counters {
    pub(super) accepted: AtomicU64,
    pub(super) unreachable: AtomicU64,
    pub(super) cut: AtomicU64,
    pub(super) left: AtomicU64,
    pub(super) dropped_responses: AtomicU64,
    pub(super) bytes_to_server: AtomicU64,
    pub(super) bytes_to_client: AtomicU64,
}

impl Counters {
    pub(super) fn counts(&self) -> ProxyCounts {
        let read = |counter: &AtomicU64| counter.load(Ordering::Acquire);
        ProxyCounts {
            accepted: read(&self.accepted),
            unreachable: read(&self.unreachable),
            cut: read(&self.cut),
            left: read(&self.left),
            dropped_responses: read(&self.dropped_responses),
            bytes_to_server: read(&self.bytes_to_server),
            bytes_to_client: read(&self.bytes_to_client),
        }
    }
}

pub(super) fn add(counter: &AtomicU64, more: u64) {
    counter.fetch_add(more, Ordering::AcqRel);
}
