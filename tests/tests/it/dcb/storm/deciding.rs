//! Through `decide`: nobody hears of the conflicts.

use orchestrix::error::BoxError;
use orchestrix::prelude::*;
use tokio::task::JoinSet;

use super::super::stores::{Stores, apps, shut_down};
use super::{BOOK, Invoiced, WRITERS, assert_sequence, in_book, numbers};
use crate::torture::work::{PATIENCE, within};

/// How many invoices there are.
#[derive(Default)]
struct LastNumber(u64);

impl DecisionModel for LastNumber {
    type Event = Invoiced;

    fn apply(&mut self, event: &Invoiced) {
        self.0 = event.number;
    }
}

/// Every decision of every writer succeeds, and the numbers are a sequence.
pub(super) async fn storm(stores: Stores, count: usize) -> Result<(), BoxError> {
    let apps = apps(stores).await?;
    let share = count.div_ceil(WRITERS);
    let mut writers = JoinSet::new();
    for writer in 0..WRITERS {
        let app = apps[writer % apps.len()].clone();
        writers.spawn(write(app, writer, share));
    }
    let all = async {
        let mut all = Vec::new();
        while let Some(done) = writers.join_next().await {
            all.push(done??);
        }
        Ok::<_, BoxError>(all)
    };
    let attempts = within(PATIENCE * 5, "the storm is over", all).await??;
    eprintln!(
        "{} decisions were made {} times, one of them {} times",
        share * WRITERS,
        attempts.iter().map(|writer| writer.made).sum::<u32>(),
        attempts
            .iter()
            .map(|writer| writer.most)
            .max()
            .unwrap_or_default(),
    );
    let (numbers, _) = numbers(apps[0].store(), Default::default()).await?;
    assert_sequence(&numbers, share * WRITERS);
    shut_down(apps).await
}

/// How often one writer's decisions were made.
#[derive(Default)]
struct Attempts {
    made: u32,
    most: u32,
}

/// One writer's decisions, one after the other.
async fn write(app: App, writer: usize, decisions: usize) -> Result<Attempts, BoxError> {
    let mut attempts = Attempts::default();
    for _ in 0..decisions {
        let receipt = app
            .decide::<LastNumber>(in_book()?)
            .timeout(PATIENCE * 5)
            .with(|last, _| {
                Ok::<_, std::convert::Infallible>([Invoiced {
                    book: BOOK,
                    writer,
                    number: last.0 + 1,
                }])
            })
            .await?;
        attempts.made += receipt.attempts;
        attempts.most = attempts.most.max(receipt.attempts);
    }
    Ok(attempts)
}
