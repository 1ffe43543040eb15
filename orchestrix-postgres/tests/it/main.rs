//! What the conformance suite, which every store runs, cannot know of this one: the fence, migrations, connections that
//! fail, go silent or run out, wake-ups between processes, and batches that meet each other.

mod archive;
mod batch;
mod calls;
mod connection;
mod crowd;
mod damaged;
mod decisions;
mod document_queries;
mod fence;
mod fixture;
mod health;
mod idempotency;
mod locks;
mod migration;
mod model;
mod partitioning;
mod row_security;
mod silence;
mod tables;
mod upgrade;
mod wake;
