//! What the conformance suite, which every store runs, cannot know of this one: the fence, migrations, connections that
//! fail, wake-ups between processes, and batches that meet each other.

mod batch;
mod connection;
mod damaged;
mod fence;
mod fixture;
mod migration;
mod proxy;
mod wake;
