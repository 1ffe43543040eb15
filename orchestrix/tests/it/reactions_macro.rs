//! What `#[saga]` writes of reactions, alone and run by an app beside a saga of steps.

use std::time::Duration;

use orchestrix::prelude::*;
use orchestrix::saga::{Reacting, SagaOutcome, SagaStatus};
use orchestrix::testkit::VirtualClock;

use crate::app::waiting::{LONG, eventually};

#[derive(Event, Serialize, Deserialize)]
struct Ordered {
    order: String,
    pence: i64,
}
#[derive(Event, Serialize, Deserialize)]
struct Paid {
    reference: String,
}
#[derive(Event, Serialize, Deserialize)]
struct CalledOff {
    order: String,
}
#[derive(Command, Serialize, Deserialize)]
struct Buy {
    #[id]
    order: String,
    pence: i64,
}
#[derive(Command, Serialize, Deserialize)]
struct CallOff {
    #[id]
    order: String,
}
#[derive(Command, Serialize, Deserialize)]
struct Remind {
    #[id]
    order: String,
}

#[derive(Default)]
struct Purchase {
    called_off: bool,
}

#[derive(Debug)]
struct NoMail;

#[aggregate]
impl Purchase {
    #[handle]
    fn buy(&self, cmd: Buy) -> Ordered {
        let Buy { order, pence } = cmd;
        Ordered { order, pence }
    }
    #[handle]
    fn call_off(&self, cmd: CallOff) -> CalledOff {
        CalledOff { order: cmd.order }
    }
    #[handle]
    fn remind(&self, _: Remind) -> Result<(), NoMail> {
        Err(NoMail)
    }
    #[apply]
    fn ordered(&mut self, _: &Ordered) {}
    #[apply]
    fn is_called_off(&mut self, _: &CalledOff) {
        self.called_off = true;
    }
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
struct Dunning {
    pence: i64,
    refused: Vec<String>,
}

const DAY: Duration = Duration::from_secs(24 * 3600);

#[saga(key = order)]
impl Dunning {
    #[start]
    fn ordered(event: &Ordered, cx: &mut Reactions) -> Self {
        cx.set_timer("reminder", DAY);
        cx.set_timer("too_late", DAY * 2);
        Self {
            pence: event.pence,
            refused: Vec::new(),
        }
    }
    #[on(key = reference)]
    fn paid(&mut self, _: &Paid, cx: &mut Reactions) {
        self.pence = 0;
        cx.complete();
    }
    #[timer(name = "reminder")]
    fn remind(&mut self, cx: &mut Reactions) {
        let order = cx.key().to_owned();
        cx.dispatch(Remind { order });
    }
    #[timer]
    fn too_late(&mut self, cx: &mut Reactions) {
        let order = cx.key().to_owned();
        cx.dispatch(CallOff { order });
        cx.complete();
    }
    #[rejected]
    fn refused(&mut self, rejection: &Rejection) -> bool {
        self.refused.push(rejection.command().to_owned());
        rejection.command() == "Remind"
    }
}

#[derive(Clone, Serialize, Deserialize)]
struct Greeting {}

#[saga(key = order)]
impl Greeting {
    #[start]
    fn ordered(_: &Ordered) -> Self {
        Self {}
    }
    #[step]
    async fn greet(&self) {}
}

#[module(aggregates(Purchase), sagas(Dunning, Greeting))]
struct Shop;

#[test]
fn reactions_are_those_of_the_methods() {
    assert_eq!(
        (Dunning::NAME, Dunning::TIMERS),
        ("dunning", &["reminder", "too_late"][..])
    );
    let noon = "2024-02-29T12:00:00Z".parse().unwrap();
    let set = Paid {
        reference: "7".to_owned(),
    };
    let set = orchestrix::store::EventData::new("Paid", 1, set.encode().unwrap());
    let paid = <Dunning as Reacting>::Event::decode(&set).unwrap().unwrap();
    assert_eq!(Dunning::key(&paid), "7");
    let mut cx = Reactions::at(noon).of("7");
    assert_eq!(Dunning::begin(&paid, &mut cx), None);
    let mut dunning = Dunning {
        pence: 5,
        refused: Vec::new(),
    };
    dunning.react(&paid, &mut cx);
    assert_eq!((dunning.pence, cx.is_completed()), (0, true));
    let other = Rejection::new(&CallOff { order: "7".into() }, "no").unwrap();
    assert!(!Reacting::rejected(&mut dunning, &other, &mut cx));
    // There is no third timer.
    let before = dunning.clone();
    dunning.fire(2, &mut cx);
    assert_eq!((dunning, cx.commands().len()), (before, 0));
}

#[tokio::test(start_paused = true)]
async fn a_module_lists_both_kinds() {
    let clock = VirtualClock::default();
    let app = Orchestrix::builder().isolated().store(MemoryStore::new());
    let app = app.clock(clock.clone()).module(Shop).start().await.unwrap();
    let order = "7".to_owned();
    let bought = app.dispatch(Buy { order, pence: 5 }).await.unwrap();
    app.caught_up(bought.position, LONG).await.unwrap();
    for fired in 1..=2 {
        clock.advance(DAY);
        eventually("it fires", || app.schedule_status().fired == fired).await;
        app.caught_up(bought.position, LONG).await.unwrap();
    }
    let called_off = app.load::<Purchase>("7").await.unwrap().state;
    assert!(called_off.is_some_and(|purchase| purchase.called_off));
    let completed = SagaStatus::Ended(SagaOutcome::Completed);
    let dunning = app.reacting::<Dunning>();
    let history = dunning.history("7").await.unwrap().unwrap();
    assert_eq!(history.status, completed);
    let state = dunning.state("7").await.unwrap().unwrap();
    assert_eq!(state.refused, ["Remind"]);
    let greeted = app.sagas::<Greeting>().history("7").await.unwrap();
    assert_eq!(greeted.unwrap().status, completed);
    app.shutdown().await.unwrap();
}
