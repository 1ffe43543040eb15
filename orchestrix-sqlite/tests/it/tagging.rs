//! Tags in a long log.

use std::time::{Duration, Instant};

use orchestrix::store::{
    AppendError, EventQuery, EventStore, Filter, GlobalPosition, Page, QueryItem, ReadAll, TenantId,
};
use orchestrix_sqlite::SqliteStore;

use crate::fixture::{Place, any, append_one, tag, tagged};
use crate::reading::fill;

/// How much faster than going through the log a lookup is at least; it is dozens of times.
const FASTER: u32 = 4;
/// The fastest of so many counts, as others may be at work on this machine.
const ROUNDS: usize = 5;

/// A page behind the start, and how long it took.
async fn timed(store: &SqliteStore, filter: &Filter) -> (Page, Duration) {
    let mut fastest: Option<(Page, Duration)> = None;
    for _ in 0..ROUNDS {
        let read = ReadAll::after(GlobalPosition::START).filter(filter.clone());
        let began = Instant::now();
        let page = store.read_all(read).await.expect("a page");
        let took = began.elapsed();
        if fastest.as_ref().is_none_or(|(_, least)| took < *least) {
            fastest = Some((page, took));
        }
    }
    fastest.expect("there are rounds")
}

#[tokio::test]
async fn few_events_of_a_long_log_are_found_without_going_through_it() {
    const NOISE: u64 = 100_000;
    let place = Place::new();
    let store = place.open().await;
    fill(&place, NOISE);
    // One tag is on every event: it must not be the one that is gone through.
    place
        .stranger()
        .execute_batch(
            "INSERT INTO event_tags SELECT 'a', tenant, position, event_type FROM events",
        )
        .expect("many tags");
    append_one(&store, any("7", vec![tagged("Rare", &["a", "x"])]))
        .await
        .expect("an append");
    let absent_type = Filter::all().event_types(["Absent"]);
    let (page, whole) = timed(&store, &absent_type).await;
    assert!(page.events.is_empty());
    let limit = whole / FASTER;

    let rare =
        EventQuery::of(QueryItem::tagged([tag("a"), tag("x")])).or(QueryItem::tagged([tag("y")]));
    let absent = EventQuery::tagged([tag("a"), tag("y")]);
    for (query, count) in [(&rare, 1), (&absent, 0)] {
        let filter = Filter::all().query(query.clone());
        for filter in [filter.clone(), filter.tenant(TenantId::default())] {
            let (page, took) = timed(&store, &filter).await;
            assert!(took < limit, "{filter:?} took {took:?} of {whole:?}");
            assert!(page.at_head);
            assert_eq!(page.scanned_to, GlobalPosition::new(NOISE + 1));
            assert_eq!(page.events.len(), count);
        }
    }

    let append = any("8", vec![tagged("Rare", &["x"])]);
    let late = append.clone().unless(rare, GlobalPosition::START);
    let error = append_one(&store, late).await.expect_err("a conflict");
    assert!(
        matches!(error, AppendError::ConditionConflict { found, .. } if found == GlobalPosition::new(NOISE + 1)),
        "{error:?}"
    );
    append_one(&store, append.unless(absent, GlobalPosition::START))
        .await
        .expect("no such event");
}

#[test]
fn lookups_by_tag_use_the_key() {
    let place = Place::new();
    let runtime = tokio::runtime::Runtime::new().expect("a runtime");
    drop(runtime.block_on(place.open()));
    let sql = include_str!("../../src/sql/tagged_positions.sql").replace(
        "{more}",
        "AND tenant = ?5 AND EXISTS (SELECT 1 FROM event_tags WHERE tag = ?6 AND tenant = here.tenant
         AND position = here.position)",
    );
    let stranger = place.stranger();
    let mut plan = stranger
        .prepare(&format!("EXPLAIN QUERY PLAN {sql}"))
        .expect("a plan");
    let steps: Vec<String> = plan
        .query_map((1, 2, 3, 4, 5, 6), |row| row.get(3))
        .expect("a plan")
        .collect::<Result<_, _>>()
        .expect("steps");
    let searches = |what: &str| steps.iter().filter(|step| step.contains(what)).count();
    assert_eq!(
        searches(
            "SEARCH here USING PRIMARY KEY (tag=? AND tenant=? AND position>? AND position<?)"
        ),
        1,
        "{steps:?}"
    );
    assert_eq!(
        searches("USING PRIMARY KEY (tag=? AND tenant=? AND position=?)"),
        1,
        "{steps:?}"
    );
    assert_eq!(searches("SCAN") + searches("B-TREE"), 0, "{steps:?}");
}

/// SQLite joins at most 64 tables, and what may be asked for is more.
#[tokio::test]
async fn the_largest_query_is_answered() {
    let place = Place::new();
    let store = place.open().await;
    let tags = |prefix: &str| -> Vec<_> {
        let texts = (0..100).map(|n| tag(&format!("{prefix}:{n:03}")));
        texts.collect()
    };
    let types = (0..100).map(|n| format!("Type{n}"));
    let widest = QueryItem::tagged(tags("all")).event_types(types);
    let query = tags("any")[1..]
        .iter()
        .fold(EventQuery::of(widest), |query, tag| {
            query.or(QueryItem::tagged([tag.clone()]))
        });
    let append =
        || any("7", vec![tagged("A", &["any:099"])]).unless(query.clone(), GlobalPosition::START);
    append_one(&store, append()).await.expect("no such event");
    let error = append_one(&store, append()).await.expect_err("a conflict");
    assert!(error.is_conflict(), "{error:?}");
    for filter in [
        Filter::all().query(query.clone()),
        Filter::all()
            .query(query.clone())
            .tenant(TenantId::default()),
    ] {
        let read = ReadAll::after(GlobalPosition::START).filter(filter);
        let page = store.read_all(read).await.expect("a page");
        assert_eq!(page.events.len(), 1);
    }
}

/// Full pages of tagged events end where the last event stands, wherever the others of the query are.
#[tokio::test]
async fn pages_of_several_tags_leave_nothing_out() {
    let place = Place::new();
    let store = place.open().await;
    for n in 0..60 {
        let tags: &[&str] = match n % 6 {
            0 => &["x"],
            1 | 2 => &["y"],
            3 => &["x", "y"],
            4 => &["x", "z"],
            _ => &[],
        };
        let kind = if n % 5 == 0 { "Odd" } else { "Usual" };
        append_one(&store, any(&format!("{}", n % 7), vec![tagged(kind, tags)]))
            .await
            .expect("an append");
    }
    let query = EventQuery::of(QueryItem::tagged([tag("x"), tag("z")]))
        .or(QueryItem::tagged([tag("y")]).event_types(["Usual"]))
        .or(QueryItem::tagged([tag("x")]).event_types(["Odd"]));
    let partly_tagged = query.clone().or(QueryItem::default().event_types(["Odd"]));
    for query in [query, partly_tagged] {
        for filter in [
            Filter::all(),
            Filter::all().tenant(TenantId::default()),
            Filter::all().event_types(["Usual"]),
        ] {
            let filter = filter.query(query.clone());
            let all = crate::fixture::whole_log(&store).await;
            let wanted: Vec<_> = all.iter().filter(|event| filter.matches(event)).collect();
            assert!(wanted.len() > 5);
            for limit in [1, 3, 1_000] {
                let mut found = Vec::new();
                let mut after = GlobalPosition::START;
                loop {
                    let read = ReadAll::after(after).filter(filter.clone()).limit(limit);
                    let page = store.read_all(read).await.expect("a page");
                    found.extend(page.events);
                    after = page.scanned_to;
                    if page.at_head {
                        break;
                    }
                }
                let found: Vec<_> = found.iter().collect();
                assert_eq!(found, wanted, "{filter:?} in pages of {limit}");
            }
        }
    }
}
