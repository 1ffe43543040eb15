//! Subscriptions of the user's own, and feeds without a name.

mod consuming;
mod delivering;
mod feeds;
mod naming;
mod pushed_down;
mod read_log;

pub(super) use read_log::ReadLog;
