//! Which way bytes go.

/// Which way bytes go through a [`Proxy`](super::Proxy).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Direction {
    /// What clients say.
    ToServer,
    /// What the server says.
    ToClient,
}
