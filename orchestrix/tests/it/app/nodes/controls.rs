//! Pausing and halting, where several nodes could serve.

use std::sync::atomic::Ordering::SeqCst;

use orchestrix::prelude::*;
use orchestrix::store::DeadLetterSelection;
use orchestrix::subscription::{Delivery, ErrorPolicy, RetryPolicy, SubscriptionState};

use super::crew::{Book, LEASE, WORK, node, serving, stands_by, start};
use crate::app::Outcome;
use crate::app::counter::count;
use crate::app::test_store::TestStore;
use crate::app::waiting::{LONG, caught_up, eventually, status};

fn is_paused(app: &App) -> bool {
    matches!(status(app, WORK).state, SubscriptionState::Paused)
}

fn is_halted(app: &App) -> bool {
    matches!(status(app, WORK).state, SubscriptionState::Halted { .. })
}

/// Pausing who serves pauses the subscription: that is what was asked for.
#[tokio::test(start_paused = true)]
async fn a_paused_holder_keeps_its_lease() -> Outcome {
    let (store, book) = (MemoryStore::new(), Book::default());
    let (one, other) = (
        node("a", &store, &book, 1).await,
        node("b", &store, &book, 1).await,
    );
    one.dispatch(count("x", 1)).await?;
    let (holder, standby) = serving(&one, &other).await;
    caught_up(standby).await;
    holder.pause_subscription(WORK)?;
    eventually("it is paused", || is_paused(holder)).await;
    standby.dispatch(count("x", 2)).await?;
    tokio::time::sleep(LEASE * 3).await;
    assert!(is_paused(holder), "{:?}", status(holder, WORK));
    assert!(stands_by(standby, WORK), "{:?}", status(standby, WORK));
    assert_eq!(book.numbers(), [1]);
    holder.resume_subscription(WORK)?;
    caught_up(standby).await;
    book.is_complete(1..=2);
    assert!(stands_by(standby, WORK));
    Ok(())
}

/// A paused holder that goes gives its lease to another, which is not paused.
#[tokio::test(start_paused = true)]
async fn a_pause_ends_with_its_node() -> Outcome {
    let (store, book) = (MemoryStore::new(), Book::default());
    let (one, other) = (
        node("a", &store, &book, 1).await,
        node("b", &store, &book, 1).await,
    );
    let (holder, standby) = serving(&one, &other).await;
    holder.pause_subscription(WORK)?;
    eventually("it is paused", || is_paused(holder)).await;
    standby.dispatch(count("x", 1)).await?;
    holder.shutdown().await?;
    caught_up(standby).await;
    book.is_complete(1..=1);
    Ok(())
}

#[tokio::test(start_paused = true)]
async fn a_paused_standby_changes_nothing_until_it_is_to_serve() -> Outcome {
    let (store, book) = (MemoryStore::new(), Book::default());
    let (one, other) = (
        node("a", &store, &book, 1).await,
        node("b", &store, &book, 1).await,
    );
    let (holder, standby) = serving(&one, &other).await;
    standby.pause_subscription(WORK)?;
    eventually("it is paused", || is_paused(standby)).await;
    standby.dispatch(count("x", 1)).await?;
    caught_up(holder).await;
    assert_eq!(book.numbers(), [1]);
    holder.shutdown().await?;
    standby.dispatch(count("x", 2)).await?;
    tokio::time::sleep(LEASE * 3).await;
    assert!(is_paused(standby));
    assert_eq!(book.numbers(), [1]);
    standby.resume_subscription(WORK)?;
    caught_up(standby).await;
    book.is_complete(1..=2);
    Ok(())
}

/// What one node halts at the others would halt at too: they leave it alone until it is resumed or goes.
#[tokio::test(start_paused = true)]
async fn a_halted_holder_keeps_its_lease_until_it_goes() -> Outcome {
    let (store, book) = (MemoryStore::new(), Book::default());
    let (one, other) = (
        node("a", &store, &book, 1).await,
        node("b", &store, &book, 1).await,
    );
    let (holder, standby) = serving(&one, &other).await;
    book.fails.store(true, SeqCst);
    standby.dispatch(count("x", 1)).await?;
    eventually("it is halted", || is_halted(holder)).await;
    tokio::time::sleep(LEASE * 3).await;
    assert!(is_halted(holder), "{:?}", status(holder, WORK));
    assert!(stands_by(standby, WORK), "{:?}", status(standby, WORK));
    assert_eq!(book.gate.arrived(), 1);
    // Resuming the standby is nobody's business but its own.
    standby.resume_subscription(WORK)?;
    tokio::time::sleep(LEASE).await;
    assert_eq!(book.gate.arrived(), 1);
    holder.resume_subscription(WORK)?;
    eventually("it failed again", || book.gate.arrived() == 2).await;
    eventually("it is halted", || is_halted(holder)).await;
    holder.shutdown().await?;
    eventually("the other is halted", || is_halted(standby)).await;
    assert_eq!(book.count(), 0);
    book.fails.store(false, SeqCst);
    standby.resume_subscription(WORK)?;
    caught_up(standby).await;
    book.is_complete(1..=1);
    Ok(())
}

/// Asked for something that it leaves to another node, a standby goes on looking now and then.
#[tokio::test(start_paused = true)]
async fn a_request_on_a_standby_is_served_by_the_holder() -> Outcome {
    let (store, book) = (TestStore::new(), Book::default());
    let beside = store.beside();
    let mut delivery = Delivery::default();
    delivery.retry = RetryPolicy::none();
    delivery.on_error = ErrorPolicy::DeadLetter;
    let one = start("a", &store, &book, delivery.clone(), LEASE).await?;
    let other = start("b", &beside, &book, delivery, LEASE).await?;
    let (_, standby) = serving(&one, &other).await;
    book.fails.store(true, SeqCst);
    standby.dispatch(count("x", 1)).await?;
    caught_up(standby).await;
    book.fails.store(false, SeqCst);
    let letters = standby.dead_letters(WORK)?;
    assert_eq!(letters.retry(DeadLetterSelection::All).await?, 1);
    letters.served(LONG).await?;
    assert_eq!(letters.count().await?, 0);
    book.is_complete(1..=1);
    let looks = || {
        let looks = |store: &TestStore| store.calls.load_checkpoint.load(SeqCst);
        looks(&store) + looks(&beside)
    };
    let before = looks();
    for _ in 0..100 {
        tokio::task::yield_now().await;
    }
    assert!(looks() - before < 5, "{} looks", looks() - before);
    Ok(())
}
