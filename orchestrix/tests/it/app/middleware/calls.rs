//! What a layer knows of a command, and what it may add.

use std::sync::{Arc, Mutex};
use std::time::Duration;

use orchestrix::message::{CorrelationId, MessageId};
use orchestrix::middleware::{
    CallService, CommandCall, CommandError, CommandReply, CommandTarget, DeliveryCall, Next, around,
};
use orchestrix::prelude::*;

use super::trail::building;
use crate::app::Outcome;
use crate::app::counter::{Count, Counting, Limit, count};
use crate::app::stored::{events, stream};

const fn shared<T: Send + Sync + 'static>() {}

/// Layers may keep them across an `await`, and hand them to other tasks.
const _: () = {
    shared::<CommandCall>();
    shared::<CommandReply>();
    shared::<CommandError>();
    shared::<DeliveryCall>();
    shared::<Next<CommandCall>>();
    shared::<CallService<DeliveryCall>>();
};

#[tokio::test(start_paused = true)]
async fn a_call_tells_all_that_travels_with_the_command() -> Outcome {
    let seen = Arc::new(Mutex::new(None));
    let seeing = around({
        let seen = seen.clone();
        move |call: CommandCall, next: Next<CommandCall>| {
            *seen.lock().unwrap() = Some(call.clone());
            async move { next.run(call).await }
        }
    });
    let app = building(MemoryStore::new(), Counting)
        .dispatch_layer(seeing)
        .start()
        .await?;
    let (red, chain): (_, CorrelationId) = (TenantId::new("red")?, MessageId::new().into());
    app.dispatch(count("a", 3))
        .tenant(red.clone())
        .actor("ada")
        .correlation(chain)
        .metadata("channel", "web")
        .timeout(Duration::from_secs(7))
        .await?;
    let call = seen.lock().unwrap().take().expect("it came by");
    assert_eq!(call.name(), "Count");
    assert_eq!(call.command(), Some(&count("a", 3)));
    assert!(call.command::<Limit>().is_none());
    let of_red = stream("counter-a").with_tenant(red.clone());
    assert_eq!(call.target(), &CommandTarget::Stream(of_red.clone()));
    assert_eq!(call.stream(), Some(&of_red));
    assert_eq!((call.tenant(), call.correlation_id()), (&red, chain));
    assert_eq!(call.metadata().actor.as_deref(), Some("ada"));
    assert_eq!(call.metadata().extra["channel"], "web");
    assert_eq!(call.time_left(), Duration::from_secs(7));
    tokio::time::advance(Duration::from_secs(8)).await;
    assert_eq!(call.time_left(), Duration::ZERO);
    assert_eq!(
        call.clone().command::<Count>().map(|cmd| cmd.by),
        Some(3),
        "a clone is the same"
    );
    app.dispatch(count("a", 3)).timeout(Duration::MAX).await?;
    let endless = seen.lock().unwrap().take().expect("it came by");
    assert_eq!(endless.time_left(), Duration::MAX);
    assert_ne!(endless.message_id(), call.message_id());
    Ok(())
}

#[tokio::test]
async fn what_a_layer_adds_stands_in_the_events() -> Outcome {
    let store = MemoryStore::new();
    let adding = around(|call: CommandCall, next: Next<CommandCall>| async move {
        let kept = call.clone();
        let added = call.with_actor("gate").with_metadata("region", "north");
        assert!(kept.metadata().extra.is_empty(), "clones stay as they are");
        next.run(added).await
    });
    let app = building(store.clone(), Counting)
        .dispatch_layer(adding)
        .start()
        .await?;
    app.dispatch(count("a", 1)).actor("ada").await?;
    let stored = events(&store, "counter-a").await;
    let metadata = &stored[0].data.metadata;
    assert_eq!(metadata.actor.as_deref(), Some("gate"));
    assert_eq!(metadata.extra["region"], "north");
    Ok(())
}
