//! Finding documents by their indexes.

use std::time::Duration;

use jiff::Timestamp;
use orchestrix::app::{
    Config, CursorError, MAX_CONDITION_VALUES, MAX_CONDITIONS, QueryError, ViewCursor, ViewError,
    ViewPage, ViewQuery,
};
use orchestrix::error::chain;
use orchestrix::prelude::*;
use orchestrix::projection::{IndexKind, MAX_INDEX_TEXT_BYTES};
use orchestrix::store::MAX_PAGE;
use serde_json::json;

use super::counter::{CountingWithTotals, Total};
use super::stored::{event, write};
use super::waiting::caught_up;
use super::{Outcome, start};

#[derive(Event, Serialize, Deserialize)]
struct Bought {
    customer: String,
    country: String,
    pence: i64,
}

#[derive(Event, Serialize, Deserialize)]
struct Left {
    customer: String,
}

#[derive(Id, Clone, Debug, PartialEq, Default)]
struct Country(String);

#[derive(Default, Serialize, Deserialize, Debug, PartialEq)]
struct Customer {
    country: Country,
    total: i64,
    since: Option<Timestamp>,
    orders: u32,
}

#[projection(key = customer, index(country, total, since))]
impl Customer {
    #[apply]
    fn bought(&mut self, event: &Bought) {
        self.country = Country(event.country.clone());
        self.total += event.pence;
        self.orders += 1;
        self.since = (self.orders > 1).then_some(Timestamp::UNIX_EPOCH);
    }

    #[apply]
    fn left(self, _: &Left) -> Option<Self> {
        None
    }
}

#[module(name = "shop", projections(Customer))]
struct Shop;

/// What a query asks for.
type Asking = fn(ViewQuery<Customer>) -> ViewQuery<Customer>;

/// An app of which each buys for as many pence as follow his name.
async fn shop(bought: &[(&str, &str, i64)]) -> Result<App, Box<dyn std::error::Error>> {
    let store = MemoryStore::new();
    let events = bought.iter().map(|(customer, country, pence)| {
        event(
            "Bought",
            1,
            json!({ "customer": customer, "country": country, "pence": pence }),
        )
    });
    write(&store, "shop-1", events.collect()).await?;
    let app = start(store, Shop).await;
    caught_up(&app).await;
    Ok(app)
}

const SIX: &[(&str, &str, i64)] = &[
    ("ada", "Norway", 300),
    ("bob", "France", 200),
    ("cid", "Norway", -100),
    ("dan", "Norway", 200),
    ("eve", "Spain", 500),
    ("fay", "Norway", 200),
];

fn keys(page: ViewPage<Customer>) -> Vec<String> {
    page.documents.into_iter().map(|(key, _)| key).collect()
}

#[tokio::test]
async fn documents_are_found_by_what_they_hold() -> Outcome {
    let app = shop(SIX).await?;
    let all = || app.query::<Customer>();
    let norway = || all().equals("country", "Norway");
    assert_eq!(keys(norway().fetch().await?), ["ada", "cid", "dan", "fay"]);
    let rich = norway().at_or_above("total", 200).descending("total");
    assert_eq!(keys(rich.fetch().await?), ["ada", "fay", "dan"]);
    let rich = norway().above("total", 200);
    assert_eq!(keys(rich.fetch().await?), ["ada"]);
    let poor = all().below("total", 200).ascending("total");
    assert_eq!(keys(poor.fetch().await?), ["cid"]);
    let poor = all().at_or_below("total", 200_u8).descending("total");
    assert_eq!(keys(poor.fetch().await?), ["fay", "dan", "bob", "cid"]);
    let some = all().one_of("country", ["France", "Spain", "Chile"]);
    assert_eq!(keys(some.fetch().await?), ["bob", "eve"]);
    let others = all().none_of("country", ["France", "Norway"]);
    assert_eq!(keys(others.fetch().await?), ["eve"]);
    let others = all().not_equals("country", Country("Norway".into()));
    assert_eq!(
        keys(others.descending_keys().fetch().await?),
        ["eve", "bob"]
    );
    let page = all().descending("total").limit(1).fetch().await?;
    assert_eq!(page.documents[0].1.total, 500);
    Ok(())
}

#[tokio::test]
async fn nothing_comes_before_every_value() -> Outcome {
    let mut bought = SIX.to_vec();
    bought.push(("dan", "Norway", 1));
    let app = shop(&bought).await?;
    let all = || app.query::<Customer>();
    let new = all().equals("since", None::<Timestamp>);
    assert_eq!(new.count().await?, 5);
    let old = all().equals("since", Timestamp::UNIX_EPOCH);
    assert_eq!(keys(old.fetch().await?), ["dan"]);
    assert_eq!(all().below("since", Timestamp::MIN).count().await?, 5);
    let last = all().descending("since").limit(1).fetch().await?;
    assert_eq!(keys(last), ["dan"]);
    Ok(())
}

#[tokio::test]
async fn documents_that_change_and_end_are_found_where_they_are() -> Outcome {
    let store = MemoryStore::new();
    let app = start(store.clone(), Shop).await;
    let bought = |pence: i64| {
        let body = json!({ "customer": "ada", "country": "Norway", "pence": pence });
        event("Bought", 1, body)
    };
    let at = async |total: i64| app.query::<Customer>().equals("total", total).count().await;
    write(&store, "shop-1", vec![bought(5)]).await?;
    caught_up(&app).await;
    assert_eq!((at(5).await?, at(7).await?), (1, 0));
    write(&store, "shop-2", vec![bought(2)]).await?;
    caught_up(&app).await;
    assert_eq!((at(5).await?, at(7).await?), (0, 1));
    let left = event("Left", 1, json!({ "customer": "ada" }));
    write(&store, "shop-3", vec![left]).await?;
    caught_up(&app).await;
    assert_eq!(
        (at(7).await?, app.query::<Customer>().count().await?),
        (0, 0)
    );
    Ok(())
}

#[tokio::test]
async fn pages_follow_each_other_by_cursors_as_text() -> Outcome {
    let names: Vec<String> = (0..250).map(|n| format!("c{n:03}")).collect();
    let bought: Vec<_> = names
        .iter()
        .enumerate()
        .map(|(n, name)| (name.as_str(), "Norway", (n % 9) as i64))
        .collect();
    let app = shop(&bought).await?;
    let orders: [Asking; 4] = [
        |query| query,
        |query| query.descending_keys(),
        |query| query.ascending("total"),
        |query| query.descending("total"),
    ];
    for order in orders {
        let ordered = || order(app.query::<Customer>().equals("country", "Norway"));
        let all = keys(ordered().limit(MAX_PAGE).fetch().await?);
        assert_eq!(all.len(), 250);
        let (mut found, mut pages) = (Vec::new(), Vec::new());
        let mut next: Option<String> = None;
        loop {
            let query = match &next {
                Some(cursor) => ordered().after(cursor.parse()?),
                None => ordered(),
            };
            let page = query.fetch().await?;
            next = page.next.as_ref().map(ViewCursor::to_string);
            pages.push(page.documents.len());
            found.extend(keys(page));
            if next.is_none() {
                break;
            }
        }
        // A page has 100 unless told otherwise.
        assert_eq!(pages, [100, 100, 50]);
        assert_eq!(found, all);
    }
    // A last page that is full has no next one.
    let page = app.query::<Customer>().limit(250).fetch().await?;
    assert_eq!((page.documents.len(), page.next), (250, None));
    assert_eq!(app.query::<Customer>().limit(3).count().await?, 250);
    Ok(())
}

#[tokio::test]
async fn a_cursor_is_for_one_order_of_one_read_model() -> Outcome {
    let app = shop(SIX).await?;
    let page = app
        .query::<Customer>()
        .descending("total")
        .limit(2)
        .fetch()
        .await?;
    let cursor = page.next.ok_or("there are more")?;
    let other = app
        .query::<Customer>()
        .ascending("total")
        .after(cursor.clone());
    let error = other.fetch().await.expect_err("another order");
    assert!(
        matches!(error, QueryError::Cursor(CursorError::OtherOrder { .. })),
        "{error:?}"
    );
    assert_eq!(
        error.to_string(),
        "the cursor is of a query on `customer@1` by index `total` downwards, and was used on `customer@1` by index `total`"
    );
    // Other conditions are the client's affair.
    let filtered = app.query::<Customer>().equals("country", "Norway");
    let rest = filtered.descending("total").after(cursor).fetch().await?;
    assert_eq!(keys(rest), ["fay", "dan", "cid"]);
    Ok(())
}

/// The error of a query, which counting tells, too.
async fn mistake(app: &App, query: Asking) -> QueryError {
    let counted = query(app.query()).count().await.expect_err("a mistake");
    let fetched = query(app.query()).fetch().await.expect_err("a mistake");
    assert_eq!(chain(&counted), chain(&fetched));
    fetched
}

#[tokio::test]
async fn mistakes_are_told_and_never_find_nothing() -> Outcome {
    let app = shop(SIX).await?;
    let error = mistake(&app, |query| query.equals("county", "Norway")).await;
    assert_eq!(
        error.to_string(),
        "read model `customer@1` has no index `county`; it has: country, total, since"
    );
    assert!(matches!(error, QueryError::NoIndex { .. }));
    let error = mistake(&app, |query| query.descending("orders")).await;
    assert!(matches!(error, QueryError::NoIndex { .. }), "{error:?}");

    let error = mistake(&app, |query| query.above("total", "100")).await;
    let QueryError::Kind { holds, given, .. } = &error else {
        panic!("{error:?}")
    };
    assert_eq!((*holds, *given), (IndexKind::Integer, IndexKind::Text));
    assert_eq!(
        error.to_string(),
        "index `total` of read model `customer@1` holds a whole number, and was compared with text"
    );
    let error = mistake(&app, |query| query.one_of("since", [1, 2])).await;
    assert!(matches!(error, QueryError::Kind { .. }), "{error:?}");

    let error = mistake(&app, |query| {
        query.below("country", "x".repeat(MAX_INDEX_TEXT_BYTES + 1))
    });
    let error = error.await;
    assert_eq!(
        error.to_string(),
        "index `country` was compared with a text of more than 1000 bytes"
    );
    let longest = "x".repeat(MAX_INDEX_TEXT_BYTES);
    assert_eq!(
        app.query::<Customer>()
            .below("country", longest)
            .count()
            .await?,
        6
    );

    for (error, what, most, given) in [
        (
            mistake(&app, |query| query.limit(0)).await,
            "documents",
            MAX_PAGE,
            0,
        ),
        (
            mistake(&app, |query| query.limit(MAX_PAGE + 1)).await,
            "documents",
            MAX_PAGE,
            1_001,
        ),
        (
            mistake(&app, |query| {
                (0..=16).fold(query, |query, n| query.not_equals("total", n))
            })
            .await,
            "conditions",
            MAX_CONDITIONS,
            17,
        ),
        (
            mistake(&app, |query| query.none_of("total", 0..2_000)).await,
            "values in a condition",
            MAX_CONDITION_VALUES,
            1_001,
        ),
        (
            mistake(&app, |query| query.one_of("total", None::<i64>)).await,
            "values in a condition",
            MAX_CONDITION_VALUES,
            0,
        ),
    ] {
        assert_eq!(
            error.to_string(),
            format!("a query takes 1 to {most} {what}, not {given}")
        );
        assert!(matches!(error, QueryError::Limit { .. }));
    }
    let most = (0..16).fold(app.query::<Customer>(), |query, n| {
        query.not_equals("total", n)
    });
    assert_eq!(most.limit(MAX_PAGE).fetch().await?.documents.len(), 6);
    // The first mistake is told.
    let error = mistake(&app, |query| query.limit(0).equals("county", 1)).await;
    assert!(matches!(error, QueryError::Limit { .. }), "{error:?}");
    Ok(())
}

#[tokio::test]
async fn a_read_model_without_indexes_can_be_counted_and_paged() -> Outcome {
    let app = start(MemoryStore::new(), CountingWithTotals).await;
    assert_eq!(app.query::<Total>().count().await?, 0);
    assert_eq!(app.query::<Total>().fetch().await?.documents, []);
    let error = app.query::<Total>().equals("sum", 1).count().await;
    assert_eq!(
        error.expect_err("no index").to_string(),
        "read model `total@1` has no index `sum`; it has none: add `index(..)` to its `#[projection]`"
    );
    let error = app.query::<Customer>().count().await.expect_err("no shop");
    assert!(
        matches!(error, QueryError::View(ViewError::NotRegistered { .. })),
        "{error:?}"
    );
    Ok(())
}

#[tokio::test]
async fn tenants_find_their_own_documents() -> Outcome {
    let app = shop(SIX).await?;
    let acme = TenantId::new("acme")?;
    let theirs = app
        .query::<Customer>()
        .equals("country", "Norway")
        .tenant(acme.clone());
    assert_eq!(theirs.count().await?, 0);
    let scoped = orchestrix::tenant::scope(acme, app.query::<Customer>().fetch());
    assert_eq!(keys(scoped.await?), Vec::<String>::new());
    let mut config = Config::new();
    config.require_tenant = true;
    let builder = Orchestrix::builder().isolated().store(MemoryStore::new());
    let app = builder.module(Shop).config(config).start().await?;
    let error = app.query::<Customer>().fetch().await.expect_err("whose?");
    assert!(
        matches!(error, QueryError::View(ViewError::TenantRequired(_))),
        "{error:?}"
    );
    Ok(())
}

#[tokio::test(start_paused = true)]
async fn a_store_that_does_not_answer_ends_a_query() -> Outcome {
    let store = super::test_store::TestStore::new();
    let app = start(store.clone(), Shop).await;
    store.documents_gate.close();
    let error = app
        .query::<Customer>()
        .count()
        .await
        .expect_err("no answer");
    assert!(
        matches!(error, QueryError::View(ViewError::Timeout { .. })),
        "{error:?}"
    );
    let late = app.query::<Customer>().within(Duration::ZERO).fetch().await;
    assert!(matches!(
        late,
        Err(QueryError::View(ViewError::Timeout { .. }))
    ));
    store.documents_gate.open();
    assert_eq!(app.query::<Customer>().count().await?, 0);
    Ok(())
}
