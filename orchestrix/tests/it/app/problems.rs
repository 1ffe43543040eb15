//! What keeps an app from starting, all of it at once.

use orchestrix::app::{Config, StartError};
use orchestrix::prelude::*;
use orchestrix::registry::{Problem, Problems};

use super::Outcome;
use super::counter::Counting;

pub(super) mod one {
    use orchestrix::prelude::*;

    #[derive(Event, Serialize, Deserialize)]
    pub(crate) struct Shipped {
        parcel: u32,
    }
}

mod other {
    use orchestrix::prelude::*;

    #[derive(Event, Serialize, Deserialize)]
    pub(crate) struct Shipped {
        parcel: String,
    }

    #[derive(Default, Serialize, Deserialize)]
    pub(crate) struct Counter {
        never: bool,
    }

    /// Its category, its command and its read model are taken already.
    #[aggregate]
    impl Counter {
        #[handle]
        fn count(&self, _: Count) -> Noted {
            Noted {
                counter: String::new(),
            }
        }

        #[apply]
        fn noted(&mut self, _: &Noted) {}
    }

    #[derive(Event, Serialize, Deserialize)]
    pub(crate) struct Noted {
        counter: String,
    }

    #[derive(Command)]
    pub(crate) struct Count {
        #[id]
        counter: String,
    }

    #[derive(Default, Serialize, Deserialize)]
    pub(crate) struct Total;

    #[projection(key = counter)]
    impl Total {
        #[apply]
        fn noted(&mut self, _: &Noted) {}
    }

    #[module(name = "counting", aggregates(Counter), projections(Total))]
    pub(crate) struct Other;
}

#[derive(Event, Serialize, Deserialize)]
#[event(name = "Priced")]
struct PricedV1 {
    pence: i64,
}

#[derive(Event, Serialize, Deserialize)]
#[event(schema_version = 2)]
struct Priced {
    pence: i64,
    currency: String,
}

#[upcast]
fn with_currency(old: PricedV1) -> Priced {
    Priced {
        pence: old.pence,
        currency: "GBP".to_owned(),
    }
}

/// An aggregate, a read model and a handler that were left with the old type.
#[derive(Default, Serialize, Deserialize)]
struct Price {
    pence: i64,
}

#[aggregate]
impl Price {
    #[apply]
    fn priced(&mut self, event: &PricedV1) {
        self.pence = event.pence;
    }
}

#[derive(Default, Serialize, Deserialize)]
struct Prices {
    pence: i64,
}

#[projection(key = pence)]
impl Prices {
    #[apply]
    fn priced(&mut self, event: &PricedV1) {
        self.pence = event.pence;
    }
}

struct Pricing;

#[module(aggregates(Price), projections(Prices))]
impl Pricing {
    #[on]
    async fn tell(&self, _: &PricedV1) {}
}

/// Written by hand, and with gaps the macros would not let pass.
struct Gappy;

impl Event for Gappy {
    fn types() -> Vec<&'static orchestrix::message::EventType> {
        static TYPE: orchestrix::message::EventType =
            orchestrix::message::EventType::new("Gappy", 4, "problems::Gappy", |hops| {
                for from in [1, 3, 3, 9] {
                    hops.push(orchestrix::upcast::Hop::new(from, Ok));
                }
            });
        vec![&TYPE]
    }

    fn event_type(&self) -> &'static orchestrix::message::EventType {
        Self::types()[0]
    }

    fn encode(&self) -> Result<orchestrix::store::Payload, serde_json::Error> {
        orchestrix::store::Payload::of("")
    }

    fn decode(
        _: &orchestrix::store::EventData,
    ) -> Option<Result<Self, orchestrix::message::DecodeError>> {
        None
    }
}

pub(super) async fn problems(builder: orchestrix::app::Builder) -> Problems {
    match builder.start().await {
        Err(StartError::Problems { problems }) => problems,
        other => panic!("it started, or failed otherwise: {other:?}"),
    }
}

#[tokio::test]
async fn every_problem_is_told_in_one_start() {
    let builder = Orchestrix::builder().isolated().store(MemoryStore::new());
    let builder = builder.event::<one::Shipped>().event::<other::Shipped>();
    let builder = builder.event::<Priced>().event::<Gappy>();
    let builder = builder
        .module(super::counter::CountingWithTotals)
        .module(other::Other)
        .module(Pricing);
    let found = problems(builder).await;
    let module = module_path!();
    let counter = "it::app::counter";
    let expected = format!(
        "11 problem(s) in what was registered:
  - aggregate `price` uses {module}::PricedV1 (`Priced`, schema version 1), but the current type is {module}::Priced (schema version 2): use that one
  - event `Gappy` has an upcaster from schema version 9, but its current one is 4
  - event `Gappy` has no upcaster from schema version 2 to 3
  - event `Gappy` has two upcasters from schema version 3
  - event `Shipped` (schema version 1) is declared by two types, {module}::one::Shipped and {module}::other::Shipped: give one of them another `#[event(name = \"..\")]`
  - event handler `pricing.tell` uses {module}::PricedV1 (`Priced`, schema version 1), but the current type is {module}::Priced (schema version 2): use that one
  - projection `prices` uses {module}::PricedV1 (`Priced`, schema version 1), but the current type is {module}::Priced (schema version 2): use that one
  - the aggregate category name `counter` is taken 2 times, by: {counter}::Counter, {module}::other::Counter
  - the command name `Count` is taken 2 times, by: {counter}::Count, {module}::other::Count
  - the module name `counting` is taken 2 times, by: {counter}::CountingWithTotals, {module}::other::Other
  - the projection name `total` is taken 2 times, by: {counter}::Total, {module}::other::Total"
    );
    assert_eq!(found.to_string(), expected);
    let kinds: Vec<_> = found.0.iter().map(kind).collect();
    assert_eq!(
        kinds,
        [
            "outdated",
            "upcasters",
            "upcasters",
            "upcasters",
            "doubled",
            "outdated",
            "outdated",
            "name",
            "name",
            "name",
            "name"
        ]
    );
}

fn kind(problem: &Problem) -> &'static str {
    match problem {
        Problem::DuplicateEvent { .. } => "doubled",
        Problem::Upcasters { .. } => "upcasters",
        Problem::OutdatedEvent { .. } => "outdated",
        Problem::DuplicateName { .. } => "name",
        _ => "unknown",
    }
}

/// Two modules of one name, whose handlers have one name too, would share a checkpoint.
#[tokio::test]
async fn two_subscriptions_of_one_name_are_refused() {
    struct First;
    #[module(name = "mail")]
    impl First {
        #[on]
        async fn send(&self, _: &one::Shipped) {}
    }
    struct Second;
    #[module(name = "mail")]
    impl Second {
        #[on]
        async fn send(&self, _: &one::Shipped) {}
    }
    let builder = Orchestrix::builder().isolated().store(MemoryStore::new());
    let found = problems(builder.module(First).module(Second))
        .await
        .to_string();
    assert!(
        found.contains("the subscription name `mail.send` is taken 2 times, by: ")
            && found.contains("::First, ")
            && found.ends_with("::Second"),
        "{found}"
    );
}

/// Their paths are written the same, but they are two types.
#[tokio::test]
async fn two_types_of_one_path_are_two_types() {
    fn one(builder: orchestrix::app::Builder) -> orchestrix::app::Builder {
        #[derive(Event, Serialize, Deserialize)]
        struct Hidden {
            parcel: u32,
        }
        builder.event::<Hidden>()
    }
    fn other(builder: orchestrix::app::Builder) -> orchestrix::app::Builder {
        #[derive(Event, Serialize, Deserialize)]
        struct Hidden {
            parcel: String,
        }
        builder.event::<Hidden>()
    }
    let builder = Orchestrix::builder().isolated().store(MemoryStore::new());
    let found = problems(other(one(builder))).await;
    assert!(
        matches!(
            found.0[..],
            [Problem::DuplicateEvent { name: "Hidden", .. }]
        ),
        "{found}"
    );
}

#[tokio::test]
async fn the_same_event_twice_is_no_problem() -> Outcome {
    let builder = Orchestrix::builder()
        .isolated()
        .store(MemoryStore::new())
        .module(Counting);
    let app = builder
        .event::<super::counter::Counted>()
        .event::<super::counter::Counted>()
        .start()
        .await?;
    assert_eq!(app.registry().event_types().count(), 2);
    Ok(())
}

#[tokio::test]
async fn an_app_needs_a_store_and_limits_in_range() {
    let error = Orchestrix::builder()
        .isolated()
        .start()
        .await
        .expect_err("there is no store");
    assert_eq!(
        error.to_string(),
        "the app has no store: name one with `.store(..)`, `MemoryStore::new()` for instance"
    );
    for (projections, handlers, field) in
        [(0, 100, "projection_page"), (1_000, 1_001, "handler_page")]
    {
        let mut config = Config::new();
        (config.projection_page, config.handler_page) = (projections, handlers);
        let builder = Orchestrix::builder().isolated().store(MemoryStore::new());
        let error = builder
            .config(config)
            .start()
            .await
            .expect_err("it is out of range")
            .to_string();
        assert!(
            error.starts_with(&format!("config field `{field}` is ")),
            "{error}"
        );
        assert!(error.ends_with("allowed is 1 to 1,000"), "{error}");
    }
    let mut config = Config::new();
    config.conflict_attempts = 0;
    let builder = Orchestrix::builder().isolated().store(MemoryStore::new());
    let error = builder
        .config(config)
        .start()
        .await
        .expect_err("a command is decided at least once");
    assert_eq!(
        error.to_string(),
        "config field `conflict_attempts` is 0, allowed is 1 or more"
    );
}
