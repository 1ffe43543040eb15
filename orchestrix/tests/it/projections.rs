//! What `#[projection]` writes folds events into the right documents.

use std::time::Duration;

use orchestrix::module::{Module, Parts};
use orchestrix::prelude::*;
use orchestrix::projection::{Documents, FoldError, Keys};
use orchestrix::store::{
    Append, EventData, ExpectedVersion, GlobalPosition, RecordedEvent, StreamId,
};

type Outcome = Result<(), Box<dyn std::error::Error>>;

#[derive(Id, Clone, Debug, PartialEq)]
struct Customer(String);

#[derive(Event, Serialize, Deserialize)]
#[event(name = "projections.Placed")]
struct Placed {
    order: u32,
    by: By,
    lines: Vec<Line>,
}
#[derive(Serialize, Deserialize)]
struct By {
    customer: Customer,
}
#[derive(Serialize, Deserialize)]
struct Line {
    product: String,
    pence: i64,
}
#[derive(Event, Serialize, Deserialize)]
#[event(name = "projections.Paid")]
struct Paid(u32, i64);
#[derive(Event, Serialize, Deserialize)]
#[event(name = "projections.Unrelated")]
struct Unrelated;

/// Begun by an event, changed by another, ended when it is paid.
#[derive(Serialize, Deserialize, Debug, PartialEq)]
struct OpenOrder {
    owed: i64,
    placed_at_version: u64,
}

#[projection(key = order)]
impl OpenOrder {
    #[apply]
    fn placed(event: &Placed, recorded: &RecordedEvent) -> Self {
        OpenOrder {
            owed: event.lines.iter().map(|line| line.pence).sum(),
            placed_at_version: recorded.version.get(),
        }
    }
    #[apply(key = 0)]
    fn paid(mut self, event: &Paid) -> Option<Self> {
        self.owed -= event.1;
        (self.owed > 0).then_some(self)
    }
}

/// Several documents for each event, each once; they begin as default.
#[derive(Default, Serialize, Deserialize, Debug, PartialEq)]
struct Product {
    orders: u32,
    pence: i64,
}

#[projection(name = "products", version = 3)]
impl Product {
    #[apply(keys = Self::products)]
    fn placed(&mut self, event: &Placed, product: &String) {
        self.orders += 1;
        let lines = event.lines.iter().filter(|line| line.product == *product);
        self.pence += lines.map(|line| line.pence).sum::<i64>();
    }
    fn products(event: &Placed) -> impl Iterator<Item = String> {
        event.lines.iter().map(|line| line.product.clone())
    }
}

/// A key below a field, an id.
#[derive(Default, Serialize, Deserialize, Debug, PartialEq)]
struct Spent(i64);

#[projection(key = by.customer)]
impl Spent {
    #[apply]
    fn placed(&mut self, event: &Placed) {
        self.0 += event.lines.iter().map(|line| line.pence).sum::<i64>();
    }
}

/// The same as [`Spent`], by hand.
#[derive(Default, Serialize, Deserialize, Debug, PartialEq)]
struct SpentByHand(i64);

impl Projection for SpentByHand {
    const NAME: &'static str = "spent_by_hand";
    const VERSION: u32 = 1;
    type Event = Placed;

    fn keys(event: &Placed, _: &RecordedEvent, keys: &mut Keys) {
        keys.push(&event.by.customer);
    }

    fn apply(
        event: &Placed,
        _: &RecordedEvent,
        documents: &mut Documents<'_, Self>,
    ) -> Result<(), FoldError> {
        let sum: i64 = event.lines.iter().map(|line| line.pence).sum();
        documents.change(&event.by.customer, |spent: &mut Self| spent.0 += sum);
        Ok(())
    }
}

struct Shop;

impl Module for Shop {
    fn name(&self) -> &'static str {
        "projections.shop"
    }
    fn register(self: std::sync::Arc<Self>, parts: &mut Parts) {
        parts.projection::<OpenOrder>();
        parts.projection::<Product>();
        parts.projection::<Spent>();
        parts.projection::<SpentByHand>();
    }
}

fn placed(order: u32, customer: &str, lines: &[(&str, i64)]) -> Placed {
    let line = |(product, pence): &(&str, i64)| Line {
        product: (*product).to_owned(),
        pence: *pence,
    };
    Placed {
        order,
        by: By {
            customer: Customer(customer.to_owned()),
        },
        lines: lines.iter().map(line).collect(),
    }
}

fn data<E: Event>(event: &E) -> Result<EventData, serde_json::Error> {
    let known = event.event_type();
    Ok(EventData::new(
        known.name(),
        known.schema_version(),
        event.encode()?,
    ))
}

/// An app on an empty store, which knows nothing of the events of other tests.
async fn start() -> Result<App, Box<dyn std::error::Error>> {
    let builder = Orchestrix::builder().isolated().event::<Unrelated>();
    Ok(builder
        .store(MemoryStore::new())
        .module(Shop)
        .start()
        .await?)
}

/// Starts an app, and appends the events to one stream.
async fn app_with(
    events: Vec<EventData>,
) -> Result<(App, GlobalPosition), Box<dyn std::error::Error>> {
    let app = start().await?;
    let stream = StreamId::new("order", "1")?;
    let append = Append::new(stream, ExpectedVersion::NoStream, events);
    let mut head = GlobalPosition::START;
    for outcome in app.store().append(vec![append]).await {
        head = outcome?.position;
    }
    app.caught_up(head, Duration::from_secs(20)).await?;
    Ok((app, head))
}

#[test]
fn names_come_from_the_type_or_the_arguments() {
    assert_eq!((OpenOrder::NAME, OpenOrder::VERSION), ("open_order", 1));
    assert_eq!((Product::NAME, Product::VERSION), ("products", 3));
    let events = <OpenOrder as Projection>::Event::types();
    let names: Vec<_> = events.iter().map(|known| known.name()).collect();
    assert_eq!(names, ["projections.Placed", "projections.Paid"]);
}

#[tokio::test]
async fn documents_begin_change_and_end() -> Outcome {
    let (app, _) = app_with(vec![
        data(&placed(1, "ann", &[("tea", 30), ("cup", 20)]))?,
        data(&placed(2, "ann", &[("tea", 30)]))?,
        data(&Unrelated)?,
        data(&Paid(1, 10))?,
        data(&Paid(2, 30))?,
    ])
    .await?;
    let first = app.view::<OpenOrder>(&1_u32).await?;
    assert_eq!(
        first,
        Some(OpenOrder {
            owed: 40,
            placed_at_version: 1
        })
    );
    assert_eq!(app.view::<OpenOrder>(&2_u32).await?, None);
    Ok(app.shutdown().await?)
}

#[tokio::test]
async fn each_key_is_folded_once_per_event() -> Outcome {
    let (app, _) = app_with(vec![
        data(&placed(1, "ann", &[("tea", 30), ("cup", 20), ("tea", 5)]))?,
        data(&placed(2, "bob", &[("tea", 1)]))?,
    ])
    .await?;
    assert_eq!(
        app.view::<Product>("tea").await?,
        Some(Product {
            orders: 2,
            pence: 36
        })
    );
    assert_eq!(
        app.view::<Product>("cup").await?,
        Some(Product {
            orders: 1,
            pence: 20
        })
    );
    Ok(app.shutdown().await?)
}

#[tokio::test]
async fn generated_and_hand_written_fold_the_same() -> Outcome {
    let (app, _) = app_with(vec![
        data(&placed(1, "ann", &[("tea", 30), ("cup", 20)]))?,
        data(&placed(2, "bob", &[("tea", 1)]))?,
        data(&placed(3, "ann", &[]))?,
    ])
    .await?;
    for (customer, pence) in [("ann", Some(50)), ("bob", Some(1)), ("cid", None)] {
        let customer = Customer(customer.to_owned());
        assert_eq!(app.view::<Spent>(&customer).await?, pence.map(Spent));
        assert_eq!(
            app.view::<SpentByHand>(&customer).await?,
            pence.map(SpentByHand)
        );
    }
    Ok(app.shutdown().await?)
}

#[tokio::test]
async fn a_document_that_nothing_began_stops_the_projection() -> Outcome {
    let app = start().await?;
    let append = Append::new(
        StreamId::new("order", "1")?,
        ExpectedVersion::NoStream,
        vec![data(&Paid(9, 1))?, data(&placed(1, "ann", &[("tea", 30)]))?],
    );
    let mut head = GlobalPosition::START;
    for outcome in app.store().append(vec![append]).await {
        head = outcome?.position;
    }
    // The other projections go on; this one never reaches the head.
    let spent = app
        .view::<Spent>(&Customer("ann".to_owned()))
        .at_least(head)
        .await?;
    assert_eq!(spent, Some(Spent(30)));
    let view = app
        .view::<OpenOrder>(&1_u32)
        .at_least(head)
        .within(Duration::from_millis(200));
    assert!(view.await.is_err());
    Ok(app.shutdown().await?)
}
