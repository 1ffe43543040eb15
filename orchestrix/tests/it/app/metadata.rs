//! What travels from command to event to command.

use jiff::Timestamp;
use orchestrix::clock::Clock;
use orchestrix::message::{CorrelationId, MessageId, TraceContext};
use orchestrix::prelude::*;
use orchestrix::store::RecordedEvent;

use super::counter::{Counting, count, count_each};
use super::stored::{all, events};
use super::waiting::caught_up;
use super::{Outcome, start};

#[derive(Event, Serialize, Deserialize)]
struct Hopped {
    path: String,
    hops_left: u32,
    command: MessageId,
}

#[derive(Command)]
struct Hop {
    #[id]
    path: String,
    hops_left: u32,
}

#[derive(Default)]
struct Path;

#[aggregate]
impl Path {
    #[handle]
    fn hop(&self, cmd: Hop, cx: &CommandContext) -> Hopped {
        Hopped {
            path: cmd.path,
            hops_left: cmd.hops_left,
            command: cx.message_id(),
        }
    }

    #[apply]
    fn hopped(&mut self, _: &Hopped) {}
}

struct Relay;

#[module(aggregates(Path))]
impl Relay {
    #[on]
    async fn go_on(&self, event: &Hopped, cx: &EventContext) -> Result<(), BoxedError> {
        if let Some(hops_left) = event.hops_left.checked_sub(1) {
            let path = event.path.clone();
            cx.dispatch(Hop { path, hops_left }).await?;
        }
        Ok(())
    }
}

type BoxedError = Box<dyn std::error::Error + Send + Sync>;

fn command_of(event: &RecordedEvent) -> Result<MessageId, serde_json::Error> {
    event
        .data
        .payload
        .read::<Hopped>()
        .map(|hopped| hopped.command)
}

#[tokio::test]
async fn five_hops_have_one_correlation_and_each_its_own_cause() -> Outcome {
    let store = MemoryStore::new();
    let app = start(store.clone(), Relay).await;
    let trace: TraceContext = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01".parse()?;
    let tenant = TenantId::new("red")?;
    let path = "p".to_owned();
    let first = app
        .dispatch(Hop { path, hops_left: 5 })
        .tenant(tenant.clone());
    first
        .actor("ada")
        .trace(trace.clone())
        .metadata("channel", "web")
        .await?;
    caught_up(&app).await;
    let chain = all(&store).await;
    assert_eq!(chain.len(), 6);
    for (event, next) in chain.iter().zip(&chain[1..]) {
        assert!(next.data.metadata.is_correlated_with(&event.data.metadata));
    }
    for event in &chain {
        let metadata = &event.data.metadata;
        assert!(metadata.is_caused_by(command_of(event)?), "{metadata:?}");
        assert_eq!(metadata.actor.as_deref(), Some("ada"));
        assert_eq!(metadata.trace.as_ref(), Some(&trace));
        assert_eq!(
            metadata.extra.get("channel").map(String::as_str),
            Some("web")
        );
        assert_eq!(event.stream.tenant(), &tenant);
    }
    let correlation: CorrelationId = command_of(&chain[0])?.into();
    assert_eq!(
        chain[5].data.metadata.correlation_id,
        Some(correlation),
        "the first command begins the chain"
    );
    let mut commands: Vec<_> = chain.iter().map(command_of).collect::<Result<_, _>>()?;
    commands.dedup();
    assert_eq!(commands.len(), 6, "each command is a message of its own");
    Ok(())
}

#[tokio::test]
async fn a_chain_can_be_given_from_outside() -> Outcome {
    let store = MemoryStore::new();
    let app = start(store.clone(), Counting).await;
    let chain: CorrelationId = MessageId::new().into();
    app.dispatch(count_each("a", &[1, 2]))
        .correlation(chain)
        .await?;
    app.dispatch(count("a", 3))
        .caused_by(MessageId::new())
        .await?;
    let stored = events(&store, "counter-a").await;
    let metadata: Vec<_> = stored.iter().map(|event| &event.data.metadata).collect();
    assert_eq!(
        metadata[0], metadata[1],
        "events of one command have one cause"
    );
    assert_eq!(metadata[0].correlation_id, Some(chain));
    assert_ne!(metadata[0].causation_id, metadata[2].causation_id);
    assert_ne!(metadata[2].correlation_id, Some(chain));
    Ok(())
}

#[derive(Debug)]
struct Noon;

impl Clock for Noon {
    fn now(&self) -> Timestamp {
        Timestamp::from_nanosecond(1_769_860_800_123_456_789).unwrap_or_default()
    }
}

#[tokio::test]
async fn the_apps_clock_is_the_time_of_events() -> Outcome {
    let store = MemoryStore::new();
    let builder = Orchestrix::builder().isolated().store(store.clone());
    let app = builder.clock(Noon).module(Counting).start().await?;
    app.dispatch(count_each("a", &[1, 2])).await?;
    for event in events(&store, "counter-a").await {
        assert_eq!(
            event.data.occurred_at.to_string(),
            "2026-01-31T12:00:00.123456Z"
        );
    }
    Ok(())
}

#[tokio::test]
async fn ids_are_fresh() -> Outcome {
    let store = MemoryStore::new();
    let app = start(store.clone(), Counting).await;
    for _ in 0..3 {
        app.dispatch(count_each("a", &[1, 1])).await?;
    }
    let stored = events(&store, "counter-a").await;
    let ids: std::collections::HashSet<_> = stored.iter().map(RecordedEvent::event_id).collect();
    assert_eq!(ids.len(), 6);
    Ok(())
}
