//! Panics of user code. Like any other failure they are told and tried again: a subscription must not die of one
//! unseen.

use std::any::Any;
use std::future::poll_fn;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::pin::pin;
use std::task::Poll;

use crate::error::BoxError;

/// User code panicked, and this is what it said. Found among the causes of a [`ConsumeError`](super::ConsumeError).
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("it panicked: {message}")]
#[non_exhaustive]
pub struct CaughtPanic {
    /// The panic's text, or a word on its having none.
    pub message: String,
}

/// Calls a function; its panic is an error.
///
/// What the function shares with others is theirs to keep whole, as it is after a panic in any task.
pub(crate) fn catch<T>(call: impl FnOnce() -> T) -> Result<T, BoxError> {
    catch_unwind(AssertUnwindSafe(call)).map_err(|panic| failure(&*panic))
}

/// Awaits a future; its panic is an error.
pub(crate) async fn catch_in<F: Future>(future: F) -> Result<F::Output, BoxError> {
    let mut future = pin!(future);
    poll_fn(|cx| match catch(|| future.as_mut().poll(cx)) {
        Ok(Poll::Pending) => Poll::Pending,
        Ok(Poll::Ready(output)) => Poll::Ready(Ok(output)),
        // It is not polled again.
        Err(panic) => Poll::Ready(Err(panic)),
    })
    .await
}

fn failure(panic: &(dyn Any + Send)) -> BoxError {
    let text = match (panic.downcast_ref::<&str>(), panic.downcast_ref::<String>()) {
        (Some(text), _) => text,
        (_, Some(text)) => text.as_str(),
        (None, None) => "with a value that is no text",
    };
    let message = text.to_owned();
    CaughtPanic { message }.into()
}
