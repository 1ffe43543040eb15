//! What an event leads to in a saga of reactions.

use std::collections::BTreeMap;
use std::marker::PhantomData;
use std::sync::Arc;

use async_trait::async_trait;
use tokio::sync::watch;
use tracing::error;

use super::instance::{ReactingInstance, load};
use super::outputs::Outputs;
use super::record::{KeptCommand, KeptTimer, KeptTimers, Place};
use super::{Reacting, Reactions, Rejection, log};
use crate::app::Core;
use crate::error::BoxError;
use crate::message::Event;
use crate::saga::event::{self, CommandRejected, Reacted, SagaEvent, TimerFired};
use crate::saga::steps::is_of;
use crate::saga::subscriber::Serve;
use crate::saga::trouble::{Trouble, insist};
use crate::store::{Filter, Payload, ReadStream, RecordedEvent, StreamId};
use crate::telemetry;

pub(super) struct Reacts<S> {
    core: Arc<Core>,
    stop: watch::Receiver<bool>,
    saga: PhantomData<fn() -> S>,
}

impl<S> Clone for Reacts<S> {
    fn clone(&self) -> Self {
        Self {
            core: self.core.clone(),
            stop: self.stop.clone(),
            saga: PhantomData,
        }
    }
}

/// What is reacted to.
enum Cause<E> {
    Event(E),
    Fired(TimerFired),
    Rejected(CommandRejected),
}

/// The events that a saga wants: its own, and what happens to its timers and commands.
pub(super) fn filter<S: Reacting>() -> Filter {
    let own = S::Event::types();
    let own = own.iter().map(|known| known.stored_name());
    let of_instances = event::reacted_to().map(|known| known.stored_name());
    Filter::all().event_types(own.chain(of_instances))
}

impl<S: Reacting> Reacts<S> {
    pub(super) fn new(core: Arc<Core>, stop: watch::Receiver<bool>) -> Self {
        Self {
            core,
            stop,
            saga: PhantomData,
        }
    }

    /// What it is to the saga; nothing, where it is of another one.
    fn cause(recorded: &RecordedEvent) -> Result<Option<Cause<S::Event>>, BoxError> {
        if let Some(event) = S::Event::decode(&recorded.data) {
            return Ok(Some(Cause::Event(event?)));
        }
        if !is_of(&recorded.stream, S::NAME) {
            return Ok(None);
        }
        Ok(match SagaEvent::decode(&recorded.data).transpose()? {
            Some(SagaEvent::TimerFired(fired)) => Some(Cause::Fired(fired)),
            Some(SagaEvent::CommandRejected(rejected)) => Some(Cause::Rejected(rejected)),
            _ => None,
        })
    }

    fn instance(recorded: &RecordedEvent, cause: &Cause<S::Event>) -> Result<StreamId, BoxError> {
        match cause {
            Cause::Event(event) => {
                let stream = event::stream_of(S::NAME, &S::key(event), recorded.stream.tenant());
                Ok(stream?)
            }
            Cause::Fired(_) | Cause::Rejected(_) => Ok(recorded.stream.clone()),
        }
    }

    /// Reacts, and keeps that; what it is then, and what is to be done now. None where the event changes nothing.
    async fn reacted(
        &self,
        recorded: &RecordedEvent,
        cause: &Cause<S::Event>,
        stream: &StreamId,
    ) -> Result<Option<(ReactingInstance, Reacted)>, Trouble> {
        let id = recorded.event_id();
        loop {
            if *self.stop.borrow() {
                return Err(Trouble::Stopped);
            }
            let (instance, before) = load(&self.core, stream, Some(id)).await?;
            if let Some(reacted) = before {
                return Ok(Some((instance, reacted)));
            }
            let Some(reacted) = self.react(recorded, cause, (stream, &instance)).await? else {
                return Ok(None);
            };
            let place = (stream, &instance);
            let event = reacted.clone().into();
            let metadata = log::caused_by(id, &recorded.data.metadata);
            let Some(kept) = log::append(&self.core, place, &event, &metadata).await? else {
                // Another event came to the same instance meanwhile.
                continue;
            };
            if reacted.unhandled {
                error!(
                    { telemetry::STREAM } = %stream,
                    "a saga has no answer to the refusal of its command: a person must see to it"
                );
            }
            // Where it stands, and since when, matters to nobody here.
            let mut instance = instance;
            let kept = (kept, recorded.data.occurred_at);
            instance.apply(&event, kept, recorded.position);
            return Ok(Some((instance, reacted)));
        }
    }

    /// What the reaction asks for; none where there is nothing to react.
    async fn react(
        &self,
        recorded: &RecordedEvent,
        cause: &Cause<S::Event>,
        (stream, instance): (&StreamId, &ReactingInstance),
    ) -> Result<Option<Reacted>, Trouble> {
        let key = stream.key().get(S::NAME.len() + 1..).unwrap_or_default();
        let mut cx = Reactions::at(recorded.data.occurred_at).of(key);
        let state = instance.state.as_ref().map(Payload::read::<S>).transpose();
        let state = state.map_err(|error| {
            Trouble::last(format!(
                "the state of {stream} does not fit its type: {error}"
            ))
        })?;
        let mut unhandled = false;
        let state = match (state, cause) {
            (None, Cause::Event(event)) => S::begin(event, &mut cx),
            (Some(mut state), Cause::Event(event)) => {
                if instance.completed || self.is_before(recorded, instance, stream).await? {
                    return Ok(None);
                }
                state.react(event, &mut cx);
                Some(state)
            }
            (Some(mut state), Cause::Fired(fired)) => {
                let armed = instance.timers.get(&fired.timer);
                let waits = armed.is_some_and(|armed| armed.fired == Some(recorded.event_id()));
                if instance.completed || !waits {
                    return Ok(None);
                }
                state.fire(timer::<S>(&fired.timer)?, &mut cx);
                Some(state)
            }
            (Some(mut state), Cause::Rejected(rejected)) => {
                let rejection = Rejection {
                    command: rejected.command.clone(),
                    content: event::payload(&rejected.content),
                    reason: rejected.reason.clone(),
                };
                unhandled = !state.rejected(&rejection, &mut cx);
                Some(state)
            }
            (None, _) => None,
        };
        let Some(state) = state else {
            return Ok(None);
        };
        let state = Payload::of(&state).map_err(Trouble::last)?;
        let completed = instance.completed || cx.is_completed();
        Ok(Some(Reacted {
            cause: recorded.event_id(),
            place: Place::of(recorded),
            state: event::raw(&state).map_err(Trouble::last)?,
            commands: self.commands(&cx)?,
            timers: match completed {
                true => KeptTimers::new(),
                false => timers::<S>(&cx, instance)?,
            },
            cancelled: cancelled(&cx, instance, completed),
            completed,
            unhandled,
        }))
    }

    /// Whether an event comes before the one that the instance began with: so it came to nothing, and is read once more.
    async fn is_before(
        &self,
        recorded: &RecordedEvent,
        instance: &ReactingInstance,
        stream: &StreamId,
    ) -> Result<bool, Trouble> {
        let Some((place, kept_at)) = &instance.began else {
            return Ok(false);
        };
        // Nearly all: the beginning itself comes before what was kept of it.
        if recorded.position > *kept_at {
            return Ok(false);
        }
        let began = place.stream.parse::<StreamId>().map_err(Trouble::last)?;
        let began = began.with_tenant(stream.tenant().clone());
        let read = ReadStream::forward(began).from(place.version).limit(1);
        let read = self.core.ports.events.read_stream(read.with_archived());
        let limit = self.core.config.view_timeout;
        let late = |_| Trouble::Transient(format!("reading took longer than {limit:?}").into());
        let read = tokio::time::timeout(limit, read).await.map_err(late)?;
        let read = read.map_err(Trouble::of_read)?;
        Ok(read
            .first()
            .is_some_and(|began| recorded.position < began.position))
    }

    fn commands(&self, cx: &Reactions) -> Result<Vec<KeptCommand>, Trouble> {
        let mut kept = Vec::new();
        for asked in &cx.commands {
            let name = asked.name;
            let known = self.core.firing.command(name);
            if !known.is_some_and(asked.is_stored_as) {
                return Err(Trouble::last(format!(
                    "saga `{}` cannot dispatch command `{name}`: it is in no module of this app as a stored command",
                    S::NAME
                )));
            }
            let content = asked.content.as_ref().map_err(|error| {
                Trouble::last(format!("command `{name}` cannot be encoded: {error}"))
            })?;
            kept.push(KeptCommand {
                name: name.to_owned(),
                content: event::raw(content).map_err(Trouble::last)?,
            });
        }
        Ok(kept)
    }
}

/// The place of a timer.
fn timer<S: Reacting>(name: &str) -> Result<usize, Trouble> {
    let at = S::TIMERS.iter().position(|timer| *timer == name);
    at.ok_or_else(|| Trouble::last(format!("saga `{}` has no timer `{name}`", S::NAME)))
}

/// Those that are set.
fn timers<S: Reacting>(cx: &Reactions, instance: &ReactingInstance) -> Result<KeptTimers, Trouble> {
    let mut kept = KeptTimers::new();
    for (name, due) in &cx.timers {
        timer::<S>(name)?;
        if let Some(due) = *due {
            let number = instance.numbers + kept.len() as u64 + 1;
            kept.insert((*name).to_owned(), KeptTimer { number, due });
        }
    }
    Ok(kept)
}

/// Those that were set, and are not any more: cancelled, set anew, or all, at the end.
fn cancelled(
    cx: &Reactions,
    instance: &ReactingInstance,
    completed: bool,
) -> BTreeMap<String, u64> {
    let set = instance.timers.iter();
    let ended = set.filter(|(name, _)| completed || cx.timers.contains_key(name.as_str()));
    ended
        .map(|(name, armed)| (name.clone(), armed.number))
        .collect()
}

#[async_trait]
impl<S: Reacting> Serve for Reacts<S> {
    fn filter(&self) -> Filter {
        filter::<S>()
    }

    async fn serve(&self, recorded: &RecordedEvent) -> Result<(), Trouble> {
        let Some(cause) = Self::cause(recorded).map_err(Trouble::Last)? else {
            return Ok(());
        };
        let stream = Self::instance(recorded, &cause).map_err(Trouble::Last)?;
        let reacted = insist(&self.stop, "reacting to an event", || {
            Box::pin(self.reacted(recorded, &cause, &stream))
        });
        let Some((instance, reacted)) = reacted.await? else {
            return Ok(());
        };
        let outputs = Outputs {
            core: &self.core,
            stop: &self.stop,
            stream: &stream,
            reacted: &reacted,
            metadata: &recorded.data.metadata,
        };
        outputs.make(&instance).await
    }

    fn rehearse(&self, recorded: &RecordedEvent) -> Result<(), BoxError> {
        match Self::cause(recorded)? {
            Some(cause) => Self::instance(recorded, &cause).map(drop),
            None => Ok(()),
        }
    }

    fn queue(&self, recorded: &RecordedEvent) -> Option<StreamId> {
        // One that cannot be read fails when it is served, and holds up nobody.
        let cause = Self::cause(recorded).ok()??;
        Self::instance(recorded, &cause).ok()
    }
}
