//! Leases that fail, and leases that are taken away.

use std::sync::atomic::Ordering::SeqCst;
use std::time::Duration;

use orchestrix::prelude::*;
use orchestrix::store::{CheckpointStore, LeaseStore, LockKey, LockStore, NodeId, TenantId};
use orchestrix::subscription::SubscriptionState;
use tokio::time::Instant;

use super::crew::{Book, LEASE, WORK, leases, node, serving, stands_by};
use crate::app::Outcome;
use crate::app::counter::count;
use crate::app::test_store::TestStore;
use crate::app::waiting::{LONG, caught_up, eventually, retrying, status};

#[tokio::test(start_paused = true)]
async fn leases_that_cannot_be_kept_are_told_and_tried_again() -> Outcome {
    let (store, book) = (TestStore::new(), Book::default());
    store.leaseless.store(true, SeqCst);
    let app = node("a", &store, &book, 1).await;
    app.dispatch(count("x", 1)).await?;
    let (_, error) = retrying(&app, WORK).await;
    assert!(
        error.contains("the store is unavailable for the leases of node"),
        "{error}"
    );
    assert!(error.ends_with("the table is locked"), "{error}");
    assert!(!app.readiness().ready);
    store.leaseless.store(false, SeqCst);
    caught_up(&app).await;
    assert!(app.readiness().ready);
    // As long as its leases last nobody notices; then it serves no more, since another node may.
    store.leaseless.store(true, SeqCst);
    app.dispatch(count("x", 2)).await?;
    caught_up(&app).await;
    retrying(&app, WORK).await;
    app.dispatch(count("x", 3)).await?;
    tokio::time::sleep(LEASE * 2).await;
    assert_eq!(book.numbers(), [1, 2]);
    store.leaseless.store(false, SeqCst);
    caught_up(&app).await;
    eventually("it is live", || {
        matches!(status(&app, WORK).state, SubscriptionState::Live)
    })
    .await;
    book.is_complete(1..=3);
    Ok(())
}

/// A node that cannot reach its leases does not serve when another one does.
#[tokio::test(start_paused = true)]
async fn a_node_without_its_leases_is_replaced() -> Outcome {
    let (store, book) = (TestStore::new(), Book::default());
    let beside = store.beside();
    let (one, other) = (
        node("a", &store, &book, 1).await,
        node("b", &beside, &book, 1).await,
    );
    let (server, standby) = serving(&one, &other).await;
    one.dispatch(count("x", 1)).await?;
    caught_up(standby).await;
    let cut_off = if std::ptr::eq(server, &one) {
        &store
    } else {
        &beside
    };
    cut_off.leaseless.store(true, SeqCst);
    eventually("the other serves", || !stands_by(standby, WORK)).await;
    standby.dispatch(count("x", 2)).await?;
    caught_up(standby).await;
    book.is_complete(1..=2);
    let nodes = book.nodes();
    assert_ne!(nodes[0], nodes[1]);
    retrying(server, WORK).await;
    cut_off.leaseless.store(false, SeqCst);
    serving(&one, &other).await;
    Ok(())
}

#[tokio::test(start_paused = true)]
async fn a_stolen_lease_stops_the_handler_behind_its_event() -> Outcome {
    let (store, book) = (MemoryStore::new(), Book::default());
    let app = node("a", &store, &book, 1).await;
    caught_up(&app).await;
    book.gate.close();
    for by in 1..=3 {
        app.dispatch(count("x", by)).await?;
    }
    book.gate.arrivals(1).await;
    let holder = leases(&store).await.into_keys().next();
    let holder = holder.expect("the app holds them");
    let thief = NodeId::new("thief");
    // Who does not hold it is taken for dead.
    let lock = LockKey::new(TenantId::default(), "orchestrix node thief")?;
    let alive = store.try_lock(&lock).await?.expect("nobody holds it");
    store.retire_node(&holder).await?;
    let names = [WORK.to_owned()];
    let stolen = store.acquire_leases(&thief, &names, Duration::from_secs(3_600));
    assert_eq!(stolen.await?.len(), 1);
    // The node has looked again once it is told of.
    let back = tokio::time::timeout(LONG, async {
        loop {
            let view = store.renew_leases(&thief, &[], LEASE * 3_600).await?;
            if view.nodes.iter().any(|node| node.id == holder) {
                return Ok::<_, orchestrix::store::LeaseError>(());
            }
            tokio::time::sleep(Duration::from_millis(1)).await;
        }
    });
    back.await??;
    book.gate.open();
    eventually("it stands by", || stands_by(&app, WORK)).await;
    let SubscriptionState::Standby { node } = status(&app, WORK).state else {
        panic!("{:?}", status(&app, WORK));
    };
    assert_eq!(node, Some(thief.clone()));
    assert_eq!(book.numbers(), [1], "it stopped behind what it was at");
    assert_eq!(
        store.load_checkpoint(WORK).await?.get(),
        0,
        "its checkpoint was refused"
    );
    alive.release().await?;
    store.retire_node(&thief).await?;
    caught_up(&app).await;
    assert_eq!(book.numbers(), [1, 1, 2, 3], "nothing is lost");
    Ok(())
}

/// A node of a process that ended without a word: its leases last, its lock is gone.
#[tokio::test(start_paused = true)]
async fn a_dead_node_is_not_waited_for() -> Outcome {
    let (store, book) = (MemoryStore::new(), Book::default());
    let dead = NodeId::new("dead");
    let (names, hour) = ([WORK.to_owned()], Duration::from_secs(3_600));
    store.renew_leases(&dead, &names, hour).await?;
    store.acquire_leases(&dead, &names, hour).await?;
    let began = Instant::now();
    let app = node("a", &store, &book, 1).await;
    app.dispatch(count("x", 1)).await?;
    caught_up(&app).await;
    assert!(began.elapsed() < LEASE, "{:?}", began.elapsed());
    book.is_complete(1..=1);
    Ok(())
}

/// A process that was only stopped may go on: its leases are waited for.
#[tokio::test(start_paused = true)]
async fn a_node_that_has_its_lock_keeps_its_leases_until_they_end() -> Outcome {
    let (store, book) = (MemoryStore::new(), Book::default());
    let stopped = NodeId::new("stopped");
    let lock = LockKey::new(TenantId::default(), "orchestrix node stopped")?;
    let lock = store.try_lock(&lock).await?.expect("nobody holds it");
    let (names, minute) = ([WORK.to_owned()], Duration::from_secs(60));
    store.renew_leases(&stopped, &names, minute).await?;
    store.acquire_leases(&stopped, &names, minute).await?;
    let began = Instant::now();
    let app = node("a", &store, &book, 1).await;
    app.dispatch(count("x", 1)).await?;
    eventually("it stands by", || stands_by(&app, WORK)).await;
    eventually("it serves", || book.count() == 1).await;
    let took = began.elapsed();
    assert!(took >= minute - LEASE && took < minute + LEASE, "{took:?}");
    caught_up(&app).await;
    lock.release().await?;
    Ok(())
}
