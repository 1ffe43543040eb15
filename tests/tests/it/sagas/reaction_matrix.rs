//! Every crash there can be on the way of a saga of reactions, for every way it can go: afterwards it has come to exactly one
//! outcome, each command has had its effect once, and a timer has fired once, or never where it was cancelled.

use orchestrix::error::BoxError;
use orchestrix::prelude::*;
use orchestrix::saga::{SagaChange, SagaHistory, SagaOutcome, SagaStatus};
use orchestrix::store::{EventData, StreamId};
use orchestrix::testkit::VirtualClock;

use super::crash_point::{CrashPoint, Mortal};
use super::marks::marks;
use super::matrix::{keep, matrix, process, until_crashed};
use super::parcel::{HOUR, Parcel, ParcelDelayed, ParcelFetched, ParcelHeld, ParcelOrdered, Post};
use crate::dcb::stores::{Stores, on_stores};
use crate::torture::work::PATIENCE;

on_stores! {
    a_crash_at_every_point_of_a_saga_of_reactions_in_memory: in_memory(|stores| reactions("in_memory", stores));
    a_crash_at_every_point_of_a_saga_of_reactions_on_sqlite: on_sqlite(|stores| reactions("on_sqlite", stores));
    a_crash_at_every_point_of_a_saga_of_reactions_on_postgres: on_postgres(|stores| reactions("on_postgres", stores));
}

/// What happens to a parcel that was ordered, half an hour after each other.
#[derive(Debug, Clone, Copy)]
enum Then {
    OrderedAgain,
    Delayed,
    Held,
    Fetched,
}

#[derive(Debug, Clone, Copy)]
struct Way {
    events: &'static [Then],
    /// What the domain refuses.
    refuses: &'static str,
    /// Whether nobody looks before the timers are overdue: then they are set, cancelled and fire at once.
    is_late: bool,
    /// Where it comes to, and what it leaves behind.
    ends: SagaStatus,
    parts: &'static [&'static str],
}

const COMPLETED: SagaStatus = SagaStatus::Ended(SagaOutcome::Completed);

/// The timer fires, and all goes well.
const WELL: Way = Way {
    events: &[],
    refuses: "",
    is_late: false,
    ends: COMPLETED,
    parts: &["pack", "label", "remind"],
};

const CANCELLED: Way = Way {
    events: &[Then::Held],
    ends: SagaStatus::Running,
    parts: &["pack", "label"],
    ..WELL
};

const FETCHED: Way = Way {
    events: &[Then::Fetched],
    parts: &["pack", "label", "thank"],
    ..WELL
};

const SET_ANEW: Way = Way {
    events: &[Then::Delayed],
    ..WELL
};

const fn late(way: Way) -> Way {
    Way {
        is_late: true,
        ..way
    }
}

const WAYS: [Way; 12] = [
    WELL,
    SET_ANEW,
    CANCELLED,
    FETCHED,
    Way {
        refuses: "label",
        parts: &["pack", "sorry", "remind"],
        ..WELL
    },
    Way {
        refuses: "remind",
        ends: SagaStatus::Stuck,
        parts: &["pack", "label"],
        ..WELL
    },
    Way {
        events: &[Then::OrderedAgain],
        ..WELL
    },
    Way {
        events: &[Then::Held, Then::Delayed],
        ..WELL
    },
    late(WELL),
    late(SET_ANEW),
    late(CANCELLED),
    late(FETCHED),
];

const PARTS: [&str; 5] = ["pack", "label", "sorry", "remind", "thank"];

async fn reactions(place: &str, stores: Stores) -> Result<(), BoxError> {
    let test = format!("a_crash_at_every_point_of_a_saga_of_reactions_{place}");
    matrix(&test, &WAYS, async |parcel: &str, way, at| {
        run(&stores, parcel, way, at).await
    })
    .await
}

/// One parcel whose saga crashes at a point, and goes on in another process; says whether it came to that point.
async fn run(stores: &Stores, parcel: &str, way: Way, at: CrashPoint) -> Result<bool, BoxError> {
    let kept = events(parcel, way)?;
    keep(&*stores[3], StreamId::new("desk", parcel)?, kept).await?;
    let clock = VirtualClock::default();
    // Behind the last event, and before the first timer.
    clock.advance(if way.is_late { HOUR * 4 } else { HOUR * 3 / 4 });
    let mortal = Mortal::over(stores[0].ports(), at);
    let first = process(&stores[0], Some(&mortal)).clock(clock.clone());
    let first = first.module(Post).start().await?;
    let has_crashed = until_crashed(&mortal, async {
        until_done(&first, &clock).await?;
        // Its checkpoint may move only then.
        first.shutdown().await?;
        Ok(())
    });
    let has_crashed = has_crashed.await?;
    drop(first);
    let second = process(&stores[1], None).clock(clock.clone());
    let second = second.module(Post).start().await?;
    until_done(&second, &clock).await?;
    let history = second.reacting::<Parcel>().history(parcel).await?;
    check(&history.ok_or("it never began")?, way)?;
    for part in PARTS {
        let wanted = u32::from(way.parts.contains(&part));
        let found = marks(&second, parcel, part).await?;
        assert_eq!(found, wanted, "{part} of {parcel}, {way:?} at {at:?}");
    }
    second.shutdown().await?;
    Ok(has_crashed)
}

/// The parcel is ordered, and what happens to it then.
fn events(parcel: &str, way: Way) -> Result<Vec<EventData>, BoxError> {
    let parcel = || parcel.to_owned();
    let ordered = || {
        data(&ParcelOrdered {
            parcel: parcel(),
            refuses: way.refuses.to_owned(),
        })
    };
    let then = way.events.iter().map(|then| match then {
        Then::OrderedAgain => ordered(),
        Then::Delayed => data(&ParcelDelayed { parcel: parcel() }),
        Then::Held => data(&ParcelHeld { parcel: parcel() }),
        Then::Fetched => data(&ParcelFetched { parcel: parcel() }),
    });
    let mut time = jiff::Timestamp::UNIX_EPOCH;
    let mut kept = Vec::new();
    for event in std::iter::once(ordered()).chain(then) {
        kept.push(event?.with_occurred_at(time));
        time += HOUR / 4;
    }
    Ok(kept)
}

fn data<E: Event>(event: &E) -> Result<EventData, BoxError> {
    let event_type = event.event_type();
    let version = event_type.schema_version();
    let payload = event.encode()?;
    Ok(EventData::new(event_type.name(), version, payload))
}

/// What there is to react to is reacted to, then the time of all timers comes, and nothing waits any more.
async fn until_done(app: &App, clock: &VirtualClock) -> Result<(), BoxError> {
    let all = async || -> Result<(), BoxError> {
        let head = app.store().head().await?;
        Ok(app.caught_up(head, PATIENCE).await?)
    };
    all().await?;
    // Also what a process that crashed had claimed.
    clock.advance(HOUR * 4);
    let mut statuses = app.schedule_statuses();
    loop {
        statuses.mark_unchanged();
        // Only what fires is left, and that changes the status when it has.
        if app.scheduled().await?.is_empty() {
            return all().await;
        }
        statuses.changed().await?;
    }
}

/// One outcome, and each command asked for once; the timer has been reacted to once or never.
fn check(history: &SagaHistory, way: Way) -> Result<(), BoxError> {
    let entries = history.entries.iter();
    let count = |wanted: &dyn Fn(&SagaChange) -> bool| -> usize {
        let entries = entries.clone();
        entries.filter(|entry| wanted(&entry.what)).count()
    };
    let asked: usize = entries
        .clone()
        .map(|entry| match &entry.what {
            SagaChange::Reacted { commands, .. } => commands.len(),
            _ => 0,
        })
        .sum();
    let refused = usize::from(!way.refuses.is_empty());
    let is_reminded = way.parts.contains(&"remind") || way.refuses == "remind";
    let fired = count(&|change| matches!(change, SagaChange::TimerFired { .. }));
    let rejected = count(&|change| matches!(change, SagaChange::CommandRejected { .. }));
    let ended = count(&|change| {
        matches!(
            change,
            SagaChange::Reacted {
                completed: true,
                ..
            }
        )
    });
    // One that is late may fire before it is reacted to what replaces or cancels it; then nothing is made of that.
    let may_have_fired =
        usize::from(is_reminded)..=usize::from(is_reminded) + usize::from(way.is_late);
    let is_right = history.status == way.ends
        && asked == way.parts.len() + refused
        && rejected == refused
        && (ended == 0) == (way.ends == SagaStatus::Running)
        && may_have_fired.contains(&fired);
    match is_right {
        true => Ok(()),
        false => {
            let entries = entries.map(|entry| entry.what.to_string());
            let entries: Vec<_> = entries.collect();
            Err(format!("is {}: {}", history.status, entries.join("; ")).into())
        }
    }
}
