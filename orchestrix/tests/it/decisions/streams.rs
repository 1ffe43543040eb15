//! Where a decision's events go.

use orchestrix::prelude::*;
use orchestrix::store::{EventQuery, NameError, StreamId};

use super::{FullyBooked, Outcome, Seats, about, defined, log, start, taken};

#[derive(Event, Serialize, Deserialize)]
enum Odd {
    Untagged,
    Hyphened(#[tag(name = "a-b")] u8),
    Named(#[tag(name = "name")] String),
}

#[derive(Default)]
struct Nothing;

impl DecisionModel for Nothing {
    type Event = Odd;

    fn apply(&mut self, _: &Odd) {}
}

async fn decide(app: &App, event: fn() -> Odd) -> Result<String, DecisionError<FullyBooked>> {
    let receipt = app
        .decide::<Nothing>(EventQuery::all())
        .with(|_, _| Ok([event()]))
        .await?;
    let written = receipt.written.expect("it gave an event");
    Ok(written.stream.name().to_owned())
}

#[tokio::test]
async fn the_first_tag_of_the_first_event_names_the_stream() -> Outcome {
    let store = MemoryStore::new();
    let app = start(&store).await;
    for version in [2, 4] {
        let receipt = app
            .decide::<Seats>(about("c1"))
            .with(|_, _| Ok::<_, FullyBooked>(vec![taken("c1", 7), defined("c2", 2)]))
            .await?;
        let written = receipt.written.expect("it gave events");
        assert_eq!(written.stream, StreamId::new("course", "c1")?);
        assert_eq!(written.last_version.get(), version);
    }
    assert_eq!(log(&store).await.len(), 4);
    Ok(())
}

#[tokio::test]
async fn without_a_name_for_the_stream_nothing_is_appended() -> Outcome {
    let store = MemoryStore::new();
    let app = start(&store).await;
    match decide(&app, || Odd::Untagged).await {
        Err(DecisionError::NoStream { event_type }) => assert_eq!(&*event_type, "Untagged"),
        other => panic!("{other:?}"),
    }
    match decide(&app, || Odd::Hyphened(1)).await {
        Err(DecisionError::InvalidStream { tag, source }) => {
            assert_eq!(tag.as_str(), "a-b:1");
            assert!(matches!(source, NameError::HyphenInCategory { .. }));
        }
        other => panic!("{other:?}"),
    }
    match decide(&app, || Odd::Named(String::new())).await {
        Err(DecisionError::InvalidTag { event_type, source }) => {
            assert_eq!(event_type, "Named");
            assert!(matches!(source, NameError::Empty { .. }));
        }
        other => panic!("{other:?}"),
    }
    assert_eq!(decide(&app, || Odd::Named("x".to_owned())).await?, "name-x");
    assert_eq!(log(&store).await.len(), 1);
    Ok(())
}

#[tokio::test]
async fn a_given_stream_takes_the_tenant_of_the_decision() -> Outcome {
    let store = MemoryStore::new();
    let app = start(&store).await;
    let tenant = TenantId::new("acme")?;
    let receipt = app
        .decide::<Nothing>(EventQuery::all())
        .stream(StreamId::new("odd", "1")?)
        .tenant(tenant.clone())
        .with(|_, cx| {
            assert_eq!(cx.tenant().as_str(), "acme");
            Ok::<_, FullyBooked>([Odd::Untagged, Odd::Hyphened(1)])
        })
        .await?;
    let written = receipt.written.expect("it gave events");
    assert_eq!(
        written.stream,
        StreamId::new("odd", "1")?.with_tenant(tenant)
    );
    Ok(())
}
