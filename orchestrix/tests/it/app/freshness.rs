//! Answers of read models that are behind, and single documents among many.

use std::time::Duration;

use orchestrix::app::{QueryError, ViewError};
use orchestrix::prelude::*;
use orchestrix::store::GlobalPosition;
use tokio::time::Instant;

use super::counter::{CountingWithTotals, Total, count};
use super::test_store::{CommitFault, TestStore};
use super::waiting::caught_up;
use super::{Outcome, start};

const LIMIT: Duration = Duration::from_secs(2);

#[tokio::test(start_paused = true)]
async fn who_takes_what_is_there_is_told_that_it_is_stale() -> Outcome {
    let store = TestStore::new();
    let app = start(store.clone(), CountingWithTotals).await;
    app.dispatch(count("a", 1)).await?;
    caught_up(&app).await;
    store.commit_faults.always(CommitFault::Failed);
    let wanted = app.dispatch(count("a", 1)).await?.position;

    let view = || app.view::<Total>("a").at_least(wanted).within(LIMIT);
    assert!(matches!(view().await, Err(ViewError::Behind { .. })));
    let began = Instant::now();
    let found = view().or_stale().await?;
    assert_eq!(began.elapsed(), LIMIT);
    let stale = Some(Total { sum: 1, events: 1 });
    assert_eq!((&found.answer, found.is_stale), (&stale, true));
    assert_eq!(found.position, GlobalPosition::new(1));

    let views = app.views::<Total>().at_least(wanted).within(LIMIT);
    let found = views.or_stale().await?;
    assert_eq!((found.answer.len(), found.is_stale), (1, true));

    let query = || app.query::<Total>().at_least(wanted).within(LIMIT);
    let behind = query().fetch().await;
    assert!(
        matches!(behind, Err(QueryError::View(ViewError::Behind { .. }))),
        "{behind:?}"
    );
    let found = query().or_stale().fetch().await?;
    assert_eq!((found.answer.documents.len(), found.is_stale), (1, true));
    let found = query().or_stale().count().await?;
    assert_eq!((found.answer, found.is_stale), (1, true));

    store.commit_faults.none();
    let found = app.view::<Total>("a").at_least(wanted).or_stale().await?;
    assert_eq!(found.answer, Some(Total { sum: 2, events: 2 }));
    assert_eq!((found.position, found.is_stale), (wanted, false));
    let found = query().or_stale().count().await?;
    assert_eq!((found.answer, found.is_stale), (1, false));
    Ok(())
}

/// Stale is what is behind what was asked for, not what is behind the log.
#[tokio::test(start_paused = true)]
async fn who_asks_for_no_position_never_gets_stale_answers() -> Outcome {
    let store = TestStore::new();
    let app = start(store.clone(), CountingWithTotals).await;
    store.commit_faults.always(CommitFault::Failed);
    app.dispatch(count("a", 1)).await?;
    let found = app.view::<Total>("a").or_stale().await?;
    assert_eq!((found.answer, found.is_stale), (None, false));
    assert_eq!(found.position, GlobalPosition::START);
    Ok(())
}

#[tokio::test]
async fn only_being_behind_is_forgiven() -> Outcome {
    let app = start(MemoryStore::new(), CountingWithTotals).await;
    let unknown = app
        .view::<super::account::OpenAccounts>("7")
        .or_stale()
        .await;
    assert!(matches!(unknown, Err(ViewError::NotRegistered { .. })));
    Ok(())
}

#[tokio::test]
async fn many_documents_are_got_by_their_keys() -> Outcome {
    let app = start(MemoryStore::new(), CountingWithTotals).await;
    for (counter, by) in [("a", 1), ("b", 2), ("c", 3)] {
        app.dispatch(count(counter, by)).await?;
    }
    caught_up(&app).await;
    let sums = |found: Vec<(String, Total)>| -> Vec<_> {
        let sum = |(key, total): (String, Total)| (key, total.sum);
        found.into_iter().map(sum).collect()
    };
    let [a, b, c] = [("a", 1), ("b", 2), ("c", 3)].map(|(key, sum)| (key.to_owned(), sum));
    let views = || app.views::<Total>();
    let found = views().keys(["c", "nobody", "a", "c"]).await?;
    assert_eq!(sums(found), [c.clone(), a.clone(), c.clone()]);
    assert_eq!(sums(views().keys(Vec::<String>::new()).await?), []);
    let some = views().keys(["c", "b", "a"]).after("a").limit(1);
    assert_eq!(sums(some.await?).first(), Some(&c));
    // More than are asked for in one go.
    let many = (0..2_500).map(|n| format!("n{n}"));
    let many = many.chain(["b".to_owned(), "a".to_owned()]);
    assert_eq!(sums(views().keys(many).await?), [b, a]);
    let none = views().keys(["a"]).tenant(TenantId::new("acme")?);
    assert_eq!(sums(none.await?), []);
    Ok(())
}

#[tokio::test]
async fn a_document_is_there_or_not() -> Outcome {
    let app = start(MemoryStore::new(), CountingWithTotals).await;
    let position = app.dispatch(count("a", 1)).await?.position;
    assert!(app.view::<Total>("a").at_least(position).exists().await?);
    assert!(!app.view::<Total>("b").exists().await?);
    Ok(())
}
