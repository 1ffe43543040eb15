//! A place where appends or reads are held.

use tokio::sync::watch;

/// Closed at first. Who comes while it is closed waits until it is opened.
#[derive(Debug)]
pub struct Gate {
    open: watch::Sender<bool>,
    waiting: watch::Sender<usize>,
}

impl Gate {
    pub(super) fn new() -> Self {
        Self {
            open: watch::Sender::new(false),
            waiting: watch::Sender::new(0),
        }
    }

    /// Lets all through who wait, and who come from now on.
    pub fn open(&self) {
        self.open.send_replace(true);
    }

    /// Holds those who come from now on.
    pub fn close(&self) {
        self.open.send_replace(false);
    }

    /// How many wait now.
    pub fn waiting(&self) -> usize {
        *self.waiting.borrow()
    }

    /// Waits until so many wait.
    pub async fn until_waiting(&self, wanted: usize) {
        let mut waiting = self.waiting.subscribe();
        // The sender lives as long as the gate.
        let _ = waiting.wait_for(|waiting| *waiting >= wanted).await;
    }

    pub(super) async fn pass(&self) {
        let _place = Place::take(&self.waiting);
        let mut open = self.open.subscribe();
        // The sender lives as long as the gate.
        let _ = open.wait_for(|open| *open).await;
    }
}

/// Counts one who waits, also when the waiting is given up.
struct Place<'a>(&'a watch::Sender<usize>);

impl<'a> Place<'a> {
    fn take(waiting: &'a watch::Sender<usize>) -> Self {
        waiting.send_modify(|count| *count += 1);
        Self(waiting)
    }
}

impl Drop for Place<'_> {
    fn drop(&mut self) {
        // It was counted when it was taken.
        self.0.send_modify(|count| *count -= 1);
    }
}
