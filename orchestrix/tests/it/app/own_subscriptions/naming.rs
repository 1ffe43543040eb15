//! Its name stands beside all others, at the start and in what the app tells of itself.

use orchestrix::app::StartError;
use orchestrix::prelude::*;
use orchestrix::registry::Problem;
use orchestrix::store::{DeadLetterSelection, Filter, MAX_PAGE, RecordedEvent};
use orchestrix::subscription::{MAX_SUBSCRIPTION_NAME_BYTES, Subscription};
use serde_json::json;

use crate::app::Outcome;
use crate::app::counter::CountingWithTotals;

async fn ignore(_: RecordedEvent, _: EventContext) {}

/// What is wrong with an app that has subscriptions of these names.
async fn problems(names: &[&str]) -> Vec<Problem> {
    let builder = Orchestrix::builder().isolated().store(MemoryStore::new());
    let builder = builder.module(CountingWithTotals);
    let builder = names.iter().fold(builder, |builder, name| {
        builder.subscription(Subscription::new(*name), ignore)
    });
    match builder.start().await {
        Ok(_) => Vec::new(),
        Err(StartError::Problems { problems }) => problems.0,
        Err(other) => panic!("something else is wrong: {other}"),
    }
}

#[tokio::test]
async fn a_name_is_taken_once() {
    for names in [&["audit", "audit"][..], &["total@1"]] {
        let problems = problems(names).await;
        let [Problem::DuplicateName { kind, name, owners }] = &problems[..] else {
            panic!("one name is taken twice: {problems:?}");
        };
        assert_eq!((*kind, name.as_str()), ("subscription", names[0]));
        assert!(
            owners.iter().any(|owner| owner.contains("naming::ignore")),
            "{owners:?}"
        );
    }
    assert!(problems(&["audit", "audit2"]).await.is_empty());
}

#[tokio::test]
async fn what_no_store_keeps_is_no_name() {
    let long = "n".repeat(MAX_SUBSCRIPTION_NAME_BYTES + 1);
    for name in ["", "two\nlines", &long] {
        let problems = problems(&[name]).await;
        assert!(
            matches!(
                &problems[..],
                [Problem::InvalidName {
                    kind: "subscription",
                    ..
                }]
            ),
            "{problems:?}"
        );
    }
}

#[tokio::test]
async fn a_name_is_not_that_of_a_lane_or_a_build() {
    for (name, sign) in [("audit#1/2", '#'), ("total@1~2", '~')] {
        let problems = problems(&["audit", name]).await;
        let [Problem::ReservedName { character, .. }] = &problems[..] else {
            panic!("it is reserved: {problems:?}");
        };
        assert_eq!(*character, sign);
        assert!(problems[0].to_string().ends_with("leave it out"));
    }
}

#[tokio::test]
async fn it_has_1_lane_or_more() {
    let builder = Orchestrix::builder().isolated().store(MemoryStore::new());
    let builder = builder.subscription(Subscription::new("audit").lanes(0), ignore);
    let Err(StartError::Problems { problems }) = builder.start().await else {
        panic!("it has no lanes");
    };
    assert!(
        matches!(&problems.0[..], [Problem::Lanes { lanes: 0, .. }]),
        "{problems}"
    );
}

#[tokio::test]
async fn the_app_tells_of_it() -> Outcome {
    let sold = Filter::all().event_types(["Counted", "Sold"]);
    let app = Orchestrix::builder()
        .isolated()
        .store(MemoryStore::new())
        .module(CountingWithTotals)
        .subscription(Subscription::new("some").filter(sold), ignore)
        .subscription(Subscription::new("all"), ignore)
        .start()
        .await?;
    let names: Vec<_> = app.subscriptions().into_iter().map(|it| it.name).collect();
    assert_eq!(names, ["all", "some", "total@1"]);
    let letters = app.dead_letters("some")?;
    let none = letters.list(DeadLetterSelection::All, Default::default(), MAX_PAGE);
    assert!(none.await?.is_empty());
    let described = serde_json::to_value(app.describe())?;
    assert_eq!(
        described["subscriptions"],
        json!([
            { "name": "some", "events": ["Counted", "Sold"] },
            { "name": "all", "events": [] },
        ])
    );
    let chart = app.describe().mermaid();
    for arrow in [
        r#"evt_Sold(["Sold"]) --> sub_some[/"some"/]"#,
        r#"every_event(["every event"]) --> sub_all[/"all"/]"#,
    ] {
        assert!(chart.contains(arrow), "{chart}");
    }
    Ok(())
}
