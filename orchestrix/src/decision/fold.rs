//! What a model knows of the log.

use super::{DecisionError, DecisionModel};
use crate::message::Event;
use crate::store::{EventQuery, EventStore, Filter, GlobalPosition, QueryItem, ReadAll};

/// A model, and how far the log was read for it.
pub(super) struct Folded<M> {
    pub(super) model: M,
    /// No matching event up to here is missing in the model.
    pub(super) position: GlobalPosition,
}

impl<M: DecisionModel> Folded<M> {
    pub(super) fn nothing() -> Self {
        Self {
            model: M::default(),
            position: GlobalPosition::START,
        }
    }

    /// Adds what can be read behind the position.
    pub(super) async fn catch_up<E>(
        &mut self,
        store: &dyn EventStore,
        filter: &Filter,
    ) -> Result<(), DecisionError<E>> {
        loop {
            let read = ReadAll::after(self.position).filter(filter.clone());
            let page = store.read_all(read).await?;
            for recorded in &page.events {
                // Types that the model does not know may be asked for, to be consistent about them.
                let Some(decoded) = M::Event::decode(&recorded.data) else {
                    continue;
                };
                let event = decoded.map_err(|source| DecisionError::Decode {
                    stream: recorded.stream.clone(),
                    position: recorded.position,
                    source: source.into(),
                })?;
                self.model.apply(&event);
            }
            self.position = page.scanned_to;
            if page.at_head {
                return Ok(());
            }
        }
    }
}

/// The query, with the types of `E` wherever it names none.
pub(super) fn about<E: Event>(query: EventQuery) -> EventQuery {
    let typed = |item: &QueryItem| match item.type_names() {
        [] => item.clone().and_events::<E>(),
        _ => item.clone(),
    };
    match query.items() {
        [] => EventQuery::of(QueryItem::events::<E>()),
        items => items
            .iter()
            .map(typed)
            .fold(EventQuery::all(), EventQuery::or),
    }
}
