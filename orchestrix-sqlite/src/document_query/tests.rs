use std::ops::Bound;

use orchestrix::projection::IndexValue;
use orchestrix::store::{
    DocumentOrder, DocumentPlace, DocumentQuery, IndexCondition, IndexRange, TenantId,
};
use rusqlite::{Connection, params_from_iter};

use super::few;
use super::statement::Statement;
use crate::connection::{lock, open_memory};

fn query(order: DocumentOrder, conditions: Vec<IndexCondition>) -> DocumentQuery {
    DocumentQuery {
        collection: "totals@1".to_owned(),
        tenant: TenantId::default(),
        conditions,
        order,
        after: None,
        limit: 10,
    }
}

fn by(index: &str) -> DocumentOrder {
    DocumentOrder {
        index: Some(index.to_owned()),
        descending: true,
    }
}

fn country(name: &str) -> IndexCondition {
    IndexCondition {
        index: "country".to_owned(),
        range: IndexRange::OneOf(vec![name.encoded()]),
    }
}

fn at_least(total: i64) -> IndexCondition {
    IndexCondition {
        index: "total".to_owned(),
        range: IndexRange::Between(Bound::Included(total.encoded()), Bound::Unbounded),
    }
}

/// What SQLite does for a statement, a line for each table.
fn plan(connection: &Connection, statement: Statement<'_>) -> String {
    let sql = format!("EXPLAIN QUERY PLAN {}", statement.sql);
    let mut explained = connection.prepare(&sql).expect("a statement");
    let lines = explained
        .query_map(params_from_iter(statement.parameters), |row| {
            row.get::<_, String>(3)
        })
        .expect("a plan");
    let lines: Vec<_> = lines.map(|line| line.expect("a line")).collect();
    lines.join("\n")
}

#[test]
fn no_query_looks_at_more_than_an_index() {
    let connections = open_memory().expect("a store");
    let connection = lock(&connections.writer);
    let after = DocumentPlace {
        value: 7.encoded(),
        key: "a".to_owned(),
    };
    let behind = |query| DocumentQuery {
        after: Some(after.clone()),
        ..query
    };
    let by_value = "document_indexes_by_value (collection=? AND tenant=? AND name=?";
    // The best of all; the best of a country; all of a country from a key on; what has a range.
    let cases = [
        (query(by("total"), vec![]), format!("{by_value})")),
        (
            behind(query(by("total"), vec![])),
            format!("{by_value} AND (value,key)<(?,?))"),
        ),
        (
            query(by("total"), vec![at_least(5)]),
            format!("{by_value} AND value>?)"),
        ),
        (
            query(by("total"), vec![country("NO")]),
            format!("{by_value} AND value=? AND key=?)"),
        ),
        (
            behind(query(DocumentOrder::default(), vec![country("NO")])),
            format!("{by_value} AND value=? AND key>?)"),
        ),
        (
            query(DocumentOrder::default(), vec![at_least(5)]),
            format!("{by_value} AND value>?)"),
        ),
        (
            query(DocumentOrder::default(), vec![country("NO"), at_least(5)]),
            format!("{by_value} AND value=?)"),
        ),
    ];
    for (query, expected) in &cases {
        let plan = plan(&connection, Statement::find(query, None));
        assert!(plan.contains(expected), "{query:?}: {plan}");
        assert!(!plan.contains("SCAN"), "{query:?}: {plan}");
    }
    // Where one index gives both the documents and their order, none is sorted.
    for (query, _) in &cases[..3] {
        let plan = plan(&connection, Statement::find(query, None));
        assert!(!plan.contains("TEMP B-TREE"), "{query:?}: {plan}");
    }
    // Where few are in a country, they are looked up and sorted.
    let rare = query(by("total"), vec![country("NO"), at_least(5)]);
    let explained = plan(&connection, Statement::find(&rare, Some("country")));
    let steps: Vec<_> = explained.lines().collect();
    assert!(
        steps[0].contains(&format!(
            "SEARCH i1 USING COVERING INDEX {by_value} AND value=?)"
        )),
        "{explained}"
    );
    assert!(!explained.contains("SCAN"), "{explained}");
    let plan = plan(
        &connection,
        Statement::count("totals@1", "default", &[country("NO"), at_least(5)][..]),
    );
    assert!(plan.contains(by_value) && !plan.contains("SCAN"), "{plan}");
}

#[test]
fn the_index_with_few_documents_is_seen() {
    let connections = open_memory().expect("a store");
    let connection = lock(&connections.writer);
    let mut put = connection
        .prepare("INSERT INTO document_indexes VALUES ('totals@1', 'default', ?1, ?2, ?3)")
        .expect("a statement");
    for n in 0..2_100_u64 {
        let (country, size) = match n {
            0..5 => ("MT", 1),
            5..50 => ("IS", 2),
            _ => ("NO", n),
        };
        let key = n.to_string();
        put.execute((&key, "country", country.encoded()))
            .expect("a place");
        put.execute((&key, "size", size.encoded()))
            .expect("a place");
    }
    let size = |size: u64| IndexCondition {
        index: "size".to_owned(),
        range: IndexRange::OneOf(vec![size.encoded()]),
    };
    let begin = |order, conditions| {
        let query = query(order, conditions);
        few(&connection, &query)
            .expect("a count")
            .map(str::to_owned)
    };
    assert_eq!(
        begin(by("total"), vec![country("MT")]).as_deref(),
        Some("country")
    );
    assert_eq!(begin(by("total"), vec![country("NO")]), None);
    let both = vec![country("IS"), size(70)];
    assert_eq!(begin(by("total"), both).as_deref(), Some("size"));
    // Where it orders what is found, it is begun with anyway.
    assert_eq!(begin(by("country"), vec![country("MT")]), None);
    assert_eq!(begin(DocumentOrder::default(), vec![country("MT")]), None);
    assert_eq!(begin(by("total"), vec![at_least(5)]), None);
}
