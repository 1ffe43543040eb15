//! Through the executor: nobody hears of the conflicts.

use std::sync::Arc;

use async_trait::async_trait;
use orchestrix::error::BoxError;
use orchestrix::prelude::*;
use orchestrix::store::{Backend, Ports, StreamId};
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

    async fn close(&self) -> Result<(), BoxError> {
        self.0.close().await
    }
}

pub(super) async fn storm(stores: Stores, versions: usize) -> Result<(), BoxError> {
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
        writers.spawn(async move {
            let mut won = Vec::new();
            for _ in 0..share {
                let receipt = app
                    .dispatch(Weather {
                        mast: 1,
                        by: n as u64,
                    })
                    .await?;
                won.push((receipt.version.get(), receipt.events[0].event_id));
            }
            Ok::<_, BoxError>(won)
        });
    }
    let all = async {
        let mut all = Vec::new();
        while let Some(won) = writers.join_next().await {
            all.extend(won??);
        }
        Ok::<_, BoxError>(all)
    };
    let mut won = within(PATIENCE * 5, "the storm is over", all).await??;

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
        assert_eq!(
            mast.state.map(|mast| mast.gusts),
            Some((share * WRITERS) as u64)
        );
        app.shutdown().await?;
    }
    Ok(())
}
