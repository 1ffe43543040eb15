//! Events that are known because they are linked, and reading by stored name.

use std::thread;

use orchestrix::message::DecodeError;
use orchestrix::prelude::*;
use orchestrix::registry::Registry;
use orchestrix::store::GlobalPosition;
use serde_json::json;

use super::counter::Counting;
use super::stored::{all, event, write};
use super::{Outcome, start};

mod far_away {
    use orchestrix::prelude::*;

    /// Named by nobody: no module, no list.
    #[derive(Event, Serialize, Deserialize)]
    #[event(name = "LinkedButNowhereRegistered", schema_version = 2)]
    struct Linked {
        by: u32,
    }

    #[upcast(event = Linked, from = 1)]
    fn doubled(old: serde_json::Value) -> serde_json::Value {
        serde_json::json!({ "by": old["by"].as_u64().unwrap_or_default() * 2 })
    }
}

#[tokio::test]
async fn an_event_is_known_by_being_linked() -> Outcome {
    let store = MemoryStore::new();
    let name = "LinkedButNowhereRegistered";
    write(
        &store,
        "any-1",
        vec![
            event(name, 1, json!({ "by": 4 })),
            event(name, 2, json!({ "by": 5 })),
        ],
    )
    .await?;
    let registry = Registry::linked();
    let known = registry.event_type(name).ok_or("it is linked")?;
    assert_eq!(known.schema_version(), 2);
    assert_eq!(
        known.rust_type(),
        concat!(module_path!(), "::far_away::Linked")
    );
    let mut bodies = Vec::new();
    for recorded in all(&store).await {
        bodies.push(registry.current_json(&recorded)?);
    }
    assert_eq!(bodies, [json!({ "by": 8 }), json!({ "by": 5 })]);
    assert!(Registry::empty().event_type(name).is_none());
    Ok(())
}

#[tokio::test]
async fn an_unknown_name_is_told_with_the_known_ones() -> Outcome {
    let store = MemoryStore::new();
    let app = start(store.clone(), Counting).await;
    write(&store, "any-1", vec![event("Cuonted", 1, json!({}))]).await?;
    let error = app
        .registry()
        .current_json(&all(app.store()).await[0])
        .expect_err("it is unknown");
    assert_eq!(
        error.to_string(),
        "event `Cuonted` is unknown; known are: Counted, Limited"
    );
    assert!(matches!(error, DecodeError::Unknown { .. }));
    Ok(())
}

#[tokio::test]
async fn eight_threads_read_through_one_registry() -> Outcome {
    let store = MemoryStore::new();
    let name = "LinkedButNowhereRegistered";
    write(&store, "any-1", vec![event(name, 1, json!({ "by": 4 }))]).await?;
    let recorded = &all(&store).await[0];
    assert_eq!(recorded.position, GlobalPosition::new(1));
    let registry = &Registry::linked();
    thread::scope(|scope| {
        for _ in 0..8 {
            scope.spawn(move || {
                for _ in 0..200 {
                    let body = registry.current_json(recorded).expect("it is known");
                    assert_eq!(body, json!({ "by": 8 }));
                    assert!(registry.event_types().any(|known| known.name() == name));
                }
            });
        }
    });
    Ok(())
}
