//! Through the executor: within an app nobody hears of the conflicts, and between apps nothing is lost by them.

use std::sync::Arc;

use async_trait::async_trait;
use orchestrix::error::BoxError;
use orchestrix::message::MessageId;
use orchestrix::prelude::*;
use orchestrix::store::{Backend, Ports, StoreHealth, StreamId};
use tokio::task::JoinSet;

use super::{Stores, WRITERS, whole};
use crate::torture::work::{PATIENCE, within};

#[derive(Event, Serialize, Deserialize)]
struct Weathered {
    by: u64,
}

#[derive(Command)]
struct Weather {
    #[id]
    mast: u64,
    by: u64,
}

#[derive(Default)]
struct Mast {
    gusts: u64,
}

#[aggregate]
impl Mast {
    #[handle]
    fn weather(&self, cmd: Weather) -> Weathered {
        Weathered { by: cmd.by }
    }

    #[apply]
    fn weathered(&mut self, _: &Weathered) {
        self.gusts += 1;
    }
}

#[module(aggregates(Mast))]
struct Sailing;

/// A store that has been opened already.
struct Opened(Arc<dyn Backend>);

#[async_trait]
impl Backend for Opened {
    fn name(&self) -> &'static str {
        self.0.name()
    }

    fn ports(&self) -> Ports {
        self.0.ports()
    }

    async fn health(&self) -> StoreHealth {
        self.0.health().await
    }

    async fn close(&self) -> Result<(), BoxError> {
        self.0.close().await
    }
}

/// All writers in one app, which lets one command at a time go to the stream: none of them fails.
pub(super) async fn in_one_app(mut stores: Stores, versions: usize) -> Result<(), BoxError> {
    for store in stores.drain(1..) {
        store.close().await?;
    }
    storm(stores, versions).await
}

/// The writers spread over apps, as over nodes: these meet in the store, and none of their commands fails either.
pub(super) async fn in_several_apps(stores: Stores, versions: usize) -> Result<(), BoxError> {
    storm(stores, versions).await
}

/// Every command of every writer succeeds.
async fn storm(stores: Stores, versions: usize) -> Result<(), BoxError> {
    let mut apps = Vec::new();
    for store in stores {
        let app = Orchestrix::builder()
            .isolated()
            .store(Opened(store))
            .module(Sailing);
        apps.push(app.start().await?);
    }
    let share = versions.div_ceil(WRITERS);
    let mut writers = JoinSet::new();
    for n in 0..WRITERS {
        let app = apps[n % apps.len()].clone();
        writers.spawn(dispatch(app, n as u64, share));
    }
    let all = async {
        let mut all = Vec::new();
        while let Some(done) = writers.join_next().await {
            all.extend(done??);
        }
        Ok::<_, BoxError>(all)
    };
    let mut won = within(PATIENCE * 5, "the storm is over", all).await??;

    // Each command's one event stands where its receipt says.
    won.sort_unstable();
    let events = whole(apps[0].store(), &StreamId::new(Mast::CATEGORY, "1")?).await?;
    let stored: Vec<_> = events
        .iter()
        .map(|event| (event.version.get(), event.event_id()))
        .collect();
    assert_eq!(stored, won);
    assert_eq!(stored.len(), share * WRITERS);
    for app in apps {
        let mast = app.load::<Mast>(&1_u64).await?;
        let gusts = mast.state.map(|mast| mast.gusts);
        assert_eq!(gusts, Some(stored.len() as u64));
        app.shutdown().await?;
    }
    Ok(())
}

/// One writer's commands, one after the other: the versions and events they came to.
async fn dispatch(
    app: App,
    writer: u64,
    commands: usize,
) -> Result<Vec<(u64, MessageId)>, BoxError> {
    let mut won = Vec::new();
    while won.len() < commands {
        let command = Weather {
            mast: 1,
            by: writer,
        };
        let receipt = app.dispatch(command).await?;
        won.push((receipt.version.get(), receipt.events[0].event_id));
    }
    Ok(won)
}
