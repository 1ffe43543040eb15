//! Finding documents by their places in indexes.

use std::ops::Bound;

use super::indexed::{asking, commit_in, condition, order, put_at};
use super::opened::Opened;
use super::read_models::COLLECTION;
use super::samples::HOSTILE_TEXTS;
use super::subject::StoreUnderTest;
use super::violation::{Violation, ensure_eq};
use crate::projection::{IndexValue, MAX_INDEX_TEXT_BYTES};
use crate::store::{DocumentOrder, DocumentPlace, DocumentQuery, IndexRange, TenantId};

/// The indexes that these documents are in.
const INDEXES: [&str; 2] = ["colour", "size"];

/// A document: its key, and its places in [`INDEXES`].
type Placed = (String, [Vec<u8>; 2]);

/// Places that are near each other, far apart, and as long as can be.
fn places() -> Vec<Vec<u8>> {
    let mut places: Vec<Vec<u8>> = vec![
        vec![],
        vec![0],
        vec![0, 0],
        vec![0, 1],
        vec![b'a'],
        vec![b'a', 0],
        vec![b'a', 0xff],
        vec![b'b'],
        vec![0x7f],
        vec![0x80],
        vec![0xff],
        vec![0xff, 0xff],
    ];
    let texts = HOSTILE_TEXTS.iter().take(8).map(IndexValue::encoded);
    places.extend(texts);
    // Of many different letters: databases may squeeze what repeats.
    let long: String = (0..MAX_INDEX_TEXT_BYTES as u32)
        .filter_map(|at| char::from_digit(at.wrapping_mul(2_654_435_761) >> 24 & 31, 32))
        .collect();
    places.extend([long.encoded(), (long + "and more").encoded()]);
    places
}

/// A document for each two of some places, so that many are equal in one index.
async fn fill(store: &Opened) -> Result<Vec<Placed>, Violation> {
    let places = places();
    let mut documents = Vec::new();
    for (n, colour) in places.iter().enumerate() {
        for (m, size) in places.iter().enumerate().filter(|(m, _)| (n + m) % 3 == 0) {
            // Not in the order of the places.
            let key = format!("{:03}", (n * 31 + m * 17) % 1_000);
            documents.push((key, [colour.clone(), size.clone()]));
        }
    }
    documents.sort();
    documents.dedup_by(|a, b| a.0 == b.0);
    let writes: Result<Vec<_>, _> = documents
        .iter()
        .map(|(key, [colour, size])| put_at(key, &[colour, size]))
        .collect();
    let commit = commit_in(&INDEXES, 0, 1, writes?);
    store.read_models.commit(commit).await?;
    Ok(documents)
}

/// What a query must find.
fn expected(documents: &[Placed], query: &DocumentQuery) -> Vec<(Vec<u8>, String)> {
    let at = |index: &str| INDEXES.iter().position(|name| *name == index);
    let mut found: Vec<_> = documents
        .iter()
        .filter(|(_, places)| {
            query.conditions.iter().all(|condition| {
                let place = at(&condition.index).and_then(|at| places.get(at));
                place.is_some_and(|place| condition.range.contains(place))
            })
        })
        .map(|(key, places)| {
            let index = query.order.index.as_deref().and_then(at);
            let place = index.and_then(|at| places.get(at)).cloned();
            (place.unwrap_or_default(), key.clone())
        })
        .collect();
    found.sort();
    if query.order.descending {
        found.reverse();
    }
    found.truncate(query.limit);
    found
}

/// Checks what a query finds, with the places in its order.
async fn ensure_found(
    store: &Opened,
    documents: &[Placed],
    query: DocumentQuery,
) -> Result<(), Violation> {
    let wanted = expected(documents, &query);
    let found = store.read_models.query_documents(query.clone()).await?;
    let found: Vec<_> = found
        .into_iter()
        .map(|found| (found.value, found.document.key))
        .collect();
    ensure_eq(format_args!("what {query:?} finds"), found, wanted)
}

fn orders() -> Vec<DocumentOrder> {
    let indexes = [None, Some(INDEXES[0]), Some(INDEXES[1])];
    let both = |index| [order(index, false), order(index, true)];
    indexes.into_iter().flat_map(both).collect()
}

/// Documents are found by where they are in an index: between two places, at some, at none of some.
pub async fn documents_are_found_by_their_places(
    subject: &dyn StoreUnderTest,
) -> Result<(), Violation> {
    let store = Opened::open(subject).await?;
    let documents = fill(&store).await?;
    let places = places();
    let mut ranges = vec![
        IndexRange::OneOf(Vec::new()),
        IndexRange::NoneOf(Vec::new()),
    ];
    for (n, place) in places.iter().enumerate() {
        let other = places[(n * 5 + 1) % places.len()].clone();
        let (place, pair) = (place.clone(), vec![place.clone(), other.clone()]);
        let (included, excluded) = (
            Bound::Included(place.clone()),
            Bound::Excluded(place.clone()),
        );
        ranges.extend([
            IndexRange::OneOf(vec![place.clone()]),
            IndexRange::OneOf(pair.clone()),
            IndexRange::NoneOf(vec![place]),
            IndexRange::NoneOf(pair),
            IndexRange::Between(included.clone(), Bound::Unbounded),
            IndexRange::Between(excluded.clone(), Bound::Unbounded),
            IndexRange::Between(Bound::Unbounded, included.clone()),
            IndexRange::Between(Bound::Unbounded, excluded.clone()),
            IndexRange::Between(included.clone(), included.clone()),
            IndexRange::Between(excluded, Bound::Included(other.clone())),
            IndexRange::Between(included, Bound::Excluded(other)),
        ]);
    }
    for (range, order) in ranges.into_iter().zip(orders().into_iter().cycle()) {
        let query = asking(vec![condition(INDEXES[0], range)], order);
        ensure_found(&store, &documents, query).await?;
    }
    Ok(())
}

/// All conditions of a query must hold: on several indexes, and several on one.
pub async fn all_conditions_must_hold(subject: &dyn StoreUnderTest) -> Result<(), Violation> {
    let store = Opened::open(subject).await?;
    let documents = fill(&store).await?;
    let places = places();
    let from =
        |place: &[u8]| IndexRange::Between(Bound::Included(place.to_vec()), Bound::Unbounded);
    let only = |place: &[u8]| IndexRange::OneOf(vec![place.to_vec()]);
    let but = |place: &[u8]| IndexRange::NoneOf(vec![place.to_vec()]);
    for order in orders() {
        for (n, place) in places.iter().enumerate() {
            let (size, other) = (&places[(n * 7 + 2) % places.len()], &places[(n + 1) % 9]);
            for conditions in [
                vec![
                    condition(INDEXES[0], only(place)),
                    condition(INDEXES[1], from(size)),
                ],
                vec![
                    condition(INDEXES[0], from(place)),
                    condition(INDEXES[0], but(other)),
                ],
                vec![
                    condition(INDEXES[1], from(size)),
                    condition(INDEXES[0], only(place)),
                    condition(INDEXES[1], but(other)),
                ],
            ] {
                ensure_found(&store, &documents, asking(conditions, order.clone())).await?;
            }
        }
    }
    Ok(())
}

/// Documents come by the bytes of their places, then of their keys, or all the other way round.
pub async fn found_documents_are_in_order(subject: &dyn StoreUnderTest) -> Result<(), Violation> {
    let store = Opened::open(subject).await?;
    let documents = fill(&store).await?;
    for order in orders() {
        for limit in [0, 1, 7, 1_000] {
            let query = DocumentQuery {
                limit,
                ..asking(Vec::new(), order.clone())
            };
            ensure_found(&store, &documents, query).await?;
        }
    }
    Ok(())
}

/// Pages of a query, each behind the last place of the one before, give all documents once.
pub async fn a_query_is_read_in_pages(subject: &dyn StoreUnderTest) -> Result<(), Violation> {
    let store = Opened::open(subject).await?;
    let documents = fill(&store).await?;
    let some = documents[documents.len() / 2].1[0].clone();
    let conditions = [
        vec![],
        vec![condition(INDEXES[0], IndexRange::OneOf(vec![some.clone()]))],
        vec![condition(INDEXES[1], IndexRange::NoneOf(vec![some]))],
    ];
    let mut queries = Vec::new();
    for order in orders() {
        for conditions in &conditions {
            queries.push(asking(conditions.clone(), order.clone()));
        }
    }
    for mut query in queries {
        let wanted = expected(&documents, &query);
        query.limit = 3;
        let mut found = Vec::new();
        while found.len() <= wanted.len() {
            let page = store.read_models.query_documents(query.clone()).await?;
            let Some(last) = page.last() else { break };
            query.after = Some(DocumentPlace {
                value: last.value.clone(),
                key: last.document.key.clone(),
            });
            found.extend(
                page.into_iter()
                    .map(|found| (found.value, found.document.key)),
            );
        }
        ensure_eq(format_args!("all pages of {query:?}"), found, wanted)?;
    }
    Ok(())
}

/// A count is of all that a query without a limit finds; without conditions, of all documents.
pub async fn documents_are_counted(subject: &dyn StoreUnderTest) -> Result<(), Violation> {
    let store = Opened::open(subject).await?;
    let documents = fill(&store).await?;
    let place = documents[0].1[0].clone();
    let only = condition(INDEXES[0], IndexRange::OneOf(vec![place.clone()]));
    let from = IndexRange::Between(Bound::Excluded(place), Bound::Unbounded);
    for conditions in [
        vec![],
        vec![only.clone()],
        vec![only, condition(INDEXES[1], from.clone())],
        vec![condition(INDEXES[1], from)],
        vec![condition("weight", IndexRange::NoneOf(Vec::new()))],
    ] {
        let wanted = expected(&documents, &asking(conditions.clone(), order(None, false)));
        let count = store
            .read_models
            .count_documents(COLLECTION, &TenantId::default(), &conditions)
            .await?;
        let what = format_args!("the count of {conditions:?}");
        ensure_eq(what, count, wanted.len() as u64)?;
    }
    Ok(())
}
