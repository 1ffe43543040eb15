//! Reading and writing the stream of an instance.

use std::sync::Arc;

use super::Graph;
use super::event::{CompensationBegan, Ended, SagaEvent, StepStarted};
use super::instance::{Instance, Next};
use super::tally::{Before, Tally};
use super::trouble::Trouble;
use crate::app::Core;
use crate::error::BoxError;
use crate::message::{Event, MessageId};
use crate::store::{
    Append, AppendError, EventData, ExpectedVersion, IdempotencyKey, MAX_PAGE, ReadStream,
    RecordedEvent, StreamId,
};

/// The instance of a stream; of version 0 where there is none.
pub(super) async fn load(core: &Core, stream: &StreamId) -> Result<Instance, Trouble> {
    let mut instance = Instance::default();
    let each = |recorded: &RecordedEvent, event: &SagaEvent| {
        instance.apply(event, recorded.event_id(), recorded.data.occurred_at);
    };
    walk(core, stream, each).await?;
    Ok(instance)
}

/// Goes through the history of a stream.
pub(super) async fn walk(
    core: &Core,
    stream: &StreamId,
    mut each: impl FnMut(&RecordedEvent, &SagaEvent),
) -> Result<(), Trouble> {
    let mut read = ReadStream::forward(stream.clone());
    loop {
        let limit = core.config.view_timeout;
        let page = core.ports.events.read_stream(read.clone());
        let late =
            |_| Trouble::Transient(format!("reading {stream} took longer than {limit:?}").into());
        let page = tokio::time::timeout(limit, page).await.map_err(late)?;
        let page = page.map_err(Trouble::of_read)?;
        for recorded in &page {
            let event = match SagaEvent::decode(&recorded.data) {
                Some(event) => event.map_err(Trouble::last)?,
                None => {
                    let foreign = format!(
                        "stream {stream} holds `{}` at version {}, which is no event of a saga",
                        recorded.event_type(),
                        recorded.version
                    );
                    return Err(Trouble::last(foreign));
                }
            };
            each(recorded, &event);
        }
        match page.last() {
            Some(last) if page.len() >= MAX_PAGE => read = read.from(last.version.next()),
            _ => return Ok(()),
        }
    }
}

/// Keeps what happened to an instance, and what follows from it at once: that it turns back, which steps begin, that it ends.
/// Gives the instance as it is then; nothing, where others have written to the stream since.
///
/// Where a command is never to be carried out from here on, its key goes with it: who was held up with that command then
/// finds the key taken. Where the command was carried out before, nothing is kept either.
pub(super) async fn keep(
    core: &Arc<Core>,
    stream: &StreamId,
    graph: &Graph,
    instance: &Instance,
    events: Vec<SagaEvent>,
    never: Option<&IdempotencyKey>,
) -> Result<Option<Instance>, Trouble> {
    let mut draft = instance.clone();
    let mut data = Vec::new();
    let mut tally = Tally::default();
    for event in events {
        add(core, &mut draft, (&mut data, &mut tally), event)?;
    }
    // Only what its next run needs: a step that begins, runs.
    while let Some(event) = follows(&draft, graph) {
        add(core, &mut draft, (&mut data, &mut tally), event)?;
    }
    if data.is_empty() {
        return Ok(Some(draft));
    }
    let expected = ExpectedVersion::Exact(instance.version);
    let append = || {
        let append = Append::new(stream.clone(), expected, data.clone());
        match never {
            Some(key) => append.with_idempotency_key(key.clone()),
            None => append,
        }
    };
    match core.executor.appender.append_surely(append).await {
        // By the command, or by these events: what the stream says now tells which.
        Ok(appended) if appended.repeated && never.is_some() => Ok(None),
        Ok(_) => {
            let before = Before {
                began: instance.began,
                has_ended: instance.ended.is_some(),
            };
            tally.kept(stream, before);
            Ok(Some(draft))
        }
        Err(AppendError::Conflict { .. }) => Ok(None),
        Err(error) if error.is_transient() => Err(Trouble::Transient(error.into())),
        Err(error) => Err(Trouble::last(error)),
    }
}

fn add(
    core: &Core,
    draft: &mut Instance,
    (data, tally): (&mut Vec<EventData>, &mut Tally),
    event: SagaEvent,
) -> Result<(), Trouble> {
    let id = MessageId::new();
    let body = event.encode().map_err(Trouble::last)?;
    let event_type = event.event_type();
    let version = event_type.schema_version();
    let now = core.clock.now();
    draft.apply(&event, id, now);
    let mut each = EventData::known(id, now, event_type.stored_name(), version, body);
    tally.note(event, now);
    if let Some((cause, metadata)) = &draft.cause {
        let mut metadata = metadata.clone();
        metadata.correlation_id.get_or_insert((*cause).into());
        each = each.with_metadata(match *cause == id {
            true => metadata,
            false => metadata.caused_by(*cause),
        });
    }
    data.push(each);
    Ok(())
}

/// What follows without anything being run.
fn follows(draft: &Instance, graph: &Graph) -> Option<SagaEvent> {
    match draft.next(graph) {
        Next::Run(steps) => {
            let step = steps.into_iter().map(|at| graph.steps()[at].name);
            let mut fresh = step.filter(|name| !draft.is_started(name));
            let step = fresh.next()?.to_owned();
            Some(StepStarted { step }.into())
        }
        Next::Undo(_) | Next::End(_) if draft.is_to_turn() => Some(CompensationBegan {}.into()),
        Next::End(outcome) => Some(Ended { outcome }.into()),
        Next::Undo(_) | Next::Nothing => None,
    }
}

impl Trouble {
    pub(super) fn of_read(error: crate::store::ReadError) -> Self {
        match error.is_transient() {
            true => Self::Transient(error.into()),
            false => Self::last(error),
        }
    }

    pub(super) fn of_checkpoint(error: crate::store::CheckpointError) -> Self {
        match error.is_transient() {
            true => Self::Transient(error.into()),
            false => Self::last(error),
        }
    }
}

/// As one text.
pub(super) fn text_of(error: BoxError) -> String {
    crate::error::chain(&*error)
}
