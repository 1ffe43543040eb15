//! Several apps on one store, as several nodes are.

mod controls;
mod crew;
mod faults;
mod hand_over;
mod lane_counts;
mod lanes;
