//! Poison, restarts, and a projection that is made inline.

use std::time::Duration;

use orchestrix::error::BoxError;
use orchestrix::prelude::*;
use orchestrix::store::{
    Append, DeadLetterSelection, EventData, EventStore, ExpectedVersion, GlobalPosition, MAX_LEASE,
    NodeId, Payload, StreamId, SwitchBuild,
};
use orchestrix::subscription::{Delivery, ErrorPolicy, RetryPolicy};
use serde_json::json;
use tokio::time::{Instant, sleep};

use super::counter::{
    Counting, TALLY, Tally, append_raw, count, documents, log, recount, sums, tally,
};
use super::{before, node, paused};
use crate::dcb::stores::{Opened, Stores, on_stores, shut_down};
use crate::torture::work::PATIENCE;

on_stores! {
    a_dead_letter_leaves_its_stream_to_the_subscription_in_memory: in_memory(poisoned);
    a_dead_letter_leaves_its_stream_to_the_subscription_on_sqlite: on_sqlite(poisoned);
    a_dead_letter_leaves_its_stream_to_the_subscription_on_postgres: on_postgres(poisoned);
    documents_outlive_their_node_in_memory: in_memory(restarted);
    documents_outlive_their_node_on_sqlite: on_sqlite(restarted);
    documents_outlive_their_node_on_postgres: on_postgres(restarted);
    a_projection_that_is_made_inline_begins_anew_in_memory: in_memory(made_inline);
    a_projection_that_is_made_inline_begins_anew_on_sqlite: on_sqlite(made_inline);
    a_projection_that_is_made_inline_begins_anew_on_postgres: on_postgres(made_inline);
    a_build_shows_what_was_written_beside_it_in_memory: in_memory(followed);
    a_build_shows_what_was_written_beside_it_on_sqlite: on_sqlite(followed);
    a_build_shows_what_was_written_beside_it_on_postgres: on_postgres(followed);
    tenants_have_documents_of_their_own_in_memory: in_memory(tenants);
    tenants_have_documents_of_their_own_on_sqlite: on_sqlite(tenants);
    tenants_have_documents_of_their_own_on_postgres: on_postgres(tenants);
}

/// What no inline projection can fold, by another road than the app.
async fn append_poison(log: &dyn EventStore, counter: &str) -> Result<(), BoxError> {
    let body = Payload::of(&json!({ "counter": counter, "with": "another" }))?;
    let mixed = EventData::new("Mixed", 1, body);
    let stream = StreamId::new("counter", counter)?;
    let append = Append::new(stream, ExpectedVersion::Any, vec![mixed]);
    for appended in log.append(vec![append]).await {
        appended?;
    }
    Ok(())
}

async fn poisoned(stores: Stores) -> Result<(), BoxError> {
    let mut delivery = Delivery::default();
    delivery.retry = RetryPolicy::none();
    delivery.on_error = ErrorPolicy::DeadLetter;
    let builder = Orchestrix::builder().isolated();
    let builder = builder.store(Opened(stores[0].clone())).module(Counting);
    let app = builder.delivery(TALLY, delivery).start().await?;
    let log = log(&*stores[1]);
    app.dispatch(count("a", 1)).await?;
    append_poison(&*log, "a").await?;
    app.caught_up(log.head().await?, PATIENCE).await?;
    let letters = app.dead_letters(TALLY)?;
    assert_eq!(letters.count().await?, 1);
    // The stream waits; its commands do not, nor do other streams.
    for n in 1..=3 {
        app.dispatch(count("a", 10)).await?;
        app.dispatch(count("b", 1)).await?;
        assert_eq!(app.view::<Tally>("b").await?, tally(n, n));
    }
    app.caught_up(log.head().await?, PATIENCE).await?;
    assert_eq!(app.view::<Tally>("a").await?, tally(1, 1));
    assert_eq!(letters.count().await?, 4);
    let all = letters.list(DeadLetterSelection::All, GlobalPosition::START, 10);
    let poison = all.await?.into_iter().next().ok_or("there is no letter")?;
    letters
        .skip(DeadLetterSelection::At(poison.position))
        .await?;
    letters.served(PATIENCE).await?;
    assert_eq!(app.view::<Tally>("a").await?, tally(4, 31));
    // It goes on as if nothing had been.
    paused(&app).await?;
    app.dispatch(count("a", 100)).await?;
    assert_eq!(app.view::<Tally>("a").await?, tally(5, 131));
    app.resume_subscription(TALLY)?;
    app.caught_up(log.head().await?, PATIENCE).await?;
    assert_eq!(documents(&app).await?, recount(&*log).await?);
    assert_eq!(letters.count().await?, 0);
    shut_down(vec![app]).await
}

async fn restarted(stores: Stores) -> Result<(), BoxError> {
    let mut expected = 0;
    for store in 0..3 {
        let app = node(&stores, store).await?;
        paused(&app).await?;
        for _ in 0..3 {
            expected += 1;
            app.dispatch(count("a", 1)).await?;
            assert_eq!(app.view::<Tally>("a").await?, tally(expected, expected));
        }
        match stores[0].name() {
            // What is in memory is the same for all.
            "memory" => app.shutdown().await?,
            _ => {
                app.shutdown().await?;
                let models = stores[3].ports().read_models;
                let stream = StreamId::new("counter", "a")?;
                let places = models.inline_places(TALLY, &stream).await?;
                assert_eq!(places[0].progress.get(), expected);
            }
        }
    }
    let app = node(&stores, 3).await?;
    let log = log(&*stores[3]);
    app.caught_up(log.head().await?, PATIENCE).await?;
    assert_eq!(documents(&app).await?, recount(&*log).await?);
    shut_down(vec![app]).await
}

async fn made_inline(stores: Stores) -> Result<(), BoxError> {
    let builder = Orchestrix::builder().isolated();
    let builder = builder.store(Opened(stores[0].clone()));
    let old = builder.module(before::Counting).start().await?;
    let log = log(&*stores[2]);
    old.dispatch(count("a", 3)).await?;
    append_raw(&*log, "b", &[1, 2]).await?;
    old.caught_up(log.head().await?, PATIENCE).await?;
    let view = old.view::<before::Tally>("a").await?;
    assert_eq!(view.map(|one| (one.events, one.sum)), Some((1, 3)));
    // Both run for a while, as where nodes are replaced one after the other.
    let new = node(&stores, 1).await?;
    for _ in 0..5 {
        old.dispatch(count("a", 1)).await?;
        new.dispatch(count("a", 1)).await?;
    }
    for app in [&old, &new] {
        app.caught_up(log.head().await?, PATIENCE).await?;
    }
    let view = old.view::<before::Tally>("a").await?;
    assert_eq!(view.map(|one| (one.events, one.sum)), Some((11, 13)));
    assert_eq!(new.view::<Tally>("a").await?, tally(11, 13));
    assert_eq!(sums(&new).await?, [3, 13]);
    old.shutdown().await?;
    // The documents of the old one are cleared away.
    let models = stores[2].ports().read_models;
    let began = Instant::now();
    while models.read_models("tally@").await? != [TALLY] {
        assert!(began.elapsed() < PATIENCE, "the old documents are kept");
        sleep(Duration::from_millis(5)).await;
    }
    assert_eq!(documents(&new).await?, recount(&*log).await?);
    shut_down(vec![new]).await
}

/// A build whose builder never comes to what is written meanwhile: it is there all the same once the build is read.
async fn followed(stores: Stores) -> Result<(), BoxError> {
    let app = node(&stores, 0).await?;
    paused(&app).await?;
    for counter in ["a", "a", "a", "c"] {
        app.dispatch(count(counter, 1)).await?;
    }
    let models = stores[1].ports().read_models;
    // Nobody builds it who does not hold this lease.
    let (nobody, lease) = (NodeId::new("nobody"), [format!("{TALLY}~1")]);
    let held = models.acquire_leases(&nobody, &lease, MAX_LEASE).await?;
    assert_eq!(held.len(), 1);
    assert_eq!(models.begin_rebuild(TALLY).await?, 1);
    for counter in ["a", "b", "b"] {
        app.dispatch(count(counter, 1)).await?;
    }
    assert_eq!(app.view::<Tally>("a").await?, tally(4, 4));
    let switch = SwitchBuild {
        read_model: TALLY.to_owned(),
        build: 1,
        at: GlobalPosition::START,
        fence: None,
    };
    assert!(models.switch_build(switch).await?);
    assert_eq!(app.view::<Tally>("a").await?, tally(4, 4));
    assert_eq!(app.view::<Tally>("b").await?, tally(2, 2));
    // What was not written to meanwhile is for the builder, and the next append.
    assert_eq!(app.view::<Tally>("c").await?, None);
    app.dispatch(count("c", 1)).await?;
    assert_eq!(app.view::<Tally>("c").await?, tally(2, 2));
    models.release_leases(&nobody, &lease).await?;
    app.resume_subscription(TALLY)?;
    let log = log(&*stores[2]);
    app.caught_up(log.head().await?, PATIENCE).await?;
    assert_eq!(documents(&app).await?, recount(&*log).await?);
    shut_down(vec![app]).await
}

async fn tenants(stores: Stores) -> Result<(), BoxError> {
    let app = node(&stores, 0).await?;
    paused(&app).await?;
    for (tenant, n) in [("acme", 3), ("globex", 5)] {
        let tenant = TenantId::new(tenant)?;
        for _ in 0..n {
            app.dispatch(count("a", n)).tenant(tenant.clone()).await?;
        }
        let view = app.view::<Tally>("a").tenant(tenant).await?;
        assert_eq!(view, tally(n, n * n));
    }
    assert_eq!(app.view::<Tally>("a").await?, None);
    shut_down(vec![app]).await
}
