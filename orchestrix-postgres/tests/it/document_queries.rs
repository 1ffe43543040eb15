//! How the server goes about queries on documents: by the indexes, whatever the query.

use std::ops::Bound;

use orchestrix::projection::IndexValue;
use orchestrix::store::{
    CheckpointMove, DocumentOrder, DocumentPlace, DocumentQuery, DocumentWrite, GlobalPosition,
    IndexCondition, IndexRange, Payload, ReadModelCommit, ReadModelStore, TenantId,
};
use orchestrix_postgres::{PostgresOptions, PostgresStore};
use sqlx::postgres::PgConnection;
use sqlx::{AssertSqlSafe, Row};

/// The very text that the store sends.
#[path = "../../src/document_query.rs"]
mod document_query;

use crate::fixture::{execute, in_database};
use document_query::{Parameter, QueryText};

const DOCUMENTS: u64 = 20_000;
const COLLECTION: &str = "totals@1";

/// Half of the documents are in Norway, one of a thousand in Malta; totals are all different.
async fn fill(store: &PostgresStore) {
    let country = |n: u64| match n % 1_000 {
        7 => "Malta",
        n if n % 2 == 0 => "Norway",
        _ => "France",
    };
    let write = |n: u64| DocumentWrite {
        tenant: TenantId::default(),
        key: format!("{:05}", n * 7_919 % DOCUMENTS),
        body: Some(Payload::from_json_text("{}").unwrap()),
        index_values: vec![country(n).encoded(), n.encoded()],
    };
    for page in 0..DOCUMENTS / 1_000 {
        let (from, to) = (GlobalPosition::new(page), GlobalPosition::new(page + 1));
        let commit = ReadModelCommit {
            progress: Vec::new(),
            checkpoint: CheckpointMove::new(COLLECTION, from, to),
            collection: COLLECTION.to_owned(),
            indexes: vec!["country".to_owned(), "total".to_owned()],
            writes: (page * 1_000..(page + 1) * 1_000).map(write).collect(),
        };
        store.commit(commit).await.unwrap();
    }
}

fn is(country: &str) -> IndexCondition {
    IndexCondition {
        index: "country".to_owned(),
        range: IndexRange::OneOf(vec![country.encoded()]),
    }
}

/// As an app asks for it: to the end of the numbers.
fn above(total: u64) -> IndexCondition {
    IndexCondition {
        index: "total".to_owned(),
        range: IndexRange::Between(
            Bound::Excluded(total.encoded()),
            Bound::Excluded(vec![0x21]),
        ),
    }
}

fn asking(index: Option<&str>, conditions: Vec<IndexCondition>) -> DocumentQuery {
    DocumentQuery {
        collection: COLLECTION.to_owned(),
        tenant: TenantId::default(),
        conditions,
        order: DocumentOrder {
            index: index.map(str::to_owned),
            descending: true,
        },
        after: None,
        limit: 10,
    }
}

/// What the server did for a statement.
async fn plan(session: &mut PgConnection, text: QueryText<'_>) -> String {
    let sql = text.sql.replace("{schema}", "orchestrix");
    let explain = "explain (analyze, costs off, timing off, summary off)";
    let mut query = sqlx::query(AssertSqlSafe(format!("{explain} {sql}")));
    for parameter in text.parameters {
        query = match parameter {
            Parameter::Text(text) => query.bind(text),
            Parameter::Bytes(bytes) => query.bind(bytes),
            Parameter::List(list) => query.bind(list),
            Parameter::Number(number) => query.bind(number as i64),
        };
    }
    let rows = query.fetch_all(session).await.unwrap();
    let lines: Vec<String> = rows.iter().map(|row| row.get(0)).collect();
    lines.join("\n")
}

/// The most rows that one step of a plan looked at, in all of its loops, or threw away.
fn most_rows(plan: &str) -> u64 {
    let steps = plan.lines().filter_map(|line| {
        if let Some((_, removed)) = line.split_once("Rows Removed by Filter: ") {
            return removed.parse::<f64>().ok();
        }
        let (_, counted) = line.split_once("(actual rows=")?;
        let (rows, loops) = counted.trim_end_matches(')').split_once(" loops=")?;
        Some(rows.parse::<f64>().ok()? * loops.parse::<f64>().ok()?)
    });
    steps.fold(0.0, f64::max) as u64
}

/// Looks at the plans of all kinds of queries.
async fn check(session: &mut PgConnection) {
    let last = DocumentPlace {
        value: 100_u64.encoded(),
        key: "00100".to_owned(),
    };
    let behind = DocumentQuery {
        after: Some(last),
        ..asking(Some("total"), Vec::new())
    };
    // Ten of all; ten behind a cursor; ten of half of all; all in Malta, in their order; few by a range; ten by keys.
    let cases = [
        (asking(Some("total"), Vec::new()), 10),
        (behind, 10),
        (asking(Some("total"), vec![is("Norway")]), 200),
        (asking(Some("total"), vec![is("Malta")]), 200),
        (asking(None, vec![above(DOCUMENTS - 6)]), 10),
        (asking(None, vec![is("Norway")]), 50),
        (asking(None, Vec::new()), 10),
    ];
    for (query, most) in &cases {
        let plan = plan(session, QueryText::find(query)).await;
        assert!(!plan.contains("Seq Scan"), "{query:?}\n{plan}");
        assert!((1..=*most).contains(&most_rows(&plan)), "{query:?}\n{plan}");
        let by_index = !query.conditions.is_empty() || query.order.index.is_some();
        assert_eq!(
            plan.contains("document_indexes_by_value"),
            by_index,
            "{plan}"
        );
    }
    let conditions = [is("Malta"), above(DOCUMENTS / 2)];
    let count = QueryText::count(COLLECTION, "default", &conditions);
    let plan = plan(session, count).await;
    assert!(!plan.contains("Seq Scan"), "{plan}");
    assert!((1..=20).contains(&most_rows(&plan)), "{plan}");
}

#[tokio::test]
async fn queries_look_at_little_more_than_they_find() {
    in_database("queries_look_at_little", async |database| {
        let store = database.store().await;
        fill(&store).await;
        let mut session = database.session().await;
        execute(&mut session, "analyze").await;
        check(&mut session).await;
    })
    .await;
}

#[tokio::test]
async fn policies_do_not_keep_queries_from_the_indexes() {
    in_database("policies_do_not_keep_queries", async |database| {
        fill(&database.store().await).await;
        let owner = PostgresOptions::new(&database.url);
        PostgresStore::enable_row_level_security(&owner)
            .await
            .unwrap();
        let mut session = database.session().await;
        // A role that every server has, and that policies hold for.
        for statement in [
            "analyze",
            "grant usage on schema orchestrix to pg_read_all_data",
            "set role pg_read_all_data",
            "set orchestrix.tenants = 'default'",
        ] {
            execute(&mut session, statement).await;
        }
        check(&mut session).await;
    })
    .await;
}
