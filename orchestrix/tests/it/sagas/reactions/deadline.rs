//! A saga written by hand: an order is to be paid within an hour, and each note gives it another one. Then it is shipped,
//! else it is cancelled.

use orchestrix::message::{DecodeError, EventType};
use orchestrix::prelude::*;
use orchestrix::saga::{Reacting, Reactions, Rejection};
use orchestrix::store::{EventData, Payload};

use super::HOUR;
use super::orders::{Cancel, Escalate, Noted, OrderPlaced, PaymentTaken, Ship};

#[derive(Debug)]
pub(in crate::sagas) enum DeadlineEvent {
    Placed(OrderPlaced),
    Noted(Noted),
    Paid(PaymentTaken),
}

impl Event for DeadlineEvent {
    fn types() -> Vec<&'static EventType> {
        [OrderPlaced::types(), Noted::types(), PaymentTaken::types()].concat()
    }

    fn event_type(&self) -> &'static EventType {
        match self {
            Self::Placed(event) => event.event_type(),
            Self::Noted(event) => event.event_type(),
            Self::Paid(event) => event.event_type(),
        }
    }

    fn encode(&self) -> Result<Payload, serde_json::Error> {
        match self {
            Self::Placed(event) => event.encode(),
            Self::Noted(event) => event.encode(),
            Self::Paid(event) => event.encode(),
        }
    }

    fn decode(event: &EventData) -> Option<Result<Self, DecodeError>> {
        if let Some(placed) = OrderPlaced::decode(event) {
            return Some(placed.map(Self::Placed));
        }
        if let Some(noted) = Noted::decode(event) {
            return Some(noted.map(Self::Noted));
        }
        PaymentTaken::decode(event).map(|paid| paid.map(Self::Paid))
    }
}

#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub(in crate::sagas) struct Deadline {
    pub(in crate::sagas) notes: Vec<u32>,
}

impl Reacting for Deadline {
    const NAME: &'static str = "deadline";
    const TIMERS: &'static [&'static str] = &["overdue"];
    type Event = DeadlineEvent;

    fn key(event: &DeadlineEvent) -> String {
        match event {
            DeadlineEvent::Placed(OrderPlaced { order })
            | DeadlineEvent::Noted(Noted { order, .. })
            | DeadlineEvent::Paid(PaymentTaken { order }) => order.clone(),
        }
    }

    fn begin(event: &DeadlineEvent, cx: &mut Reactions) -> Option<Self> {
        let DeadlineEvent::Placed(_) = event else {
            return None;
        };
        cx.set_timer("overdue", HOUR);
        Some(Self::default())
    }

    fn react(&mut self, event: &DeadlineEvent, cx: &mut Reactions) {
        match event {
            DeadlineEvent::Placed(_) => {}
            DeadlineEvent::Noted(noted) => {
                self.notes.push(noted.number);
                cx.set_timer("overdue", HOUR);
            }
            DeadlineEvent::Paid(_) => {
                cx.cancel_timer("overdue");
                let order = cx.key().to_owned();
                cx.dispatch(Ship { order });
                cx.complete();
            }
        }
    }

    fn fire(&mut self, timer: usize, cx: &mut Reactions) {
        assert_eq!(Self::TIMERS[timer], "overdue");
        let order = cx.key().to_owned();
        cx.dispatch(Cancel { order });
        cx.complete();
    }

    fn rejected(&mut self, rejection: &Rejection, cx: &mut Reactions) -> bool {
        // Of a cancellation that is refused nobody has thought.
        let Some(Ship { order }) = rejection.read() else {
            return false;
        };
        cx.dispatch(Escalate { order });
        true
    }
}

#[test]
fn reactions_are_tested_without_an_app() {
    let noon = "2024-02-29T12:00:00Z".parse().unwrap();
    let order = || "7".to_owned();
    let placed = DeadlineEvent::Placed(OrderPlaced { order: order() });
    let mut cx = Reactions::at(noon).of("7");
    let mut deadline = Deadline::begin(&placed, &mut cx).unwrap();
    assert_eq!(cx.timer("overdue"), Some(noon + HOUR));
    assert!(cx.commands().is_empty() && !cx.is_completed());

    let mut cx = Reactions::at(noon + HOUR).of("7");
    let paid = DeadlineEvent::Paid(PaymentTaken { order: order() });
    deadline.react(&paid, &mut cx);
    assert!(cx.is_cancelled("overdue") && cx.is_completed());
    assert_eq!((cx.commands(), cx.timer("overdue")), (vec!["Ship"], None));
    assert_eq!(cx.dispatched::<Ship>()[0].order, "7");
    assert!(cx.dispatched::<Cancel>().is_empty());

    let refused = Rejection::new(&Ship { order: order() }, "held").unwrap();
    assert_eq!((refused.command(), refused.reason()), ("Ship", "held"));
    let mut cx = Reactions::at(noon);
    assert!(deadline.rejected(&refused, &mut cx));
    assert_eq!(cx.commands(), ["Escalate"]);
}
