//! Thirty-two who all want the next number of one sequence, which a tag names.

mod appending;
mod deciding;

use orchestrix::error::BoxError;
use orchestrix::prelude::*;
use orchestrix::store::{EventQuery, EventStore, Filter, GlobalPosition, NameError, ReadAll, Tag};

use super::stores;
use crate::torture::work::amount;

const WRITERS: usize = 32;
/// The number that the sequence comes to at full size.
const FULL: usize = 2_000;

macro_rules! storm {
    ($($name:ident: $on:ident($run:path);)*) => {
        $(#[test]
        fn $name() -> Result<(), BoxError> {
            match amount(stringify!($name), FULL) {
                Some(numbers) => stores::$on(stringify!($name), |stores| $run(stores, numbers)),
                None => Ok(()),
            }
        })*
    };
}

storm! {
    appends_over_one_tag_in_memory_only_conflict: in_memory(appending::storm);
    appends_over_one_tag_of_sqlite_only_conflict: on_sqlite(appending::storm);
    appends_over_one_tag_of_postgresql_only_conflict: on_postgres(appending::storm);
    decisions_over_one_tag_in_memory_all_succeed: in_memory(deciding::storm);
    decisions_over_one_tag_on_sqlite_all_succeed: on_sqlite(deciding::storm);
    decisions_over_one_tag_on_postgresql_all_succeed: on_postgres(deciding::storm);
}

/// The next invoice has the next number, whatever stream it is in.
#[derive(Debug, Event, Serialize, Deserialize)]
struct Invoiced {
    #[tag]
    book: u32,
    #[tag]
    writer: usize,
    number: u64,
}

const BOOK: u32 = 1;

fn in_book() -> Result<EventQuery, NameError> {
    Ok(EventQuery::tagged([Tag::of("book", &BOOK)?]))
}

/// The numbers of the book, in the order of the log, and how far that was read.
async fn numbers(
    store: &dyn EventStore,
    mut after: GlobalPosition,
) -> Result<(Vec<u64>, GlobalPosition), BoxError> {
    let filter = Filter::all().query(in_book()?);
    let mut numbers = Vec::new();
    loop {
        let read = ReadAll::after(after).filter(filter.clone());
        let page = store.read_all(read).await?;
        for recorded in &page.events {
            let invoiced: Invoiced = recorded.data.payload.read()?;
            numbers.push(invoiced.number);
        }
        after = page.scanned_to;
        if page.at_head {
            return Ok((numbers, after));
        }
    }
}

/// No number is missing, none is there twice, and they stand in order.
fn assert_sequence(numbers: &[u64], last: usize) {
    let dense = (1..=last as u64).eq(numbers.iter().copied());
    assert!(dense, "{} numbers, not 1 to {last}", numbers.len());
}
