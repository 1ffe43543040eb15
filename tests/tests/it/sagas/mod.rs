//! Sagas under faults, on every store.

mod changed;
mod crash_matrix;
mod crash_point;
mod marks;
mod matrix;
mod parcel;
mod reaction_matrix;
mod shutdown;
mod stays_open;
mod trip;
mod two_tenants;
