//! The fold of events that are to be stored into the document of their stream.

use super::fold::{index_names, writes};
use super::kept::Kept;
use super::{Documents, FoldError, Keys, Projection};
use crate::error::BoxError;
use crate::message::Event;
use crate::store::{AppendError, DocumentWrite, InlinePlace, RecordedEvent};
use crate::subscription::panic;

/// What an inline projection makes of the events of one stream.
pub(crate) struct FoldedInline {
    pub(crate) indexes: Vec<String>,
    /// The stream's document, if it changes.
    pub(crate) write: Option<DocumentWrite>,
}

/// The keys of an inline projection's event must be that of its stream.
pub(super) fn check_keys<P: Projection>(
    event: &P::Event,
    recorded: &RecordedEvent,
) -> Result<(), FoldError> {
    if P::INLINE.is_none() {
        return Ok(());
    }
    let mut keys = Keys::default();
    P::keys(event, recorded, &mut keys);
    let stream = &recorded.stream;
    let foreign = keys.iter().find(|key| *key != stream.key());
    match foreign {
        None => Ok(()),
        Some(key) => Err(FoldError::ForeignKey {
            key: key.to_owned(),
            stream: stream.clone(),
        }),
    }
}

/// Folds events of one stream into its document: those that are stored already, and then those that are to be. None where
/// that fails for an older one: its subscription will tell.
pub(super) fn fold<P: Projection>(
    projection: &str,
    place: &InlinePlace,
    stored: &[RecordedEvent],
    own: &[RecordedEvent],
) -> Result<Option<FoldedInline>, AppendError> {
    let Some(first) = own.first() else {
        return Ok(None);
    };
    let stream = &first.stream;
    let mut kept = Kept::<P>::default();
    kept.begin();
    let documents = kept.of_tenant(stream.tenant());
    documents.concerns(stream.key());
    if let Some(stored) = &place.document {
        let Ok(document) = stored.read() else {
            return Ok(None);
        };
        documents.learn(stream.key().to_owned(), Some(document));
    }
    let mut apply = |recorded: &RecordedEvent| -> Result<(), BoxError> {
        let Some(event) = P::Event::decode(&recorded.data) else {
            return Ok(());
        };
        let event = event?;
        let apply = || {
            check_keys::<P>(&event, recorded)?;
            let mut documents = Documents::new(documents);
            P::apply(&event, recorded, &mut documents)?;
            documents.finish()
        };
        Ok(panic::catch(apply)??)
    };
    if stored.iter().any(|recorded| apply(recorded).is_err()) {
        return Ok(None);
    }
    for recorded in own {
        apply(recorded).map_err(|source| AppendError::NotFolded {
            projection: projection.to_owned(),
            stream: stream.clone(),
            event_type: recorded.event_type().to_owned(),
            source,
        })?;
    }
    let written = writes(&mut kept).map_err(|error| AppendError::Failed {
        source: error.into(),
    })?;
    Ok(Some(FoldedInline {
        indexes: index_names::<P>(),
        write: written.into_iter().next(),
    }))
}
