//! The behaviour of the crate, through its public interface.

mod cloud_events;
mod trace_context;
