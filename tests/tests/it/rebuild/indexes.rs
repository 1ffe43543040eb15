//! An index that comes with a new version of a program is built by itself, on every store.

use orchestrix::app::QueryError;
use orchestrix::error::BoxError;
use orchestrix::prelude::*;

use super::write;
use crate::dcb::stores::{Opened, Stores, on_stores, shut_down};
use crate::torture::work::{PATIENCE, seen};

/// The same read model with two sets of indexes.
macro_rules! versions {
    ($($version:ident: $($index:ident),*;)*) => {$(
        mod $version {
            use orchestrix::prelude::*;
            use crate::rebuild::counter::Counted;

            #[derive(Default, Serialize, Deserialize)]
            pub(super) struct Ranks {
                sum: u64,
                events: u64,
            }

            #[projection(name = "ranks", key = counter, index($($index),*))]
            impl Ranks {
                #[apply]
                fn counted(&mut self, event: &Counted) {
                    self.sum += event.by;
                    self.events += 1;
                }
            }

            #[module(name = "ranking", projections(Ranks))]
            pub(super) struct Ranking;
        }
    )*};
}

versions! {
    before: sum;
    after: sum, events;
}

on_stores! {
    a_new_index_finds_what_was_there_in_memory: in_memory(comes);
    a_new_index_finds_what_was_there_on_sqlite: on_sqlite(comes);
    a_new_index_finds_what_was_there_on_postgres: on_postgres(comes);
}

async fn comes(stores: Stores) -> Result<(), BoxError> {
    let counters: Vec<_> = (0..50).map(|n| format!("c-{n}")).collect();
    let log = stores[2].ports().events;
    write(&*log, &counters, 1_000).await?;
    let head = log.head().await?;
    let builder = || Orchestrix::builder().isolated();
    let old = builder()
        .store(Opened(stores[0].clone()))
        .module(before::Ranking);
    let old = old.start().await?;
    old.caught_up(head, PATIENCE).await?;
    let found = old.query::<before::Ranks>().at_or_above("sum", 20_u64);
    assert_eq!(found.count().await?, 50);
    assert!(old.rebuilds().await?.is_empty());
    shut_down(vec![old]).await?;

    let new = builder()
        .store(Opened(stores[1].clone()))
        .module(after::Ranking);
    let new = new.start().await?;
    let by_events = || new.query::<after::Ranks>().at_or_above("events", 20_u64);
    seen("the new index is built", async || {
        // Never fewer than there are.
        let is_built = match by_events().count().await {
            Ok(all) => {
                assert_eq!(all, 50);
                true
            }
            Err(QueryError::IndexNotBuilt { index, .. }) => {
                assert_eq!(index, "events");
                false
            }
            Err(other) => return Err(other.into()),
        };
        let by_sum = new.query::<after::Ranks>().at_or_above("sum", 20_u64);
        assert_eq!(by_sum.count().await?, 50, "the old index goes on");
        Ok(is_built)
    })
    .await?;
    let read_models = stores[3].ports().read_models;
    assert_eq!(read_models.read_model_build("ranks@1").await?, 1);
    shut_down(vec![new]).await
}
