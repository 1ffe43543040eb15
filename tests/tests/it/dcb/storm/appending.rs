//! Through the store: whoever is too late is told so, and nothing else goes wrong.

use std::sync::Arc;
use std::time::Duration;

use orchestrix::error::BoxError;
use orchestrix::prelude::*;
use orchestrix::store::{
    Append, AppendError, EventData, EventStore, ExpectedVersion, GlobalPosition, StreamId,
};
use tokio::task::JoinSet;

use super::super::stores::Stores;
use super::{BOOK, Invoiced, WRITERS, assert_sequence, in_book, numbers};
use crate::torture::work::{PATIENCE, within};

/// What one writer met with.
#[derive(Default)]
struct Met {
    won: Vec<u64>,
    conflicts: usize,
}

pub(super) async fn storm(stores: Stores, count: usize) -> Result<(), BoxError> {
    let mut writers = JoinSet::new();
    for writer in 0..WRITERS {
        let store = stores[writer % stores.len()].ports().events;
        writers.spawn(write(store, writer, count as u64));
    }
    let all = async {
        let mut all = Met::default();
        while let Some(met) = writers.join_next().await {
            let met = met??;
            all.won.extend(met.won);
            all.conflicts += met.conflicts;
        }
        Ok::<_, BoxError>(all)
    };
    let Met { mut won, conflicts } = within(PATIENCE * 5, "the storm is over", all).await??;
    eprintln!("{} numbers, {conflicts} conflicts", won.len());
    assert!(
        conflicts >= count,
        "only {conflicts} conflicts: that was no storm"
    );
    let (numbers, _) = numbers(&*stores[0].ports().events, GlobalPosition::START).await?;
    assert_sequence(&numbers, count);
    won.sort_unstable();
    assert_eq!(won, numbers);
    for store in stores {
        store.close().await?;
    }
    Ok(())
}

/// Goes for the next number until the sequence has come far enough. Each writer has a stream of its own: only the tag is
/// shared.
async fn write(store: Arc<dyn EventStore>, writer: usize, count: u64) -> Result<Met, BoxError> {
    let stream = StreamId::new("writer", &writer.to_string())?;
    let query = in_book()?;
    let mut met = Met::default();
    let mut changes = store.changes();
    let (mut last, mut after) = (0, GlobalPosition::START);
    loop {
        let (seen, read_to) = numbers(&*store, after).await?;
        last = seen.last().copied().unwrap_or(last);
        after = read_to;
        if last >= count {
            return Ok(met);
        }
        // Between a look at the log and an append there is time for others, also where no call ever waits.
        tokio::task::yield_now().await;
        let invoiced = Invoiced {
            book: BOOK,
            writer,
            number: last + 1,
        };
        let data = EventData::new("Invoiced", 1, invoiced.encode()?).with_tags(invoiced.tags()?);
        let append = Append::new(stream.clone(), ExpectedVersion::Any, vec![data])
            .unless(query.clone(), after);
        match store.append(vec![append]).await.remove(0) {
            Ok(appended) => {
                assert!(appended.position > after);
                met.won.push(last + 1);
            }
            Err(AppendError::ConditionConflict {
                query: of,
                after: behind,
                found,
            }) => {
                assert_eq!((&of, behind), (&query, after));
                assert!(found > after, "a conflict between {after} and {found}");
                met.conflicts += 1;
                // It may stand where nobody can read it yet.
                changes.changed(Duration::from_millis(20)).await;
            }
            Err(other) => return Err(other.into()),
        }
    }
}
