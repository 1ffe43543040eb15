//! The look at sagas of steps before an app starts: whether what is under way can go on with the steps as they are now.
//!
//! What is under way is found in the log, behind the low-water mark of the saga's subscription: up to there everything has
//! come to its end, or is a dead letter, and those are looked at, too; or a person had it gone past, and then it goes on never
//! more. So no more of the log is read than the subscription reads when it starts, all tenants are among it, and nothing is
//! missed because a read model is behind. An instance that ended with compensations failed waits for a person, not for the
//! app: `resume` looks at its steps by itself.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use futures_util::{StreamExt, stream};
use tokio::sync::watch;
use tracing::warn;

use super::changed::{ChangedInstance, ChangedSaga, ChangedSagas};
use super::event::{self, SAGA_CATEGORY, SagaEvent};
use super::instance::Instance;
use super::steps::is_of;
use super::trouble::{Trouble, insist};
use super::{ErasedSaga, Graph, history, subscription};
use crate::app::Core;
use crate::message::Event;
use crate::store::{
    DeadLetter, DeadLetterSelection, Filter, GlobalPosition, Lane, ReadAll, StreamId,
};
use crate::telemetry;

/// So many histories are read at once.
const AT_ONCE: usize = 16;

/// So many dead letters are asked for at once.
const LETTERS: usize = 100;

/// A saga to look at.
pub(crate) struct LookedAt {
    pub(crate) saga: Arc<dyn ErasedSaga>,
    pub(crate) graph: Graph,
    /// Where its subscription begins as long as it has no checkpoint.
    pub(crate) start: GlobalPosition,
}

/// The instances under way that cannot go on; none where all can. Where the store cannot be asked in time, that is logged,
/// and what was found by then counts: each instance is looked at once more when it is served.
pub(crate) async fn changed(core: &Core, sagas: Vec<LookedAt>) -> Option<ChangedSagas> {
    let mut found = ChangedSagas {
        sagas: Vec::new(),
        head: GlobalPosition::START,
        is_whole: false,
    };
    let limit = core.config.view_timeout;
    let looked = tokio::time::timeout(limit, look(core, &sagas, &mut found)).await;
    let error = match looked {
        Ok(Ok(())) => {
            found.is_whole = true;
            None
        }
        Ok(Err(Trouble::Transient(error) | Trouble::Last(error))) => {
            Some(crate::error::chain(&*error))
        }
        Ok(Err(Trouble::Stopped)) => Some("it was stopped".to_owned()),
        Err(_) => Some(format!("it took longer than {limit:?}")),
    };
    if let Some(error) = error {
        warn!(
            { telemetry::ERROR } = error,
            "whether all sagas under way can go on with their steps was not found out: each is looked at when it is served"
        );
    }
    found.sagas.retain(|saga| saga.total > 0);
    (!found.sagas.is_empty()).then_some(found)
}

/// Looks at each saga, and adds to what was found as it goes on: it may be cut off.
async fn look(core: &Core, sagas: &[LookedAt], found: &mut ChangedSagas) -> Result<(), Trouble> {
    // Nobody stops it: the time limit does.
    let (_running, stop) = watch::channel(false);
    found.head = insist(&stop, "asking where the log ends", || {
        Box::pin(async { core.ports.events.head().await.map_err(Trouble::of_read) })
    })
    .await?;
    for looked_at in sagas {
        let name = looked_at.saga.info().name;
        let under_way = insist(&stop, "looking for sagas under way", || {
            Box::pin(under_way(core, looked_at, found.head))
        })
        .await?;
        let saga = ChangedSaga {
            saga: name,
            total: 0,
            instances: Vec::new(),
        };
        found.sagas.push(saga);
        let Some(saga) = found.sagas.last_mut() else {
            continue;
        };
        let loaded = under_way.into_iter().map(|stream| {
            let stop = &stop;
            async move {
                let instance = insist(stop, "reading a saga's history", || {
                    Box::pin(history::load(core, &stream))
                })
                .await;
                (stream.clone(), instance)
            }
        });
        let mut loaded = stream::iter(loaded).buffered(AT_ONCE);
        while let Some((stream, instance)) = loaded.next().await {
            match instance {
                Ok(instance) => saga.note(&stream, &instance, looked_at.graph),
                // It fails when it is served, and is told there.
                Err(Trouble::Last(error)) => warn!(
                    { telemetry::STREAM } = %stream,
                    { telemetry::ERROR } = crate::error::chain(&*error),
                    "the history of a saga cannot be read"
                ),
                Err(trouble) => return Err(trouble),
            }
        }
    }
    Ok(())
}

impl ChangedSaga {
    fn note(&mut self, stream: &StreamId, instance: &Instance, graph: Graph) {
        let changes = instance.changed_under_way(&graph);
        if changes.is_empty() {
            return;
        }
        self.total += 1;
        if self.instances.len() < ChangedSagas::MOST_LISTED {
            let key = stream.key().get(self.saga.len() + 1..);
            self.instances.push(ChangedInstance {
                tenant: stream.tenant().clone(),
                key: key.unwrap_or_default().to_owned(),
                changes,
            });
        }
    }
}

/// The streams of a saga that may be under way: of those that ended, few are among them.
async fn under_way(
    core: &Core,
    LookedAt { saga, start, .. }: &LookedAt,
    head: GlobalPosition,
) -> Result<BTreeSet<StreamId>, Trouble> {
    let name = saga.info().name;
    let mut streams = BTreeSet::new();
    // Before the letters: what becomes one later stands behind it.
    let mut at = match low_water(core, &subscription(name)).await? {
        GlobalPosition::START => *start,
        low => low,
    };
    for letter in letters(core, &subscription(name)).await? {
        streams.extend(instance_of(core, &**saga, &letter).await?);
    }
    let types = event::of_beginnings_and_ends().map(|known| known.stored_name());
    let filter = Filter::all().categories([SAGA_CATEGORY]).event_types(types);
    while at < head {
        let page = core
            .ports
            .events
            .read_all(ReadAll::after(at).filter(filter.clone()));
        let page = page.await.map_err(Trouble::of_read)?;
        for recorded in page.events {
            if !is_of(&recorded.stream, name) {
                continue;
            }
            match SagaEvent::decode(&recorded.data) {
                Some(Ok(SagaEvent::Ended(_) | SagaEvent::Resolved(_))) => {
                    streams.remove(&recorded.stream);
                }
                // One that began, was woken, or cannot be read.
                _ => {
                    streams.insert(recorded.stream);
                }
            }
        }
        at = page.scanned_to;
        if page.at_head {
            break;
        }
    }
    Ok(streams)
}

/// Up to where a subscription has consumed everything, with these lanes or others: what one division has consumed the next
/// leaves out, so the one that is furthest tells.
async fn low_water(core: &Core, subscription: &str) -> Result<GlobalPosition, Trouble> {
    let checkpoints = &core.ports.checkpoints;
    let whole = checkpoints.load_checkpoint(subscription);
    let whole = whole.await.map_err(Trouble::of_checkpoint)?;
    let lanes = checkpoints.lane_checkpoints(subscription);
    let lanes = lanes.await.map_err(Trouble::of_checkpoint)?;
    let mut divisions: BTreeMap<u16, Vec<GlobalPosition>> = BTreeMap::new();
    for (checkpoint, position) in lanes {
        if let Some(lane) = Lane::of_checkpoint(subscription, &checkpoint) {
            divisions.entry(lane.count()).or_default().push(position);
        }
    }
    let of_divisions = divisions.into_iter().filter_map(|(count, positions)| {
        // A lane without a checkpoint has consumed nothing.
        let is_whole = positions.len() == usize::from(count);
        positions.into_iter().min().filter(|_| is_whole)
    });
    Ok(of_divisions.fold(whole, Ord::max))
}

async fn letters(core: &Core, subscription: &str) -> Result<Vec<DeadLetter>, Trouble> {
    let all = DeadLetterSelection::All;
    let mut letters = Vec::new();
    let mut after = GlobalPosition::START;
    loop {
        let checkpoints = &core.ports.checkpoints;
        let page = checkpoints.dead_letters(subscription, &all, after, LETTERS);
        let page = page.await.map_err(Trouble::of_checkpoint)?;
        let is_last = page.len() < LETTERS;
        letters.extend(page);
        match letters.last() {
            Some(last) if !is_last => after = last.position,
            _ => return Ok(letters),
        }
    }
}

/// The instance that an event set aside is about.
async fn instance_of(
    core: &Core,
    saga: &dyn ErasedSaga,
    letter: &DeadLetter,
) -> Result<Option<StreamId>, Trouble> {
    if letter.stream.category() == SAGA_CATEGORY {
        return Ok(Some(letter.stream.clone()));
    }
    let tenant = letter.stream.tenant();
    let event = core.ports.events.find_event(tenant, letter.event_id);
    let event = event.await.map_err(Trouble::of_read)?;
    Ok(event.and_then(|event| saga.instance(&event)))
}
