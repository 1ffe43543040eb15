//! Histories and contents with one thing changed by hand, and what must be found in each.

use orchestrix::message::MessageId;
use orchestrix::store::{ExpectedVersion, GlobalPosition, StreamVersion};
use orchestrix::testkit::history::{
    Answer, Call, History, SeenEvent, Stored, Violation, WrittenStream, check,
};

use super::scenario::{Scenario, scenario, stream};

struct Corruption {
    name: &'static str,
    corrupt: fn(&mut Scenario),
    found: fn(&Violation) -> bool,
}

macro_rules! corruptions {
    ($($name:literal: $corrupt:expr => $found:pat,)*) => {
        &[$(Corruption { name: $name, corrupt: $corrupt, found: |violation| matches!(violation, $found) },)*]
    };
}

const CORRUPTIONS: &[Corruption] = corruptions! {
    "an acknowledged append is gone": |s| s.forget(9)
        => Violation::Lost { operation: 11 },
    "the last event of an acknowledged append is gone": |s| s.forget(5)
        => Violation::Torn { operation: 2, stored: 2, events: 3 },
    "the first event of an acknowledged append is gone": |s| s.forget(1)
        => Violation::Torn { operation: 1, stored: 1, events: 2 },
    "a part of an indeterminate append is gone": |s| { s.take_out(6); s.forget(8) }
        => Violation::Torn { operation: 5, stored: 2, events: 3 },
    "an indeterminate append is stored in part": |s| { let id = s.writes(7)[0].event_ids[0]; s.add("b", id) }
        => Violation::Torn { operation: 7, stored: 1, events: 2 },
    "an event is stored twice": |s| { let id = s.contents.log[0].event_id; s.add("a", id) }
        => Violation::EventTwice { .. },
    "a resent append is stored again with other ids": |s| s.add("a", MessageId::new())
        => Violation::Unexplained { .. },
    "a refused append is stored": |s| { let id = s.writes(4)[0].event_ids[0]; s.add("a", id) }
        => Violation::RefusedStored { operation: 4, .. },
    "a version is left out": |s| s.change(9, |event| event.version = StreamVersion::new(3))
        => Violation::VersionsNotDense { .. },
    "a version is there twice": |s| s.change(9, |event| event.version = StreamVersion::FIRST)
        => Violation::VersionsNotDense { .. },
    "the log is not in order": |s| s.contents.log.swap(2, 3)
        => Violation::PositionsNotIncreasing { .. },
    "a position is there twice": |s| s.change(9, |event| event.position = GlobalPosition::new(8))
        => Violation::PositionsNotIncreasing { .. },
    "the log has versions of a stream in another order": |s| s.exchange(|a, b| {
            std::mem::swap(&mut a.event_id, &mut b.event_id);
            std::mem::swap(&mut a.version, &mut b.version);
        }, 1, 2)
        => Violation::VersionsNotDense { .. },
    "a stream has an event that the log has not": |s| { s.contents.log.pop(); }
        => Violation::StreamDiffers { .. },
    "a stream lacks an event of the log": |s| s.contents.streams.values_mut().for_each(|events| { events.pop(); })
        => Violation::StreamDiffers { .. },
    "an event went to another stream": |s| s.change(9, |event| event.stream = stream("c"))
        => Violation::OtherStream { operation: 11, .. },
    "the events of an append are in another order": |s| s.exchange(swap_ids, 1, 2)
        => Violation::OutOfOrder { operation: 1, .. },
    "another event stands between those of an append": |s| s.exchange(swap_ids, 3, 4)
        => Violation::OtherStream { operation: 2, .. },
    "other versions were acknowledged": |s| s.told(1, |answer| if let Answer::Appended { streams, .. } = answer {
            streams[0].last_version = StreamVersion::new(3);
        })
        => Violation::AcknowledgedVersions { operation: 1, .. },
    "another position was acknowledged": |s| s.told(2, |answer| if let Answer::Appended { position, .. } = answer {
            *position = GlobalPosition::new(4);
        })
        => Violation::AcknowledgedPosition { operation: 2, .. },
    "an append was acknowledged as new twice": |s| {
            s.told(6, |answer| if let Answer::Appended { repeated, .. } = answer { *repeated = false });
            let again = s.answer(6);
            s.told(5, |answer| *answer = again.clone());
        }
        => Violation::AcknowledgedTwice { operation: 6, .. },
    "an append was acknowledged as repeated at once": |s| s.told(11, |answer| {
            if let Answer::Appended { repeated, .. } = answer { *repeated = true }
        })
        => Violation::NothingToRepeat { operation: 11 },
    "an expectation did not hold": |s| s.writes(11)[0].expected = ExpectedVersion::Exact(StreamVersion::new(7))
        => Violation::ExpectationIgnored { operation: 11, .. },
    "an append stands before one acknowledged earlier": |s| s.exchange(swap_ids, 3, 9)
        => Violation::BeforeAcknowledged { operation: 11, .. },
    "a read lacks its worker's own append": |s| s.read(12, |events| { events.pop(); })
        => Violation::ReadMissesAcknowledged { operation: 12, .. },
    "a read lacks what another worker appended before": |s| s.read(10, |events| events.clear())
        => Violation::ReadMissesAcknowledged { operation: 10, .. },
    "a read has a hole": |s| s.read(14, |events| { events.remove(0); })
        => Violation::ReadDiffers { operation: 14, .. },
    "a read has an event that was rolled back": |s| s.read(3, |events| {
            let mut ghost = events[1].clone();
            (ghost.version, ghost.event_id) = (StreamVersion::new(3), MessageId::new());
            events.push(ghost);
        })
        => Violation::ReadDiffers { operation: 3, .. },
    "a backward read goes forward": |s| s.read(10, |events| events.reverse())
        => Violation::ReadDiffers { operation: 10, .. },
    "a read has more than was asked for": |s| if let Call::ReadStream { limit, .. } = s.call(3) { *limit = 1 }
        => Violation::ReadDiffers { operation: 3, .. },
    "a read sees less than an earlier one": |s| { s.take_out(6); s.read(14, |events| { events.pop(); }) }
        => Violation::ReadWentBack { operation: 14, .. },
    "a read sees what was not yet appended": |s| {
            let third = s.contents.log[5].clone();
            s.read(3, |events| events.push(third.clone()));
        }
        => Violation::ReadBeforeAppended { operation: 3, .. },
    "a page is not in order": |s| s.read(8, |events| events.swap(0, 1))
        => Violation::PageOutOfOrder { operation: 8, .. },
    "a page has what lies before it": |s| {
            let early = s.contents.log[0].clone();
            s.read(9, |events| events.insert(0, early.clone()));
        }
        => Violation::PageOutOfOrder { operation: 9, .. },
    "a page has an event that is not there in the end": |s| s.read(8, |events| events[1].event_id = MessageId::new())
        => Violation::PageDiffers { operation: 8, .. },
    "an event turned up in the middle of a page that was read": |s| s.read(9, |events| { events.remove(1); })
        => Violation::BackFilled { operation: 9, .. },
    "an event turned up at the end of a page that was read": |s| s.told(8, |answer| {
            if let Answer::Page { scanned_to, .. } = answer { *scanned_to = GlobalPosition::new(5) }
        })
        => Violation::BackFilled { operation: 8, .. },
    "an answer came before its call": |s| s.history.operations[2].called_at = 1_000
        => Violation::Impossible { operation: 3, .. },
    "an answer is not one to its call": |s| s.told(3, |answer| *answer = Answer::Indeterminate)
        => Violation::Impossible { operation: 3, .. },
    "a number is there twice": |s| s.history.operations[2].id = 1
        => Violation::Impossible { operation: 1, .. },
};

fn swap_ids(one: &mut Stored, other: &mut Stored) {
    std::mem::swap(&mut one.event_id, &mut other.event_id);
}

impl Scenario {
    fn call(&mut self, operation: usize) -> &mut Call {
        &mut self.history.operations[operation - 1].call
    }

    fn writes(&mut self, operation: usize) -> &mut Vec<WrittenStream> {
        match self.call(operation) {
            Call::Append { writes } => writes,
            other => panic!("{other:?} is no append"),
        }
    }

    fn answer(&self, operation: usize) -> Answer {
        let (_, answer) = self.history.operations[operation - 1]
            .answer
            .clone()
            .expect("answered");
        answer
    }

    fn told(&mut self, operation: usize, change: impl Fn(&mut Answer)) {
        let operation = self
            .history
            .operations
            .iter_mut()
            .find(|op| op.id == operation as u64);
        let answer = &mut operation.expect("it is there").answer;
        change(&mut answer.as_mut().expect("it was answered").1);
    }

    fn read(&mut self, operation: usize, change: impl Fn(&mut Vec<SeenEvent>)) {
        self.told(operation, |answer| match answer {
            Answer::Events { events } | Answer::Page { events, .. } => change(events),
            other => panic!("{other:?} is not of a read"),
        });
    }

    /// As if the operation had not been.
    fn take_out(&mut self, operation: u64) {
        self.history.operations.retain(|op| op.id != operation);
    }

    /// Changes the log and the streams alike.
    fn everywhere(&mut self, change: impl Fn(&mut Vec<Stored>)) {
        change(&mut self.contents.log);
        self.contents.streams.clear();
        for event in &self.contents.log {
            let events = self
                .contents
                .streams
                .entry(event.stream.clone())
                .or_default();
            events.push(event.clone());
        }
    }

    /// Removes the event at a position; later ones of its stream move up, as a store would have them.
    fn forget(&mut self, position: usize) {
        self.everywhere(|log| {
            let gone = log.remove(position - 1);
            let later = log[position - 1..]
                .iter_mut()
                .filter(|event| event.stream == gone.stream);
            later.for_each(|event| event.version = StreamVersion::new(event.version.get() - 1));
        });
    }

    /// Stores one more event.
    fn add(&mut self, key: &str, event_id: MessageId) {
        self.everywhere(|log| {
            let mut event = log.last().expect("an event").clone();
            let versions = log
                .iter()
                .filter(|event| event.stream == stream(key))
                .count();
            event.position = GlobalPosition::new(event.position.get() + 1);
            event.stream = stream(key);
            event.version = StreamVersion::new(versions as u64 + 1);
            event.event_id = event_id;
            log.push(event);
        });
    }

    fn change(&mut self, position: usize, change: impl Fn(&mut Stored)) {
        self.everywhere(|log| change(&mut log[position - 1]));
    }

    /// Changes two events, of which the first stands before the second.
    fn exchange(&mut self, how: impl Fn(&mut Stored, &mut Stored), first: usize, second: usize) {
        self.everywhere(|log| {
            let (before, after) = log.split_at_mut(second - 1);
            how(&mut before[first - 1], &mut after[0]);
        });
    }
}

#[tokio::test]
async fn each_corrupted_history_is_rejected_for_what_is_wrong() {
    assert!(CORRUPTIONS.len() >= 40, "{}", CORRUPTIONS.len());
    let mut missed = Vec::new();
    for corruption in CORRUPTIONS {
        let mut scenario = scenario().await;
        (corruption.corrupt)(&mut scenario);
        match check(&scenario.history, &scenario.contents) {
            Ok(summary) => missed.push(format!("{}: passed, {summary}", corruption.name)),
            Err(violations) if violations.iter().any(corruption.found) => {}
            Err(violations) => missed.push(format!("{}: {violations:#?}", corruption.name)),
        }
    }
    assert!(missed.is_empty(), "{}", missed.join("\n"));
}

#[tokio::test]
async fn violations_name_the_operation() {
    let mut scenario = scenario().await;
    scenario.forget(9);
    let violations = check(&scenario.history, &scenario.contents).expect_err("lost");
    let texts: Vec<_> = violations.iter().map(ToString::to_string).collect();
    assert!(
        texts.contains(&"operation 11 was acknowledged, but is lost".to_owned()),
        "{texts:?}"
    );
    let empty = check(&History::default(), &scenario.contents).expect_err("nobody's");
    assert_eq!(empty.len(), scenario.contents.log.len());
}
