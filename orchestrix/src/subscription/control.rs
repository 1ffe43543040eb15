//! What people tell a running subscription.

use tokio::sync::watch;

/// What a subscription was told.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(crate) struct Told {
    /// To do nothing until it is resumed.
    pub(crate) paused: bool,
    /// How often it was resumed: each time it tries again what it had halted at.
    pub(crate) resumed: u64,
    /// How often it was asked to look for requests about dead letters.
    pub(crate) asked: u64,
}

/// The app's end.
#[derive(Debug, Clone)]
pub(crate) struct Control(watch::Sender<Told>);

impl Control {
    pub(crate) fn new() -> (Self, watch::Receiver<Told>) {
        let (sender, receiver) = watch::channel(Told::default());
        (Self(sender), receiver)
    }

    pub(crate) fn pause(&self) {
        self.0.send_modify(|told| told.paused = true);
    }

    /// Has it look for requests about dead letters now instead of at its next look.
    pub(crate) fn ask(&self) {
        self.0.send_modify(|told| told.asked += 1);
    }

    pub(crate) fn resume(&self) {
        self.0.send_modify(|told| {
            told.paused = false;
            told.resumed += 1;
        });
    }
}
