//! Reads that are longer than a page.

mod flat_memory;
