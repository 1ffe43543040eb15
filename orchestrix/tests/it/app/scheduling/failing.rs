//! What is due and cannot be done.

use std::time::Duration;

use orchestrix::clock::Clock as _;
use orchestrix::prelude::*;
use orchestrix::schedule::FiringError;
use orchestrix::store::{Payload, ScheduleStore as _, Scheduled};
use orchestrix::testkit::VirtualClock;
use orchestrix::testkit::faults::AppendFault::Unavailable;

use super::{Books, Full, MINUTE, id, note, start, texts, until};
use crate::app::Outcome;
use crate::app::test_store::TestStore;

#[tokio::test]
async fn what_the_domain_refuses_is_ended_by_that() -> Outcome {
    let (store, clock) = (TestStore::new(), VirtualClock::default());
    let app = start(&store, &clock, Books).await;
    for text in ["1", "2", "3"] {
        app.dispatch(note("a", text)).await?;
    }
    let receipt = app.schedule(note("a", "4"), MINUTE).await?;
    clock.advance(MINUTE);
    let status = until(&app, "it is refused", |status| status.refused == 1).await;
    let refusal = status.last_refusal.expect("what was refused");
    assert_eq!((refusal.id, refusal.name.as_str()), (receipt.id, "Note"));
    assert_eq!((refusal.attempts, refusal.at), (1, clock.now()));
    match &*refusal.error {
        FiringError::Refused { source } => {
            let rejection = source.rejection().expect("the domain's word");
            assert_eq!(rejection.downcast_ref(), Some(&Full));
        }
        error => panic!("{error:?}"),
    }
    assert_eq!((status.fired, status.failed), (0, 0));
    assert!(app.scheduled().await?.is_empty());
    Ok(())
}

#[tokio::test]
async fn what_fails_is_tried_again_and_others_do_not_wait() -> Outcome {
    let (store, clock) = (TestStore::new(), VirtualClock::default());
    let app = start(&store, &clock, Books).await;
    store.fail_next([Unavailable]);
    app.schedule(note("a", "hello"), MINUTE).id(id("a")).await?;
    clock.advance(MINUTE);
    until(&app, "it fails", |status| status.failed == 1).await;
    app.schedule(note("b", "hello"), Duration::ZERO).await?;
    until(&app, "the other is done", |status| status.fired == 1).await;
    let waits = app.scheduled().await?;
    assert_eq!((waits.len(), waits[0].attempts), (1, 1));
    let error = waits[0].error.as_deref().unwrap_or_default();
    assert!(error.contains("the store is unavailable"), "{error}");
    store.fail_next([Unavailable]);
    clock.advance(Duration::from_secs(1));
    let status = until(&app, "it fails again", |status| status.failed == 2).await;
    let failure = status.last_failure.expect("what failed");
    assert!(matches!(&*failure.error, FiringError::Failed { .. }));
    assert_eq!(
        app.scheduled().await?[0].next_attempt,
        clock.now() + Duration::from_secs(2)
    );
    clock.advance(Duration::from_secs(2));
    until(&app, "it is done", |status| status.fired == 2).await;
    assert_eq!(texts(&store, "a").await, ["hello"]);
    Ok(())
}

#[tokio::test]
async fn what_nobody_can_do_is_kept_and_told_and_others_go_on() -> Outcome {
    let (store, clock) = (TestStore::new(), VirtualClock::default());
    let (tenant, body) = (TenantId::default(), Payload::of(&note("a", "hello"))?);
    let rows = [
        ("kind", "sundial", "Note", body.clone()),
        ("name", "command", "Tear", body.clone()),
        ("payload", "command", "Note", Payload::of(&7)?),
    ];
    for (text, kind, name, payload) in rows {
        let row = Scheduled::new(tenant.clone(), id(text), clock.now(), kind, name, payload);
        store.memory.schedule(row).await?;
    }
    let app = start(&store, &clock, Books).await;
    until(&app, "they failed", |status| status.failed == 3).await;
    app.schedule(note("b", "hello"), Duration::ZERO).await?;
    until(&app, "another one is done", |status| status.fired == 1).await;
    let mut told = Vec::new();
    for waiting in app.scheduled().await? {
        told.push(waiting.error.unwrap_or_default());
        assert!(app.cancel_scheduled(&waiting.id).await?);
    }
    assert_eq!(told.len(), 3, "{told:?}");
    assert!(told[0].contains("the kind `sundial`"), "{told:?}");
    assert!(told[1].contains("a stored command `Tear`"), "{told:?}");
    assert!(
        told[2].contains("the content of command `Note`"),
        "{told:?}"
    );
    let failure = app.schedule_status().last_failure.expect("a failure");
    let is_told = matches!(
        &*failure.error,
        FiringError::UnknownKind { .. }
            | FiringError::UnknownCommand { .. }
            | FiringError::Undecodable { .. }
    );
    assert!(is_told && !failure.error.is_final(), "{failure:?}");
    Ok(())
}
