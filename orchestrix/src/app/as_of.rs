//! Answers that say how fresh they are.

use std::future::{Future, IntoFuture};
use std::pin::Pin;

use super::{View, ViewError, Views};
use crate::projection::Projection;
use crate::store::GlobalPosition;

/// An answer of a read model, and how fresh it is.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct AsOf<T> {
    /// The answer.
    pub answer: T,
    /// The read model had seen everything up to this position, or more, when it answered.
    pub position: GlobalPosition,
    /// Whether that is less than what was asked for.
    pub is_stale: bool,
}

/// A question to a read model that is answered also where the read model is behind: see [`View::or_stale`].
#[must_use = "a query does nothing until it is awaited"]
#[derive(Debug)]
pub struct OrStale<Q>(pub(super) Q);

macro_rules! into_futures {
    ($($name:ident => $answer:ty),*) => {$(
        impl<P: Projection> IntoFuture for $name<P> {
            type Output = Result<$answer, ViewError>;
            type IntoFuture = Pin<Box<dyn Future<Output = Self::Output> + Send>>;

            fn into_future(self) -> Self::IntoFuture {
                Box::pin(async move { Ok(self.read(false).await?.answer) })
            }
        }

        impl<P: Projection> IntoFuture for OrStale<$name<P>> {
            type Output = Result<AsOf<$answer>, ViewError>;
            type IntoFuture = Pin<Box<dyn Future<Output = Self::Output> + Send>>;

            fn into_future(self) -> Self::IntoFuture {
                Box::pin(self.0.read(true))
            }
        }
    )*};
}

into_futures!(View => Option<P>, Views => Vec<(String, P)>);
