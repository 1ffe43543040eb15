//! Other numbers of lanes than before, or than on other nodes.

use std::time::Duration;

use orchestrix::app::StartError;
use orchestrix::prelude::*;
use orchestrix::registry::Problem;
use orchestrix::store::{CheckpointStore, GlobalPosition};
use orchestrix::subscription::Delivery;
use serde_json::json;

use super::crew::{Book, LEASE, TOTAL, WORK, leases, node, stands_by, start};
use crate::app::Outcome;
use crate::app::counter::count;
use crate::app::stored::{event, write};
use crate::app::test_store::TestStore;
use crate::app::waiting::caught_up;

#[tokio::test(start_paused = true)]
async fn the_number_of_lanes_changes_from_start_to_start() -> Outcome {
    let (store, book) = (MemoryStore::new(), Book::default());
    let mut by = 0;
    for lanes in [1, 8, 3, 1, 8, 256, 2] {
        let app = node("a", &store, &book, lanes).await;
        for _ in 0..60 {
            by += 1;
            app.dispatch(count(&format!("c{}", by % 20), by)).await?;
        }
        caught_up(&app).await;
        book.is_complete(1..=by);
        app.shutdown().await?;
        // What nobody handled is still to be handled.
        let writer = node("b", &store, &book, lanes).await;
        book.gate.close();
        for _ in 0..10 {
            by += 1;
            writer.dispatch(count(&format!("c{}", by % 20), by)).await?;
        }
        book.gate.open();
        caught_up(&writer).await;
        writer.shutdown().await?;
    }
    book.is_complete(1..=by);
    Ok(())
}

/// Two lanes that did not come equally far before their process ended without a word: what they handled is not handled
/// again, however many lanes there are now.
#[tokio::test(start_paused = true)]
async fn lanes_that_were_cut_off_are_gone_on_with_one_by_one() -> Outcome {
    for lanes in [1, 3] {
        let mut all = Vec::new();
        for cut_off in [["1/2", "2/2"], ["2/2", "1/2"]] {
            let (store, book) = (MemoryStore::new(), Book::default());
            for by in 1..=60 {
                let counter = format!("c{}", by % 20);
                let body = json!({ "counter": counter, "by": by });
                let counted = event("Counted", 1, body);
                write(&store, &format!("counter-{counter}"), vec![counted]).await?;
            }
            // The one lane is at the end; the other one has no checkpoint, or is somewhere on the way.
            let [far, near] = cut_off.map(|lane| format!("{WORK}#{lane}"));
            let (start, end) = (GlobalPosition::START, GlobalPosition::new(60));
            store.save_checkpoint(&far, start, end).await?;
            if lanes == 3 {
                store
                    .save_checkpoint(&near, start, GlobalPosition::new(20))
                    .await?;
            }
            let app = node("a", &store, &book, lanes).await;
            caught_up(&app).await;
            let numbers = book.numbers();
            assert!(!numbers.is_empty() && numbers.len() < 60, "{numbers:?}");
            assert!(
                lanes == 1 || numbers.iter().all(|by| *by > 20),
                "{numbers:?}"
            );
            all.extend(numbers);
        }
        all.sort_unstable();
        let first = if lanes == 1 { 1 } else { 21 };
        assert_eq!(
            all,
            (first..=60).collect::<Vec<_>>(),
            "each in the lane that was behind"
        );
    }
    Ok(())
}

#[tokio::test(start_paused = true)]
async fn who_divides_otherwise_waits() -> Outcome {
    for (first, second) in [(1, 8), (8, 1), (8, 3)] {
        let (store, book) = (MemoryStore::new(), Book::default());
        let one = node("a", &store, &book, first).await;
        for by in 1..=40 {
            one.dispatch(count(&format!("c{by}"), by)).await?;
        }
        caught_up(&one).await;
        let two = node("b", &store, &book, second).await;
        for by in 41..=80 {
            two.dispatch(count(&format!("c{by}"), by)).await?;
        }
        caught_up(&one).await;
        // It knows what the other consumes, however that divides it.
        caught_up(&two).await;
        assert!(two.readiness().ready, "{}", two.readiness());
        tokio::time::sleep(LEASE * 3).await;
        assert!(stands_by(&two, WORK));
        one.shutdown().await?;
        for by in 81..=120 {
            two.dispatch(count(&format!("c{by}"), by)).await?;
        }
        caught_up(&two).await;
        book.is_complete(1..=120);
        let nodes = book.nodes();
        assert!(nodes[..80].iter().all(|node| *node == "a"), "{nodes:?}");
        assert!(nodes[80..].iter().all(|node| *node == "b"), "{nodes:?}");
    }
    Ok(())
}

/// Both look before either has taken anything.
#[tokio::test(start_paused = true)]
async fn of_two_that_divide_otherwise_at_once_one_waits() -> Outcome {
    for lanes in [[1, 8], [8, 1], [4, 6]] {
        let (store, book) = (TestStore::new(), Book::default());
        let beside = store.beside();
        store.acquire_gate.close();
        beside.acquire_gate.close();
        let one = node("a", &store, &book, lanes[0]).await;
        let two = node("b", &beside, &book, lanes[1]).await;
        store.acquire_gate.arrivals(1).await;
        beside.acquire_gate.arrivals(1).await;
        store.acquire_gate.open();
        beside.acquire_gate.open();
        for by in 1..=100 {
            one.dispatch(count(&format!("c{by}"), by)).await?;
        }
        caught_up(&one).await;
        caught_up(&two).await;
        book.is_complete(1..=100);
        let held = leases(&store.memory).await;
        let of_handler = held
            .values()
            .flatten()
            .filter(|name| name.starts_with(WORK));
        let count = of_handler.count();
        assert!(
            lanes.contains(&(count as u16)),
            "one of them serves: {held:?}"
        );
        assert!(stands_by(&one, WORK) != stands_by(&two, WORK));
    }
    Ok(())
}

#[tokio::test(start_paused = true)]
async fn impossible_numbers_of_lanes_are_refused() {
    let book = Book::default();
    for (subscription, lanes, most) in [
        (WORK, 0, 256),
        (WORK, 257, 256),
        (TOTAL, 2, 1),
        (TOTAL, 0, 1),
    ] {
        let mut delivery = Delivery::default();
        delivery.lanes = lanes;
        let builder = super::crew::builder("a", &MemoryStore::new(), &book);
        let started = builder.delivery(subscription, delivery).start().await;
        let Err(StartError::Problems { problems }) = started else {
            panic!("{lanes} lanes of {subscription}: {started:?}");
        };
        let told = problems.0.iter().any(|problem| {
            let expected = format!("{lanes} lanes");
            let is_it = matches!(*problem, Problem::Lanes { subscription: ref of, lanes: given, most: at_most }
                if of == subscription && given == lanes && at_most == most);
            is_it && problem.to_string().contains(&expected)
        });
        assert!(told, "{problems:?}");
    }
}

#[tokio::test(start_paused = true)]
async fn an_impossible_time_of_leases_is_refused() {
    for lease in [
        Duration::ZERO,
        Duration::from_millis(99),
        Duration::from_secs(3_601),
        Duration::MAX,
    ] {
        let started = start(
            "a",
            &MemoryStore::new(),
            &Book::default(),
            Delivery::default(),
            lease,
        )
        .await;
        let Err(error @ StartError::Config { .. }) = started else {
            panic!("{lease:?}: {started:?}");
        };
        assert!(error.to_string().contains("lease_duration"), "{error}");
    }
    for lease in [Duration::from_millis(100), Duration::from_secs(3_600)] {
        let started = start(
            "a",
            &MemoryStore::new(),
            &Book::default(),
            Delivery::default(),
            lease,
        )
        .await;
        assert!(started.is_ok(), "{lease:?}: {started:?}");
    }
}
