//! Indexes that come to a read model whose documents are there.

use orchestrix::app::QueryError;
use orchestrix::error::chain;
use orchestrix::prelude::*;
use orchestrix::store::{Backend, RebuildStore};

use crate::app::Outcome;
use crate::app::deliveries::counted;
use crate::app::test_store::{CommitFault, TestStore};
use crate::app::waiting::{LONG, caught_up};

/// The same read model with three sets of indexes, as three versions of a program have it.
macro_rules! versions {
    ($($version:ident: $($index:ident),*;)*) => {$(
        mod $version {
            use orchestrix::prelude::*;
            use crate::app::counter::Counted;

            #[derive(Debug, Default, Clone, PartialEq, Serialize, Deserialize)]
            pub(super) struct Ranks {
                pub(super) sum: u32,
                pub(super) last: u32,
            }

            #[projection(name = "ranks", key = counter, index($($index),*))]
            impl Ranks {
                #[apply]
                fn counted(&mut self, event: &Counted) {
                    self.sum += event.by;
                    self.last = event.by;
                }
            }

            #[module(name = "ranking", projections(Ranks))]
            pub(super) struct Ranking;
        }
    )*};
}

versions! {
    first: sum;
    second: sum, last;
    third: last;
}

const RANKS: &str = "ranks@1";

async fn start(
    store: impl Backend,
    module: impl Module,
) -> Result<App, Box<dyn std::error::Error>> {
    let builder = Orchestrix::builder().isolated().store(store);
    let app = builder.module(module).start().await?;
    caught_up(&app).await;
    Ok(app)
}

/// Three documents, from a program that knew one index.
async fn written_by_the_first(store: &TestStore) -> Outcome {
    counted(&store.memory, 1..=6).await?;
    let app = start(store.clone(), first::Ranking).await?;
    let found = app
        .query::<first::Ranks>()
        .at_or_above("sum", 5_u32)
        .fetch();
    assert_eq!(found.await?.documents.len(), 3);
    assert!(app.rebuilds().await?.is_empty(), "nothing is missing");
    Ok(app.shutdown().await?)
}

async fn switched(store: &TestStore, build: u64) {
    let reaches = async {
        while store.read_model_build(RANKS).await.expect("a store") < build {
            tokio::time::sleep(std::time::Duration::from_millis(1)).await;
        }
    };
    let reached = tokio::time::timeout(LONG, reaches).await;
    reached.expect("the build takes its place");
}

#[tokio::test(start_paused = true)]
async fn a_new_index_is_built_by_itself_while_the_others_are_asked() -> Outcome {
    let store = TestStore::new();
    written_by_the_first(&store).await?;
    // It cannot take its place yet.
    store.switch_faults.next([CommitFault::Failed; 20]);
    let app = start(store.clone(), second::Ranking).await?;
    let by_last = || app.query::<second::Ranks>().at_or_above("last", 4_u32);
    let by_sum = || app.query::<second::Ranks>().at_or_above("sum", 7_u32);
    for refused in [
        by_last().fetch().await.map(drop),
        by_last().count().await.map(drop),
        by_sum().descending("last").fetch().await.map(drop),
        by_last().or_stale().fetch().await.map(drop),
    ] {
        let Err(error @ QueryError::IndexNotBuilt { .. }) = refused else {
            panic!("it has not all documents: {refused:?}");
        };
        let text = chain(&error);
        assert!(
            text.contains("index `last` of read model `ranks@1`"),
            "{text}"
        );
    }
    assert_eq!(by_sum().ascending("sum").fetch().await?.documents.len(), 2);
    let one = app.view::<second::Ranks>("c1").await?;
    assert_eq!(one.map(|ranks| ranks.sum), Some(5));
    let rebuilds = app.rebuilds().await?;
    assert_eq!(rebuilds.len(), 1, "{rebuilds:?}");
    store.switch_faults.next([]);
    switched(&store, 1).await;
    let found = loop {
        match by_last().fetch().await {
            Ok(page) => break page,
            Err(QueryError::IndexNotBuilt { .. }) => tokio::task::yield_now().await,
            Err(other) => return Err(other.into()),
        }
        tokio::time::sleep(std::time::Duration::from_millis(10)).await;
    };
    assert_eq!(found.documents.len(), 3, "those from before are in it");
    app.shutdown().await?;
    // The next one finds all of them there.
    let app = start(store.clone(), second::Ranking).await?;
    assert_eq!(
        app.query::<second::Ranks>()
            .at_or_above("last", 4_u32)
            .count()
            .await?,
        3
    );
    assert_eq!(store.read_model_build(RANKS).await?, 1);
    assert!(app.rebuilds().await?.is_empty());
    Ok(())
}

#[tokio::test(start_paused = true)]
async fn an_index_that_is_given_up_needs_no_build() -> Outcome {
    let store = TestStore::new();
    counted(&store.memory, 1..=6).await?;
    let app = start(store.clone(), second::Ranking).await?;
    assert_eq!(
        app.query::<second::Ranks>()
            .below("last", 5_u32)
            .count()
            .await?,
        1
    );
    app.shutdown().await?;
    let app = start(store.clone(), third::Ranking).await?;
    assert_eq!(
        app.query::<third::Ranks>()
            .below("last", 5_u32)
            .count()
            .await?,
        1
    );
    assert_eq!(store.read_model_build(RANKS).await?, 0);
    Ok(())
}

/// What nobody has asked for may be missing: a read model without documents, and one whose documents came with the index.
#[tokio::test(start_paused = true)]
async fn an_empty_read_model_needs_no_build() -> Outcome {
    let store = TestStore::new();
    let app = start(store.clone(), second::Ranking).await?;
    assert_eq!(
        app.query::<second::Ranks>()
            .below("last", 5_u32)
            .count()
            .await?,
        0
    );
    counted(&store.memory, 1..=3).await?;
    caught_up(&app).await;
    assert_eq!(
        app.query::<second::Ranks>()
            .below("last", 5_u32)
            .count()
            .await?,
        3
    );
    assert_eq!(store.read_model_build(RANKS).await?, 0);
    Ok(())
}
