//! Others that append between the reading and the append.

use orchestrix::app::Config;
use orchestrix::prelude::*;
use orchestrix::store::EventQuery;

use super::{
    FullyBooked, Outcome, Seats, about, append, append_one, defined, erased, log, seat, start,
    taken,
};

#[tokio::test]
async fn what_came_in_between_is_known_when_it_is_decided_again() -> Outcome {
    let store = MemoryStore::new();
    let app = start(&store).await;
    append_one(&store, &defined("c1", 3));
    let mut seen = Vec::new();
    let receipt = app
        .decide::<Seats>(about("c1"))
        .with(|seats, _| {
            seen.push(seats.taken);
            if seen.len() < 3 {
                append_one(&store, &taken("c1", seats.taken));
            }
            seat(seats, "c1", 7)
        })
        .await?;
    assert_eq!(seen, [0, 1, 2]);
    assert_eq!(receipt.attempts, 3);
    let last = log(&store).await.pop().expect("it was appended");
    assert_eq!(last.event_id(), receipt.events[0].event_id);
    Ok(())
}

#[tokio::test]
async fn the_last_seat_is_given_once() -> Outcome {
    let store = MemoryStore::new();
    let app = start(&store).await;
    append_one(&store, &defined("c1", 1));
    let mut rival = Some(taken("c1", 1));
    let refusal = app
        .decide::<Seats>(about("c1"))
        .with(|seats, _| {
            if let Some(rival) = rival.take() {
                append_one(&store, &rival);
            }
            seat(seats, "c1", 7)
        })
        .await
        .expect_err("the rival was faster");
    assert_eq!(refusal.rejection(), Some(&FullyBooked { taken: 1 }));
    assert_eq!(log(&store).await.len(), 2);
    Ok(())
}

#[tokio::test]
async fn events_that_do_not_match_are_no_conflict() -> Outcome {
    let store = MemoryStore::new();
    let app = start(&store).await;
    append_one(&store, &defined("c1", 1));
    let receipt = app
        .decide::<Seats>(about("c1"))
        .with(|seats, _| {
            // Another course, another tenant, and a type that the model does not know.
            append_one(&store, &taken("c2", 1));
            let acme = TenantId::new("acme").expect("a valid name");
            append(&store, &acme, vec![erased(&taken("c1", 1))]);
            let mut renamed = erased(&taken("c1", 1));
            renamed.event_type = "CourseAdvertised".into();
            append(&store, &TenantId::default(), vec![renamed]);
            seat(seats, "c1", 7)
        })
        .await?;
    assert_eq!(receipt.attempts, 1);
    Ok(())
}

#[tokio::test]
async fn a_type_that_the_query_names_counts_though_the_model_does_not_know_it() -> Outcome {
    let store = MemoryStore::new();
    let app = start(&store).await;
    append_one(&store, &defined("c1", 1));
    let query = about("c1").items()[0].clone();
    let query = query.event_types(["CourseAdvertised", "CourseDefined"]);
    let mut advertised = erased(&taken("c1", 1));
    advertised.event_type = "CourseAdvertised".into();
    let mut advertised = Some(advertised);
    let receipt = app
        .decide::<Seats>(EventQuery::of(query))
        .with(|seats, _| {
            if let Some(advertised) = advertised.take() {
                append(&store, &TenantId::default(), vec![advertised]);
            }
            seat(seats, "c1", 7)
        })
        .await?;
    assert_eq!(receipt.attempts, 2);
    Ok(())
}

#[tokio::test(start_paused = true)]
async fn rivals_that_never_end_are_told_after_bounded_attempts() -> Outcome {
    let store = MemoryStore::new();
    let mut config = Config::new();
    config.conflict_attempts = 5;
    let builder = Orchestrix::builder().isolated().store(store.clone());
    let app = builder.config(config).start().await?;
    let mut calls = 0;
    let error = app
        .decide::<Seats>(about("c1"))
        .with(|_, _| {
            calls += 1;
            append_one(&store, &defined("c1", calls));
            Ok::<_, FullyBooked>([taken("c1", 7)])
        })
        .await
        .expect_err("there is always a rival");
    assert_eq!(calls, 5);
    assert!(error.is_conflict() && error.is_transient());
    match error {
        DecisionError::Conflict {
            query,
            after,
            found,
            attempts,
        } => {
            assert_eq!(attempts, 5);
            assert_eq!((after.get(), found.get()), (4, 5));
            assert_eq!(query.items()[0].tags(), about("c1").items()[0].tags());
            let types: Vec<_> = query.items()[0]
                .type_names()
                .iter()
                .map(|name| &**name)
                .collect();
            assert_eq!(types, ["CourseDefined", "SeatTaken"]);
        }
        other => panic!("{other:?}"),
    }
    assert_eq!(log(&store).await.len(), 5);
    Ok(())
}
