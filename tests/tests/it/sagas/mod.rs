//! Sagas under faults, on every store.

mod crash_matrix;
mod crash_point;
mod trip;
