//! The behaviour of the crate, through its public interface.

mod aggregates;
mod app;
mod cloud_events;
mod cloud_events_of_a_store;
mod decisions;
mod events;
mod ids;
mod names;
mod projection_scenarios;
mod projections;
mod properties;
mod reactions_macro;
mod readme;
mod sagas;
mod sagas_macro;
mod trace_context;
mod upcasting;
