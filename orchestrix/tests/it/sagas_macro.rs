//! What `#[saga]` writes is what one would write by hand.

use std::time::Duration;

use orchestrix::prelude::*;
use orchestrix::saga::{ByHand, Compensation, Graph, Saga, Step, StepRetry};

#[derive(Event, Clone, Serialize, Deserialize)]
struct Placed {
    order: u32,
    pence: i64,
}
#[derive(Serialize, Deserialize)]
struct Head {
    order: String,
}
#[derive(Event, Serialize, Deserialize)]
struct Reopened {
    head: Head,
}
#[derive(Debug)]
struct NoCarrier;

impl From<NoCarrier> for StepError {
    fn from(_: NoCarrier) -> Self {
        StepError::terminal("there is no carrier")
    }
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
struct Fulfilment {
    pence: i64,
    shipped: bool,
}

#[saga(key = order)]
impl Fulfilment {
    #[start]
    fn placed(event: &Placed) -> Self {
        Self {
            pence: event.pence,
            shipped: false,
        }
    }
    #[start(key = head.order)]
    fn reopened(_: &Reopened) -> Self {
        Self {
            pence: 0,
            shipped: false,
        }
    }
    #[step(compensate = release)]
    async fn reserve(&self, cx: &SagaContext) -> Result<u64, StepError> {
        Ok(u64::from(cx.attempt()))
    }
    #[step(name = "pay", after(reserve), compensate = refund, retry(3, wait = "2m"), timeout = "1h")]
    async fn charge(&self, _cx: &SagaContext, reserve: &u64) -> Result<String, StepError> {
        Ok(format!("{} for {reserve}", self.pence))
    }
    #[step(after(reserve), retry(2, wait = "250ms"))]
    async fn look(&self) {}
    #[step(after(charge, look), retry(4), timeout = "5m")]
    async fn ship(&mut self, charge: &str) -> Result<(), NoCarrier> {
        self.shipped = !charge.is_empty();
        self.shipped.then_some(()).ok_or(NoCarrier)
    }
    #[compensation(retry(0), timeout = "10s")]
    async fn release(&self, done: &u64, _: &SagaContext) -> Result<(), StepError> {
        assert!(*done > 0);
        Ok(())
    }
    #[compensation(name = "pay_back")]
    async fn refund(&mut self, charge: &str, reserve: &u64) {
        assert!(!charge.is_empty() && *reserve > 0);
        self.pence = 0;
    }
}

/// The same by hand.
const BY_HAND: &[Step] = &[
    Step {
        compensation: Some(Compensation {
            retry: StepRetry::none(),
            timeout: Duration::from_secs(10),
            ..Compensation::new("release")
        }),
        ..Step::new("reserve")
    },
    Step {
        after: &["reserve"],
        compensation: Some(Compensation {
            changes_state: true,
            ..Compensation::new("pay_back")
        }),
        retry: StepRetry {
            retries: 3,
            first: Duration::from_secs(120),
            longest: Duration::from_secs(120),
        },
        timeout: Duration::from_secs(3600),
        ..Step::new("pay")
    },
    Step {
        after: &["reserve"],
        retry: StepRetry::times(2).first(Duration::from_millis(250)),
        ..Step::new("look")
    },
    Step {
        after: &["pay", "look"],
        retry: StepRetry::times(4),
        timeout: Duration::from_secs(300),
        changes_state: true,
        ..Step::new("ship")
    },
];

type Start = <Fulfilment as Saga>::Start;

#[test]
fn steps_are_those_written_by_hand() {
    assert_eq!(Fulfilment::NAME, "fulfilment");
    assert_eq!(Fulfilment::STEPS, BY_HAND);
    let graph = Graph::new(Fulfilment::STEPS).expect("what the macro writes is a graph");
    assert_eq!(graph.find("pay"), Some(1));
}

#[test]
fn events_start_it_each_by_its_key() {
    let stored: Vec<_> = Start::types().iter().map(|known| known.name()).collect();
    assert_eq!(stored, ["Placed", "Reopened"]);
    let placed = Start::Placed(Placed {
        order: 7,
        pence: 250,
    });
    assert_eq!(Fulfilment::key(&placed), "7");
    let begun = Fulfilment {
        pence: 250,
        shipped: false,
    };
    assert_eq!(<Fulfilment as Saga>::begin(&placed), begun);
    let head = Head {
        order: "n-8".into(),
    };
    let reopened = Start::Reopened(Reopened { head });
    assert_eq!(Fulfilment::key(&reopened), "n-8");
    assert_eq!(<Fulfilment as Saga>::begin(&reopened).pence, 0);
}

#[derive(Clone, Serialize, Deserialize)]
struct Transfer;

#[saga(name = "money_transfer")]
impl Transfer {
    #[step]
    async fn withdraw(&self) -> Result<(), StepError> {
        Ok(())
    }
}

#[test]
fn without_a_start_it_is_started_by_hand() {
    fn starts_by_hand<S: Saga<Start = ByHand>>() -> &'static str {
        S::NAME
    }
    assert_eq!(starts_by_hand::<Transfer>(), "money_transfer");
    assert_eq!(Transfer::STEPS, [Step::new("withdraw")]);
}

#[module(sagas(Fulfilment, Transfer))]
struct Sales;

#[test]
fn a_module_registers_sagas() {
    let mut parts = orchestrix::module::Parts::default();
    std::sync::Arc::new(Sales).register(&mut parts);
    let parts = format!("{parts:?}");
    for name in ["fulfilment", "money_transfer"] {
        assert!(parts.contains(name), "{name} is not in {parts}");
    }
}
