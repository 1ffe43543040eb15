//! A hand-written projection that changes a document which it does not name.

use std::time::Duration;

use orchestrix::error::chain;
use orchestrix::prelude::*;
use orchestrix::projection::{Documents, FoldError, Keys};
use orchestrix::store::RecordedEvent;
use orchestrix::subscription::SubscriptionState;

use super::waiting::status_once;

#[derive(Event, Serialize, Deserialize)]
struct Noted {
    key: String,
}

#[derive(Command, Clone)]
struct Note {
    #[id]
    key: String,
}

#[derive(Default)]
struct Notebook;

#[aggregate]
impl Notebook {
    #[handle]
    fn note(&self, cmd: Note) -> Noted {
        Noted { key: cmd.key }
    }

    #[apply]
    fn noted(&mut self, _: &Noted) {}
}

#[derive(Default, Serialize, Deserialize)]
struct Notes(u32);

impl Projection for Notes {
    const NAME: &'static str = "notes";
    const VERSION: u32 = 1;
    type Event = Noted;

    fn keys(_: &Noted, _: &RecordedEvent, _: &mut Keys) {}

    fn apply(
        event: &Noted,
        _: &RecordedEvent,
        documents: &mut Documents<'_, Self>,
    ) -> Result<(), FoldError> {
        documents.change(&event.key, |notes: &mut Self| notes.0 += 1);
        Ok(())
    }
}

#[module(aggregates(Notebook), projections(Notes))]
struct Notary;

#[tokio::test]
async fn an_undeclared_document_is_refused_and_not_overwritten()
-> Result<(), Box<dyn std::error::Error>> {
    let app = Orchestrix::builder()
        .isolated()
        .store(MemoryStore::new())
        .module(Notary)
        .start()
        .await?;
    app.dispatch(Note { key: "a".into() }).await?;
    status_once(&app, "notes@1", "the projection fails", |status| {
        matches!(
            &status.state,
            SubscriptionState::Retrying { error, .. }
                if chain(&**error).contains("document `a` is changed, but is not among the keys")
        )
    })
    .await;
    let view = app.view::<Notes>("a").within(Duration::ZERO).await?;
    assert!(view.is_none());
    Ok(app.shutdown().await?)
}
