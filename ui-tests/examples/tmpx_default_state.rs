//! No event constructs the state: it begins as the default one, and handlers with `&self` run on absent streams.

use orchestrix::aggregate::{CommandFor, Current};
use orchestrix::prelude::*;

#[derive(Event, Serialize, Deserialize, Debug)]
struct Counted {
    by: u32,
}

#[derive(Command)]
struct Count {
    #[id]
    counter: String,
    by: u32,
}

#[derive(Default)]
struct Counter {
    total: u32,
}

#[aggregate(category = "counters", events = Happened)]
impl Counter {
    #[handle]
    fn count(&self, cmd: &Count, cx: &CommandContext) -> Option<Counted> {
        assert_eq!(cx.actor(), None);
        (self.total + cmd.by <= 10).then_some(Counted { by: cmd.by })
    }
    #[apply]
    fn counted(&mut self, event: &Counted) {
        self.total += event.by;
    }
}

fn main() {
    let cx = CommandContext::for_test("2026-01-31T12:00:00Z".parse().unwrap());
    let state = Counter::initial();
    let events = |by| {
        let current = Current::new(state.as_ref(), StreamVersion::NONE);
        Count { counter: "a".into(), by }.decide(current, &cx).unwrap()
    };
    assert!(matches!(&events(10)[..], [Happened::Counted(Counted { by: 10 })]));
    assert!(events(11).is_empty());
    assert_eq!(Counter::CATEGORY, "counters");
    assert_eq!(format!("{:?}", events(1)), "[Counted]");
}
