//! Sagas that keep an app from starting.

use std::sync::Arc;

use orchestrix::app::{Config, StartError};
use orchestrix::module::{Module, Parts};
use orchestrix::prelude::*;
use orchestrix::registry::Problem;
use orchestrix::saga::{
    ByHand, CompensationFuture, GraphError, Reacting, Saga, SagaContext, Step, StepError,
    StepFuture,
};
use orchestrix::store::{NameError, Payload};

use super::errors::by_hand;

#[derive(Clone, Serialize, Deserialize)]
struct Lost {}

const LOST: &[Step] = &[Step {
    after: &["nowhere"],
    ..Step::new("go")
}];

by_hand!(Lost is "lost", LOST);

#[derive(Clone, Serialize, Deserialize)]
struct Hyphened {}

by_hand!(Hyphened is "round-trip", &[Step::new("go")]);

/// A saga of reactions whose name has one too.
#[derive(Clone, Serialize, Deserialize)]
struct Waiting {}

impl Reacting for Waiting {
    const NAME: &'static str = "wait-and-see";
    const TIMERS: &'static [&'static str] = &[];
    type Event = ByHand;

    fn key(event: &ByHand) -> String {
        match *event {}
    }

    fn begin(event: &ByHand, _: &mut Reactions) -> Option<Self> {
        match *event {}
    }

    fn react(&mut self, event: &ByHand, _: &mut Reactions) {
        match *event {}
    }

    fn fire(&mut self, _: usize, _: &mut Reactions) {}

    fn rejected(&mut self, _: &Rejection, _: &mut Reactions) -> bool {
        false
    }
}

struct Wrong;

impl Module for Wrong {
    fn name(&self) -> &'static str {
        "wrong"
    }

    fn register(self: Arc<Self>, parts: &mut Parts) {
        parts.saga::<Lost>();
        parts.saga::<Hyphened>();
        parts.reacting::<Waiting>();
    }
}

#[tokio::test]
async fn steps_that_do_not_fit_and_names_with_hyphens_are_told_together() {
    let builder = Orchestrix::builder().isolated().store(MemoryStore::new());
    let problems = match builder.module(Wrong).start().await {
        Err(StartError::Problems { problems }) => problems,
        other => panic!("it started, or failed otherwise: {other:?}"),
    };
    let unknown = GraphError::UnknownStep {
        step: "go",
        after: "nowhere",
    };
    let invalid = problems.0.iter().find_map(|problem| match problem {
        Problem::InvalidSaga { saga, source } => Some((*saga, source.clone())),
        _ => None,
    });
    assert_eq!(invalid, Some(("lost", unknown)));
    let hyphens = problems.0.iter().filter_map(|problem| match problem {
        Problem::InvalidName {
            name,
            source: NameError::HyphenInCategory { .. },
            ..
        } => Some(name.as_str()),
        _ => None,
    });
    let mut hyphens: Vec<_> = hyphens.collect();
    hyphens.sort_unstable();
    assert_eq!(hyphens, ["round-trip", "wait-and-see"]);
    assert_eq!(problems.0.len(), 3, "{problems}");
    let told = problems.to_string();
    assert!(
        told.contains("saga `lost`: step `go` comes after `nowhere`, which is no step"),
        "{told}"
    );
}

#[tokio::test]
async fn how_many_run_at_once_has_bounds() {
    for (at_once, is_allowed) in [(0, false), (1, true), (4_096, true), (4_097, false)] {
        let mut config = Config::new();
        config.sagas_at_once = at_once;
        let builder = Orchestrix::builder().isolated().store(MemoryStore::new());
        match (builder.config(config).start().await, is_allowed) {
            (Ok(app), true) => app.shutdown().await.unwrap(),
            (Err(error @ StartError::Config { field, .. }), false) => {
                assert_eq!(field, "sagas_at_once");
                assert_eq!(
                    error.to_string(),
                    format!("config field `sagas_at_once` is {at_once}, allowed is 1 to 4,096")
                );
            }
            (other, _) => panic!("{at_once}: {other:?}"),
        }
    }
}
