//! What an event leads to in a saga of steps: it starts an instance, or wakes one, and that runs.

use std::sync::Arc;

use async_trait::async_trait;
use tokio::sync::watch;
use tracing::debug;

use super::changed::told;
use super::driver::Driver;
use super::event::{self, Started};
use super::history;
use super::instance::Instance;
use super::subscriber::Serve;
use super::trouble::{Trouble, insist};
use super::{Graph, Saga};
use crate::app::Core;
use crate::error::BoxError;
use crate::message::Event;
use crate::store::{Filter, GlobalPosition, Payload, RecordedEvent, StreamId};
use crate::telemetry;

pub(super) struct Steps<S> {
    core: Arc<Core>,
    graph: Graph,
    /// No event behind this position starts an instance.
    until: Option<GlobalPosition>,
    driver: Driver<S>,
    stop: watch::Receiver<bool>,
}

impl<S> Clone for Steps<S> {
    fn clone(&self) -> Self {
        Self {
            core: self.core.clone(),
            graph: self.graph,
            until: self.until,
            driver: self.driver.clone(),
            stop: self.stop.clone(),
        }
    }
}

/// The events that a saga wants: those that start it, and those that wake an instance.
pub(super) fn filter<S: Saga>() -> Filter {
    let starts = S::Start::types();
    let starts = starts.iter().map(|known| known.stored_name());
    Filter::all().event_types(starts.chain([event::woken().stored_name()]))
}

impl<S: Saga> Steps<S> {
    pub(super) fn new(
        core: Arc<Core>,
        graph: Graph,
        until: Option<GlobalPosition>,
        stop: watch::Receiver<bool>,
    ) -> Self {
        Self {
            driver: Driver::new(core.clone(), graph, stop.clone()),
            core,
            graph,
            until,
            stop,
        }
    }

    /// The instance that an event starts, as it is; none where the event starts nothing, since there is one already.
    async fn begin(
        &self,
        event: &RecordedEvent,
        start: &S::Start,
    ) -> Result<Option<(StreamId, Instance)>, Trouble> {
        let key = S::key(start);
        let stream = event::stream_of(S::NAME, &key, event.stream.tenant());
        let stream = stream.map_err(Trouble::last)?;
        if self.until.is_some_and(|until| event.position > until) {
            // One that began before that was said goes on.
            let there = self.driver.load(&stream).await?;
            let is_its = there.trigger == Some(event.event_id());
            return Ok(is_its.then_some((stream, there)));
        }
        let state = Payload::of(&S::begin(start)).map_err(Trouble::last)?;
        let mut metadata = event.data.metadata.clone().caused_by(event.event_id());
        let first = event.event_id().into();
        metadata.correlation_id.get_or_insert(first);
        let started = Started {
            state: event::raw(&state).map_err(Trouble::last)?,
            shape: self.graph.shape(),
            trigger: Some(event.event_id()),
            metadata,
        };
        let nothing = Instance::default();
        let kept = insist(&self.stop, "starting a saga", || {
            let started = vec![started.clone().into()];
            Box::pin(history::keep(
                &self.core,
                &stream,
                &self.graph,
                &nothing,
                started,
                None,
            ))
        });
        if let Some(instance) = kept.await? {
            return Ok(Some((stream, instance)));
        }
        // It came before, or another did with the same key.
        let there = self.driver.load(&stream).await?;
        if there.trigger == Some(event.event_id()) {
            return Ok(Some((stream, there)));
        }
        debug!(
            { telemetry::STREAM } = %stream,
            { telemetry::POSITION } = event.position.get(),
            "an event starts no saga: there is one with this key"
        );
        Ok(None)
    }

    fn start(event: &RecordedEvent) -> Result<Option<S::Start>, BoxError> {
        S::Start::decode(&event.data)
            .transpose()
            .map_err(Into::into)
    }
}

/// Whether a stream is one of this saga's instances.
pub(super) fn is_of(stream: &StreamId, saga: &str) -> bool {
    let key = stream.key().strip_prefix(saga);
    stream.category() == event::SAGA_CATEGORY && key.is_some_and(|key| key.starts_with('-'))
}

#[async_trait]
impl<S: Saga> Serve for Steps<S> {
    fn filter(&self) -> Filter {
        filter::<S>()
    }

    async fn serve(&self, event: &RecordedEvent) -> Result<(), Trouble> {
        let (stream, instance) = match Self::start(event).map_err(Trouble::Last)? {
            Some(start) => match self.begin(event, &start).await? {
                Some(begun) => begun,
                None => return Ok(()),
            },
            None if is_of(&event.stream, S::NAME) => {
                let instance = self.driver.load(&event.stream).await?;
                (event.stream.clone(), instance)
            }
            // Of another saga.
            None => return Ok(()),
        };
        self.check(&instance).map_err(Trouble::last)?;
        self.driver.drive(&stream, instance).await
    }

    fn rehearse(&self, event: &RecordedEvent) -> Result<(), BoxError> {
        Self::start(event).map(drop)
    }
}

impl<S: Saga> Steps<S> {
    /// Whether an instance can go on with the steps as they are now: what it has begun is there, after the same steps.
    fn check(&self, instance: &Instance) -> Result<(), String> {
        let changed = instance.changed_under_way(&self.graph);
        match changed.is_empty() {
            true => Ok(()),
            false => Err(format!(
                "the steps of saga `{}` have changed under an instance that is under way: {}",
                S::NAME,
                told(&changed)
            )),
        }
    }
}
