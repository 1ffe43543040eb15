//! Futures that are given up, and tests that can be made shorter.

use std::future::{Future, poll_fn};
use std::pin::pin;
use std::task::Poll;

/// Polls a future so many times at most, then drops it; the output if it came that early.
pub(super) async fn poll_then_drop<F: Future>(future: F, polls: usize) -> Option<F::Output> {
    let mut future = pin!(future);
    let mut left = polls;
    poll_fn(|context| {
        left = left.saturating_sub(1);
        match future.as_mut().poll(context) {
            Poll::Ready(output) => Poll::Ready(Some(output)),
            Poll::Pending if left == 0 => Poll::Ready(None),
            Poll::Pending => Poll::Pending,
        }
    })
    .await
}

/// A tenth of it where `ORCHESTRIX_QUICK=1` asks for a quick run.
pub(super) fn at_full_length(count: usize) -> usize {
    match std::env::var_os("ORCHESTRIX_QUICK") {
        Some(value) if value == "1" => count / 10,
        _ => count,
    }
}
