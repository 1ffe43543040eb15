//! Sixteen who decide at once: on one course, and on one course each.

use std::sync::Arc;

use orchestrix::decision::DecisionReceipt;
use orchestrix::error::BoxError;
use orchestrix::prelude::*;
use orchestrix::store::{Filter, GlobalPosition, NameError, ReadAll};
use orchestrix::testkit::faults::FaultStore;
use tokio::sync::Semaphore;
use tokio::task::JoinSet;

use super::courses::{CourseEvent, FullyBooked, Seats, of_both, of_course};
use super::stores::{Stores, apps_behind_gates, on_stores, shut_down};
use crate::torture::work::{PATIENCE, within};

const ROUNDS: u32 = 20;
const DECIDERS: u32 = 16;

on_stores! {
    one_of_sixteen_wins_in_memory: in_memory(one_wins);
    one_of_sixteen_wins_on_sqlite: on_sqlite(one_wins);
    one_of_sixteen_wins_on_postgresql: on_postgres(one_wins);
    disjoint_tags_never_conflict_in_memory: in_memory(disjoint);
    disjoint_tags_never_conflict_on_sqlite: on_sqlite(disjoint);
    disjoint_tags_never_conflict_on_postgresql: on_postgres(disjoint);
}

type Outcome = Result<DecisionReceipt, DecisionError<FullyBooked>>;

/// The last seat of a course is taken once, whoever wants it.
async fn one_wins(stores: Stores) -> Result<(), BoxError> {
    let meeting = Meeting::on(stores).await?;
    for round in 0..ROUNDS {
        let course = format!("c{round}");
        define(&meeting.apps[0], &course, 1, &Semaphore::new(0)).await?;
        let decide = |app, student, calls| take(app, course.clone(), student, calls);
        let outcomes = within(PATIENCE, "all have decided", meeting.hold(decide)).await??;
        let (won, lost): (Vec<_>, Vec<_>) = outcomes.into_iter().partition(Result::is_ok);
        assert_eq!(won.len(), 1, "round {round}");
        for outcome in lost {
            match outcome {
                Err(DecisionError::Rejected(FullyBooked)) => {}
                other => panic!("round {round}: {other:?}"),
            }
        }
        // Who had thought that the seat was free found out that it is not.
        let again = meeting.decided_again();
        assert!(again >= DECIDERS as usize - 1, "round {round}: {again}");

        let filter = Filter::all().query(of_course(&course)?);
        let read = ReadAll::after(GlobalPosition::START).filter(filter);
        let stored = meeting.apps[0].store().read_all(read).await?.events;
        let types: Vec<_> = stored.iter().map(|event| event.event_type()).collect();
        assert_eq!(types, ["CourseDefined", "SeatTaken"], "round {round}");
    }
    shut_down(meeting.apps).await
}

/// Who decides on something else is in nobody's way: every decision is made once.
async fn disjoint(stores: Stores) -> Result<(), BoxError> {
    let meeting = Meeting::on(stores).await?;
    for round in 0..ROUNDS {
        let decide = |app: App, n, calls: Arc<Semaphore>| async move {
            let course = format!("c{round}-{n}");
            define(&app, &course, n, &calls).await
        };
        let outcomes = within(PATIENCE, "all have decided", meeting.hold(decide)).await??;
        for outcome in outcomes {
            assert_eq!(outcome?.attempts, 1, "round {round}");
        }
        assert_eq!(meeting.decided_again(), 0, "round {round}");
    }
    shut_down(meeting.apps).await
}

/// Decides without a rule; counts the calls as permits.
async fn define(app: &App, course: &str, capacity: u32, calls: &Semaphore) -> Outcome {
    let query = valid(of_course(course));
    app.decide::<Seats>(query)
        .with(|_, _| {
            calls.add_permits(1);
            Ok([CourseEvent::CourseDefined {
                course: course.to_owned(),
                capacity,
            }])
        })
        .await
}

/// Takes a seat if there is one; counts the calls as permits.
async fn take(app: App, course: String, student: u32, calls: Arc<Semaphore>) -> Outcome {
    // Some look at the course, some at the student in it, too: the queries differ, but overlap.
    let query = valid(match student % 2 {
        0 => of_course(&course),
        _ => of_both(&course, student),
    });
    app.decide::<Seats>(query)
        .with(|seats, _| {
            calls.add_permits(1);
            seats.take(&course, student)
        })
        .await
}

fn valid<T>(made: Result<T, NameError>) -> T {
    made.expect("the names of these tests are valid")
}

/// Deciders who all decide on what was there before the first of them appends.
struct Meeting {
    apps: Vec<App>,
    gates: Vec<FaultStore>,
    /// A permit for each decision made, those taken off that every decider makes at least.
    calls: Arc<Semaphore>,
}

impl Meeting {
    async fn on(stores: Stores) -> Result<Self, BoxError> {
        let (apps, gates) = apps_behind_gates(stores).await?;
        let calls = Arc::new(Semaphore::new(0));
        Ok(Self { apps, gates, calls })
    }

    /// Lets all decide, spread over the apps, and holds their appends until each has.
    async fn hold<F>(
        &self,
        decide: impl Fn(App, u32, Arc<Semaphore>) -> F,
    ) -> Result<Vec<Outcome>, BoxError>
    where
        F: Future<Output = Outcome> + Send + 'static,
    {
        self.gates.iter().for_each(|store| store.gate().close());
        let mut deciders = JoinSet::new();
        for n in 0..DECIDERS {
            let app = self.apps[n as usize % self.apps.len()].clone();
            deciders.spawn(decide(app, n, self.calls.clone()));
        }
        self.calls.acquire_many(DECIDERS).await?.forget();
        self.gates.iter().for_each(|store| store.gate().open());
        let mut outcomes = Vec::new();
        while let Some(outcome) = deciders.join_next().await {
            outcomes.push(outcome?);
        }
        Ok(outcomes)
    }

    /// How many decisions were made again since the last call.
    fn decided_again(&self) -> usize {
        self.calls.forget_permits(usize::MAX)
    }
}
