//! A process that ends at one point of its way: at one of the writes that it makes. From then on it does nothing any more, and
//! nobody gets an answer.
//!
//! Between two writes a process only reads and waits: wherever it ends there, it leaves the same behind. So the points are
//! the writes, of whatever there is: events, schedules, checkpoints.

mod checkpoints;
mod events;
mod schedules;

use std::future::pending;
use std::sync::Arc;

use orchestrix::store::{CheckpointStore, EventStore, Ports, ScheduleStore};
use tokio::sync::watch;

/// Where the process ends.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct CrashPoint {
    /// The how-manieth write, from 0.
    write: usize,
    moment: Moment,
}

/// When, of a write.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Moment {
    /// It is not made.
    Before,
    /// It is made, and nobody learns of that.
    After,
    /// It is made and answered, and the process ends at the next write or the next beat of its leases: amid a wait, where it
    /// waits then.
    Later,
}

impl CrashPoint {
    /// One of all points there are, in their order on the way.
    pub(super) fn nth(point: usize) -> Self {
        let moments = [Moment::Before, Moment::After, Moment::Later];
        Self {
            write: point / moments.len(),
            moment: moments[point % moments.len()],
        }
    }
}

#[derive(Debug, Clone, Copy, Default)]
struct Life {
    writes: usize,
    /// Whether it ends with the next thing that it does.
    is_ending: bool,
    has_ended: bool,
}

/// The writes of a process that ends at a point, if it comes to it.
#[derive(Clone)]
pub(super) struct Mortal {
    events: Arc<dyn EventStore>,
    checkpoints: Arc<dyn CheckpointStore>,
    schedules: Arc<dyn ScheduleStore>,
    point: CrashPoint,
    life: watch::Sender<Life>,
}

impl Mortal {
    pub(super) fn over(ports: Ports, point: CrashPoint) -> Self {
        Self {
            events: ports.events,
            checkpoints: ports.checkpoints,
            schedules: ports.schedules,
            point,
            life: watch::Sender::new(Life::default()),
        }
    }

    /// Waits until it has ended.
    pub(super) async fn ended(&self) {
        let mut life = self.life.subscribe();
        // The sender is one's own.
        let _ = life.wait_for(|life| life.has_ended).await;
    }

    async fn write<T>(&self, write: impl Future<Output = T>) -> T {
        let mut before = Life::default();
        self.life.send_modify(|life| {
            before = *life;
            life.writes += 1;
        });
        let moment = (before.writes == self.point.write).then_some(self.point.moment);
        if before.is_ending || before.has_ended || moment == Some(Moment::Before) {
            self.end().await;
        }
        let written = write.await;
        if self.life.borrow().has_ended || moment == Some(Moment::After) {
            self.end().await;
        }
        if moment == Some(Moment::Later) {
            self.life.send_modify(|life| life.is_ending = true);
        }
        written
    }

    async fn end(&self) {
        self.life.send_modify(|life| life.has_ended = true);
        pending().await
    }

    /// Anything else that it does while it lives: its leases above all.
    async fn alive<T>(&self, does: impl Future<Output = T>) -> T {
        let life = *self.life.borrow();
        if life.is_ending || life.has_ended {
            self.end().await;
        }
        does.await
    }
}
