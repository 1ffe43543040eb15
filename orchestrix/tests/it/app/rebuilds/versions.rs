//! Projections with a new version: it is built beside the old one, which goes once nobody reads it.

use std::time::Duration;

use orchestrix::prelude::*;
use orchestrix::store::{
    CheckpointMove, GlobalPosition, ReadModelCommit, ReadModelError, ReadModelStore, RebuildStore,
    TenantId,
};

use super::tally::Events;
use crate::app::waiting::{LONG, caught_up};
use crate::app::{Outcome, start};

mod first {
    use orchestrix::prelude::*;

    use crate::app::counter::Counted;

    /// How many events a counter has.
    #[derive(Debug, Default, Clone, PartialEq, Eq, Serialize, Deserialize)]
    pub(super) struct Ledger {
        pub(super) events: u32,
    }

    #[projection(key = counter, name = "ledger", version = 1)]
    impl Ledger {
        #[apply]
        fn counted(&mut self, _: &Counted) {
            self.events += 1;
        }
    }

    #[module(name = "ledgers", projections(Ledger))]
    pub(super) struct Ledgers;
}

mod second {
    use orchestrix::prelude::*;

    use crate::app::counter::Counted;

    /// And what they come to.
    #[derive(Debug, Default, Clone, PartialEq, Eq, Serialize, Deserialize)]
    pub(super) struct Ledger {
        pub(super) events: u32,
        pub(super) sum: u32,
    }

    #[projection(key = counter, name = "ledger", version = 2)]
    impl Ledger {
        #[apply]
        fn counted(&mut self, event: &Counted) {
            self.events += 1;
            self.sum += event.by;
        }
    }

    #[module(name = "ledgers", projections(Ledger))]
    pub(super) struct Ledgers;
}

/// Waits until these versions are all that there are, and nothing is to be deleted any more.
async fn only(store: &MemoryStore, versions: &[&str]) -> Outcome {
    let looking = async {
        while store.read_models("ledger@").await? != versions
            || !store.upkeep().await?.dropped.is_empty()
        {
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
        Ok::<_, ReadModelError>(())
    };
    Ok(tokio::time::timeout(LONG, looking).await??)
}

#[tokio::test(start_paused = true)]
async fn the_old_version_is_dropped_once_no_node_wants_it() -> Outcome {
    let (store, events) = (MemoryStore::new(), Events("versions"));
    events.write(&store, [2, 4]).await?;
    let counter = events.counter(2);
    let old = start(store.clone(), first::Ledgers).await;
    caught_up(&old).await;
    let new = start(store.clone(), second::Ledgers).await;
    caught_up(&new).await;
    let built = new.view::<second::Ledger>(&counter).await?;
    assert_eq!(built, Some(second::Ledger { events: 2, sum: 6 }));
    // The upkeep looks many times, and each time finds that the old one is read: both go on.
    for n in 3..=20 {
        tokio::time::advance(Duration::from_secs(1)).await;
        events.write(&store, [2]).await?;
        caught_up(&old).await;
        caught_up(&new).await;
        let ledger = old.view::<first::Ledger>(&counter).await?;
        assert_eq!(ledger, Some(first::Ledger { events: n }));
        assert_eq!(store.read_model_build("ledger@1").await?, 0);
    }
    assert_eq!(
        store.read_models("ledger@").await?,
        ["ledger@1", "ledger@2"]
    );
    old.shutdown().await?;
    only(&store, &["ledger@2"]).await?;
    let at = store.read_model_checkpoint("ledger@1").await?;
    assert_eq!(at, GlobalPosition::START);
    let tenant = TenantId::default();
    assert_eq!(store.scan("ledger@1", &tenant, None, 10).await?, []);
    let ledger = new.view::<second::Ledger>(&counter).await?;
    assert_eq!(ledger.map(|ledger| ledger.events), Some(20));
    new.shutdown().await?;

    // Back to the old one: it begins anew, and the new one stays.
    let old = start(store.clone(), first::Ledgers).await;
    caught_up(&old).await;
    let ledger = old.view::<first::Ledger>(&counter).await?;
    assert_eq!(ledger, Some(first::Ledger { events: 20 }));
    tokio::time::advance(Duration::from_secs(20)).await;
    only(&store, &["ledger@1", "ledger@2"]).await?;
    Ok(old.shutdown().await?)
}

#[tokio::test(start_paused = true)]
async fn only_lower_versions_of_the_same_projection_are_dropped() -> Outcome {
    let (store, events) = (MemoryStore::new(), Events("lower"));
    events.write(&store, [2]).await?;
    let others = [
        "ledger@0",
        "ledger@1",
        "ledger@10",
        "ledger@3",
        "ledger@old",
    ];
    for name in others.into_iter().chain(["ledger", "ledgers@1"]) {
        let at = GlobalPosition::new(1);
        let commit = ReadModelCommit {
            progress: Vec::new(),
            indexes: Vec::new(),
            checkpoint: CheckpointMove::new(name, GlobalPosition::START, at),
            collection: name.to_owned(),
            writes: Vec::new(),
        };
        store.commit(commit).await?;
    }
    let app = start(store.clone(), second::Ledgers).await;
    caught_up(&app).await;
    only(&store, &["ledger@10", "ledger@2", "ledger@3", "ledger@old"]).await?;
    let rest = store.read_models("ledgers").await?;
    assert_eq!(rest, ["ledgers@1"]);
    assert_eq!(store.read_model_checkpoint("ledger").await?.get(), 1);
    Ok(app.shutdown().await?)
}
