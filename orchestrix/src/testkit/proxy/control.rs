//! What a proxy was told to do, as its connections see it.

use std::num::NonZeroU64;
use std::sync::{Mutex, MutexGuard, PoisonError};

use tokio::sync::watch;

use super::counts::Counters;
use super::delay::Delay;
use super::direction::Direction;
use super::marker::MarkerSearch;

/// Shared by the handle and all connections.
#[derive(Debug)]
pub(super) struct Control {
    conditions: watch::Sender<Conditions>,
    /// Counts cuts: a connection ends with the first that comes after it.
    cuts: watch::Sender<u64>,
    /// Counts how often servers were left: a connection loses its server with the first that comes after it.
    leavings: watch::Sender<u64>,
    armed: Mutex<Armed>,
    pub(super) counters: Counters,
}

/// What a connection hears of from the moment it was accepted. The senders live in the control.
pub(super) struct Orders {
    pub(super) cuts: watch::Receiver<u64>,
    pub(super) leavings: watch::Receiver<u64>,
}

/// What lasts until it is healed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(super) struct Conditions {
    pub(super) silent: Silence,
    pub(super) delay: Delay,
    pub(super) bytes_per_second: Option<NonZeroU64>,
}

/// Which directions nothing gets through in.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(super) struct Silence {
    to_server: bool,
    to_client: bool,
}

impl Silence {
    pub(super) fn add(&mut self, direction: Direction) {
        match direction {
            Direction::ToServer => self.to_server = true,
            Direction::ToClient => self.to_client = true,
        }
    }

    pub(super) fn covers(self, direction: Direction) -> bool {
        match direction {
            Direction::ToServer => self.to_server,
            Direction::ToClient => self.to_client,
        }
    }
}

/// What comes true later.
#[derive(Debug, Default)]
struct Armed {
    /// Bytes that may still pass before the cut.
    cut_after: Option<u64>,
    drops: usize,
    marker: Vec<u8>,
    /// Which order to drop answers this is: what connections know of an earlier one is void.
    order: u64,
}

/// What a connection knows of the answer that it is to lose.
#[derive(Debug, Default)]
pub(super) struct Asked {
    /// The order to drop answers under which a request was seen that its marker fits.
    order: Option<u64>,
    searched: u64,
    search: MarkerSearch,
}

impl Default for Control {
    fn default() -> Self {
        Self {
            conditions: watch::Sender::new(Conditions::default()),
            cuts: watch::Sender::new(0),
            leavings: watch::Sender::new(0),
            armed: Mutex::default(),
            counters: Counters::default(),
        }
    }
}

impl Control {
    pub(super) fn change(&self, change: impl FnOnce(&mut Conditions)) {
        self.conditions.send_modify(change);
    }

    pub(super) fn conditions(&self) -> watch::Receiver<Conditions> {
        self.conditions.subscribe()
    }

    pub(super) fn cut(&self) {
        self.cuts.send_modify(|cuts| *cuts += 1);
    }

    pub(super) fn leave_servers(&self) {
        self.leavings.send_modify(|leavings| *leavings += 1);
    }

    /// What is ordered from now on.
    pub(super) fn orders(&self) -> Orders {
        Orders {
            cuts: self.cuts.subscribe(),
            leavings: self.leavings.subscribe(),
        }
    }

    pub(super) fn cut_after_bytes(&self, bytes: u64) {
        self.armed().cut_after = Some(bytes);
    }

    pub(super) fn drop_responses(&self, answers: usize, marker: Vec<u8>) {
        let mut armed = self.armed();
        armed.drops = answers;
        armed.marker = marker;
        armed.order += 1;
    }

    pub(super) fn heal(&self) {
        {
            let mut armed = self.armed();
            armed.cut_after = None;
            armed.drops = 0;
        }
        self.conditions.send_replace(Conditions::default());
    }

    /// How many of these bytes may pass; fewer than all when everything is to be cut after them.
    pub(super) fn admit(&self, bytes: usize) -> usize {
        let mut armed = self.armed();
        let Some(left) = &mut armed.cut_after else {
            return bytes;
        };
        match left.checked_sub(bytes as u64) {
            Some(rest) => {
                *left = rest;
                bytes
            }
            None => {
                // Less than `bytes`, so it fits.
                let last = *left as usize;
                armed.cut_after = None;
                last
            }
        }
    }

    /// Notes a request, in the pieces it comes in.
    pub(super) fn requested(&self, asked: &Mutex<Asked>, request: &[u8]) {
        let armed = self.armed();
        if armed.drops == 0 {
            return;
        }
        let mut asked = lock(asked);
        if asked.searched != armed.order {
            *asked = Asked {
                searched: armed.order,
                ..Asked::default()
            };
        }
        if asked.search.finds(&armed.marker, request) {
            asked.order = Some(armed.order);
        }
    }

    /// Whether what the server says now is an answer that is to be lost, which then counts as lost.
    pub(super) fn drops(&self, asked: &Mutex<Asked>) -> bool {
        let mut armed = self.armed();
        let is_lost = armed.drops > 0 && lock(asked).order == Some(armed.order);
        if is_lost {
            armed.drops -= 1;
            self.counters.add(|counts| &mut counts.dropped_responses, 1);
        }
        is_lost
    }

    fn armed(&self) -> MutexGuard<'_, Armed> {
        lock(&self.armed)
    }
}

/// Nothing is done under these locks that can panic half-way.
fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
