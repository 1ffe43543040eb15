//! How a subscription's status comes about: from all of its lanes.

use std::mem::discriminant;
use std::sync::{Arc, Mutex, PoisonError};

use tokio::sync::watch;

use super::{SubscriptionState, SubscriptionStatus};
use crate::store::{GlobalPosition, NodeId};

/// The engine's end.
#[derive(Debug)]
pub(crate) struct StatusSender {
    lane: usize,
    lanes: Arc<Mutex<Vec<SubscriptionStatus>>>,
    /// What all lanes give together.
    sender: watch::Sender<SubscriptionStatus>,
}

impl StatusSender {
    /// For the lanes of the subscription of this name, of which there is at least one.
    pub(crate) fn of_lanes(
        name: &str,
        lanes: u16,
    ) -> (Vec<Self>, watch::Receiver<SubscriptionStatus>) {
        let initial = SubscriptionStatus {
            name: name.to_owned(),
            position: GlobalPosition::START,
            state: SubscriptionState::CatchingUp,
            failures: 0,
            skipped: 0,
            dead_letters: 0,
            resets: 0,
            begun: false,
            been_live: false,
        };
        let (sender, receiver) = watch::channel(initial.clone());
        let count = usize::from(lanes);
        let lanes = Arc::new(Mutex::new(vec![initial; count]));
        let of_lane = |lane| Self {
            lane,
            lanes: lanes.clone(),
            sender: sender.clone(),
        };
        ((0..count).map(of_lane).collect(), receiver)
    }

    /// Changes the status of its lane, and tells of it if that says so.
    fn change(&self, change: impl FnOnce(&mut SubscriptionStatus) -> bool) {
        // Nothing under this lock panics.
        let mut lanes = self.lanes.lock().unwrap_or_else(PoisonError::into_inner);
        let changed = match lanes.get_mut(self.lane) {
            Some(status) => change(status),
            None => false,
        };
        // Under the lock, so that what is told last is what is.
        self.sender.send_if_modified(|status| {
            *status = together(&lanes, status);
            changed
        });
    }

    /// What was consumed once stays consumed, also where the reader looks for its place again.
    pub(crate) fn set(&self, position: GlobalPosition, state: SubscriptionState) {
        self.change(|status| {
            let position = status.position.max(position);
            let changed =
                position != status.position || discriminant(&status.state) != discriminant(&state);
            status.position = position;
            status.been_live |= matches!(state, SubscriptionState::Live);
            status.state = state;
            changed
        });
    }

    /// It was reset so often. Says whether that is news: what it had consumed counts no more then.
    pub(crate) fn reset(&self, resets: u64) -> bool {
        let mut is_news = false;
        self.change(|status| {
            is_news = status.resets != resets;
            if is_news {
                status.resets = resets;
                status.position = GlobalPosition::START;
                status.begun = false;
            }
            is_news
        });
        is_news
    }

    /// It goes on behind this position.
    pub(crate) fn begin(&self, position: GlobalPosition) {
        self.change(|status| {
            let first = !status.begun;
            status.begun = true;
            first
        });
        self.set(position, SubscriptionState::CatchingUp);
    }

    /// It failed, and does this about it.
    pub(crate) fn failed(&self, state: SubscriptionState) {
        self.change(|status| {
            status.failures += 1;
            status.state = state;
            true
        });
    }

    /// It failed, and goes past the event.
    pub(crate) fn skipped(&self) {
        self.change(|status| {
            status.failures += 1;
            status.skipped += 1;
            true
        });
    }

    /// A dead letter that was tried again failed again.
    pub(crate) fn failed_again(&self) {
        self.change(|status| {
            status.failures += 1;
            true
        });
    }

    /// It has so many dead letters.
    pub(crate) fn dead_letters(&self, count: u64) {
        self.change(|status| {
            let changed = status.dead_letters != count;
            status.dead_letters = count;
            changed
        });
    }

    /// Everything up to here is consumed or gone past, whatever it is doing now.
    pub(crate) fn reached(&self, position: GlobalPosition) {
        self.change(|status| {
            let further = position > status.position;
            status.position = status.position.max(position);
            further
        });
    }

    /// Another node serves it, and has come to this position; to the end of the log, if it has arrived.
    pub(crate) fn follows(&self, position: GlobalPosition, node: Option<NodeId>, arrived: bool) {
        self.change(|status| {
            status.begun = true;
            status.been_live |= arrived;
            // They are told where it is served.
            status.dead_letters = 0;
            true
        });
        self.set(position, SubscriptionState::Standby { node });
    }

    pub(crate) fn set_state(&self, state: SubscriptionState) {
        self.set(GlobalPosition::START, state);
    }
}

/// What all lanes give together: the last place, the worst state, the sums.
fn together(lanes: &[SubscriptionStatus], known: &SubscriptionStatus) -> SubscriptionStatus {
    let worst = lanes.iter().max_by_key(|lane| urgency(&lane.state));
    SubscriptionStatus {
        name: known.name.clone(),
        position: lanes
            .iter()
            .map(|lane| lane.position)
            .min()
            .unwrap_or_default(),
        state: worst.map_or_else(|| known.state.clone(), |lane| lane.state.clone()),
        failures: lanes.iter().map(|lane| lane.failures).sum(),
        skipped: lanes.iter().map(|lane| lane.skipped).sum(),
        dead_letters: lanes.iter().map(|lane| lane.dead_letters).sum(),
        resets: lanes
            .iter()
            .map(|lane| lane.resets)
            .min()
            .unwrap_or_default(),
        begun: lanes.iter().all(|lane| lane.begun),
        been_live: lanes.iter().all(|lane| lane.been_live),
    }
}

fn urgency(state: &SubscriptionState) -> u8 {
    match state {
        SubscriptionState::Stopped => 0,
        SubscriptionState::Standby { .. } => 1,
        SubscriptionState::Live => 2,
        SubscriptionState::Paused => 3,
        SubscriptionState::CatchingUp => 4,
        SubscriptionState::CircuitOpen { .. } => 5,
        SubscriptionState::Retrying { .. } => 6,
        SubscriptionState::Halted { .. } => 7,
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use super::*;
    use crate::store::LeaseError;
    use crate::subscription::ConsumeError;

    fn at(position: u64) -> GlobalPosition {
        GlobalPosition::new(position)
    }

    fn retrying() -> SubscriptionState {
        let error = LeaseError::Unavailable {
            node: NodeId::new("me"),
            source: "no".into(),
        };
        let error = Arc::new(ConsumeError::from(Arc::new(error)));
        SubscriptionState::Retrying { failures: 1, error }
    }

    #[test]
    fn what_is_furthest_behind_counts() {
        let (lanes, status) = StatusSender::of_lanes("mail", 3);
        for (lane, position) in lanes.iter().zip([9, 4, 7]) {
            assert!(!status.borrow().begun, "not all have begun");
            lane.begin(at(position));
        }
        assert!(status.borrow().begun);
        assert_eq!(status.borrow().name, "mail");
        assert_eq!(status.borrow().position, at(4));
        lanes[1].reached(at(8));
        assert_eq!(status.borrow().position, at(7));
        lanes[1].reached(at(5));
        lanes[2].follows(at(20), None, false);
        assert_eq!(status.borrow().position, at(8), "none goes back");
    }

    #[test]
    fn it_has_been_live_once_each_of_its_lanes_was() {
        let (lanes, status) = StatusSender::of_lanes("mail", 3);
        lanes[0].set(at(1), SubscriptionState::Live);
        lanes[0].set_state(SubscriptionState::CatchingUp);
        lanes[1].follows(at(1), None, true);
        assert!(!status.borrow().been_live);
        lanes[2].follows(at(1), None, false);
        assert!(!status.borrow().been_live);
        lanes[2].set(at(2), SubscriptionState::Live);
        assert!(status.borrow().been_live);
    }

    #[test]
    fn the_most_urgent_state_counts() {
        let error = || {
            Arc::new(ConsumeError::DeadLettersFull {
                subscription: "mail".to_owned(),
                most: 1,
            })
        };
        let states = [
            SubscriptionState::Stopped,
            SubscriptionState::Standby { node: None },
            SubscriptionState::Live,
            SubscriptionState::Paused,
            SubscriptionState::CatchingUp,
            SubscriptionState::CircuitOpen {
                of: crate::subscription::CircuitOf::Deliveries,
                remaining: std::time::Duration::ZERO,
            },
            retrying(),
            SubscriptionState::Halted { error: error() },
        ];
        let (lanes, status) = StatusSender::of_lanes("mail", 2);
        for (n, less) in states.iter().enumerate() {
            for more in &states[n..] {
                for [one, other] in [[less, more], [more, less]] {
                    lanes[0].set_state(one.clone());
                    lanes[1].set_state(other.clone());
                    let told = discriminant(&status.borrow().state);
                    assert_eq!(told, discriminant(more), "{one:?} and {other:?}");
                }
            }
        }
    }

    #[test]
    fn failures_and_dead_letters_are_those_of_all_lanes() {
        let (lanes, status) = StatusSender::of_lanes("mail", 2);
        lanes[0].failed(retrying());
        lanes[0].skipped();
        lanes[1].failed_again();
        lanes[0].dead_letters(5);
        lanes[1].dead_letters(2);
        let told = status.borrow().clone();
        assert_eq!((told.failures, told.skipped, told.dead_letters), (3, 1, 7));
        // Another node serves the first lane, and tells of its dead letters.
        lanes[0].follows(at(3), Some(NodeId::new("other")), true);
        assert_eq!(status.borrow().dead_letters, 2);
        assert_eq!(status.borrow().failures, 3);
    }

    #[test]
    fn one_that_was_reset_goes_back() {
        let (lanes, status) = StatusSender::of_lanes("mail", 2);
        for lane in &lanes {
            lane.set(at(9), SubscriptionState::Live);
        }
        assert!(!lanes[0].reset(0), "nothing was reset");
        assert!(lanes[0].reset(2) && !lanes[0].reset(2));
        let told = status.borrow().clone();
        assert_eq!((told.position, told.resets), (at(0), 0), "one lane is late");
        lanes[0].begin(at(3));
        assert!(lanes[1].reset(2));
        assert_eq!(status.borrow().resets, 2);
        assert!(!status.borrow().begun && status.borrow().been_live);
        lanes[1].begin(at(4));
        assert_eq!(status.borrow().position, at(3));
    }

    #[test]
    fn only_what_changes_wakes() {
        let (lanes, mut status) = StatusSender::of_lanes("mail", 2);
        lanes[0].set(at(3), SubscriptionState::Live);
        status.mark_unchanged();
        lanes[0].set(at(3), SubscriptionState::Live);
        lanes[0].set(at(2), SubscriptionState::Live);
        lanes[0].reached(at(1));
        lanes[0].dead_letters(0);
        assert_eq!(status.has_changed().ok(), Some(false));
        lanes[1].set(at(1), SubscriptionState::CatchingUp);
        assert_eq!(status.has_changed().ok(), Some(true));
    }
}
