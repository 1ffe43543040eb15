//! Reads that are longer than a page.

mod filling;
mod flat_memory;
mod passed_over;
