//! Inline projections, as an app has them.

use std::sync::Arc;

use orchestrix::aggregate::DispatchError;
use orchestrix::app::StartError;
use orchestrix::error::BoxError;
use orchestrix::prelude::*;
use orchestrix::projection::FoldError;
use orchestrix::registry::Problem;
use orchestrix::store::{EventStore, RecordedEvent};
use orchestrix::subscription::{CaughtPanic, ConsumeError};
use orchestrix::testkit::{ProjectionScenario, ScenarioError};

#[derive(Event, Serialize, Deserialize)]
struct Lent {
    book: String,
    to: String,
}

#[derive(Command)]
struct Lend {
    #[id]
    book: String,
    to: String,
}

#[derive(Default)]
struct Book;

#[aggregate]
impl Book {
    #[handle]
    fn lend(&self, lend: &Lend) -> Lent {
        Lent {
            book: lend.book.clone(),
            to: lend.to.clone(),
        }
    }

    #[apply]
    fn lent(&mut self, _: &Lent) {}
}

/// Who has a book, and which event said so.
#[derive(Debug, Default, Serialize, Deserialize)]
struct Lender {
    to: String,
    version: u64,
    /// Whether the event had the time that it is stored with.
    in_microseconds: bool,
}

#[projection(key = book, inline = Book)]
impl Lender {
    #[apply]
    fn lent(&mut self, event: &Lent, recorded: &RecordedEvent) {
        assert_ne!(event.to, "nobody", "somebody has it");
        self.to.clone_from(&event.to);
        self.version = recorded.version.get();
        let nanoseconds = recorded.data.occurred_at.subsec_nanosecond();
        self.in_microseconds = nanoseconds % 1_000 == 0;
    }
}

/// How often a book was lent.
#[derive(Debug, Default, Serialize, Deserialize)]
struct Loans(u64);

#[projection(key = book, inline = Book)]
impl Loans {
    #[apply]
    fn lent(&mut self, _: &Lent) {
        self.0 += 1;
    }
}

#[module(aggregates(Book), projections(Lender, Loans))]
struct Library;

fn builder() -> orchestrix::app::Builder {
    Orchestrix::builder().isolated().module(Library)
}

fn lend(to: &str) -> Lend {
    Lend {
        book: "Emma".to_owned(),
        to: to.to_owned(),
    }
}

#[tokio::test]
async fn an_inline_projection_is_described_as_one() -> Result<(), BoxError> {
    let app = builder().store(MemoryStore::new()).start().await?;
    let description = app.describe();
    let lender = &description.modules[0].projections[0];
    assert_eq!(lender.inline.as_deref(), Some("book"));
    assert!(
        description
            .mermaid()
            .contains("agg_book[\"book\"] == inline ==> prj_lender[(\"lender\")]"),
        "{}",
        description.mermaid()
    );
    assert_eq!(app.subscriptions()[0].name, "lender@1+inline");
    Ok(app.shutdown().await?)
}

#[tokio::test]
async fn read_models_elsewhere_are_a_problem() -> Result<(), BoxError> {
    let elsewhere = Arc::new(MemoryStore::new());
    let started = builder().store(MemoryStore::new()).read_models(elsewhere);
    match started.start().await {
        Err(StartError::Problems { problems }) => match &problems.0[..] {
            [
                Problem::InlineElsewhere { projection: one },
                Problem::InlineElsewhere { projection: other },
            ] => {
                assert_eq!((&**one, &**other), ("lender@1+inline", "loans@1+inline"));
                Ok(())
            }
            others => Err(format!("other problems: {others:?}").into()),
        },
        other => Err(format!("it starts: {:?}", other.map(drop)).into()),
    }
}

#[tokio::test]
async fn events_are_folded_as_they_will_be_read() -> Result<(), BoxError> {
    let app = builder().store(MemoryStore::new()).start().await?;
    for subscription in ["lender@1+inline", "loans@1+inline"] {
        app.pause_subscription(subscription)?;
    }
    for (to, version) in [("Anne", 1), ("Jane", 2)] {
        app.dispatch(lend(to)).await?;
        let lender = app.view::<Lender>("Emma").await?;
        let lender = lender.ok_or("there is no document")?;
        assert_eq!((&*lender.to, lender.version), (to, version));
        assert!(lender.in_microseconds, "{lender:?}");
        let loans = app.view::<Loans>("Emma").await?;
        assert_eq!(loans.map(|loans| loans.0), Some(version));
    }
    Ok(app.shutdown().await?)
}

#[tokio::test]
async fn a_panic_refuses_the_command() -> Result<(), BoxError> {
    let store = MemoryStore::new();
    let app = builder().store(store.clone()).start().await?;
    match app.dispatch(lend("nobody")).await {
        Err(error @ DispatchError::NotFolded { .. }) => {
            assert!(!error.is_transient() && !error.is_unknown());
            let told = orchestrix::error::chain(&error).to_string();
            assert!(told.contains("somebody has it"), "{told}");
            let DispatchError::NotFolded { source, .. } = error else {
                return Err("it is another error".into());
            };
            assert!(source.downcast_ref::<CaughtPanic>().is_some());
        }
        other => return Err(format!("it was to be refused: {other:?}").into()),
    }
    assert_eq!(store.head().await?.get(), 0);
    assert!(app.view::<Loans>("Emma").await?.is_none());
    app.dispatch(lend("Anne")).await?;
    Ok(app.shutdown().await?)
}

#[test]
fn a_scenario_gives_events_their_streams() {
    let lent = |to: &str| Lent {
        book: "Emma".to_owned(),
        to: to.to_owned(),
    };
    ProjectionScenario::<Lender>::new()
        .given(lent("Anne"))
        .given(lent("Jane"))
        .expect("Emma", |lender| {
            assert_eq!((&*lender.to, lender.version), ("Jane", 2));
        });
}

#[test]
fn a_scenario_tells_keys_that_are_not_the_streams() -> Result<(), BoxError> {
    let stream = orchestrix::store::StreamId::new("book", "Persuasion")?;
    let scenario = ProjectionScenario::<Lender>::new().stream(stream.clone());
    let lent = Lent {
        book: "Emma".to_owned(),
        to: "Anne".to_owned(),
    };
    let expected = FoldError::ForeignKey {
        key: "Emma".to_owned(),
        stream,
    };
    match scenario.given(lent).documents() {
        Err(ScenarioError::Fold(ConsumeError::Event { source, .. })) => {
            assert_eq!(source.downcast_ref(), Some(&expected));
            Ok(())
        }
        other => Err(format!("it is folded: {:?}", other.map(|all| all.len())).into()),
    }
}
