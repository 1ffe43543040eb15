//! Queries as the database functions take them.

use orchestrix::store::{AppendCondition, EventQuery, QueryItem, Tag};
use serde_json::{Map, Value, json};

use crate::row::signed;

/// A condition as the JSON that `append_batch_2` takes.
pub(super) fn text(condition: &AppendCondition) -> String {
    json!({ "after": signed(condition.after.get()), "items": items(&condition.query) }).to_string()
}

/// The items as `first_match` and the reads take them; a query without any takes what an empty item takes.
pub(crate) fn items(query: &EventQuery) -> Value {
    match query.items() {
        [] => json!([{}]),
        items => items.iter().map(item).collect(),
    }
}

fn item(item: &QueryItem) -> Value {
    let mut object = Map::new();
    if !item.type_names().is_empty() {
        let types: Vec<_> = item.type_names().iter().map(|name| &**name).collect();
        object.insert("types".to_owned(), json!(types));
    }
    if !item.tags().is_empty() {
        let tags: Vec<_> = item.tags().iter().map(Tag::as_str).collect();
        object.insert("tags".to_owned(), json!(tags));
    }
    Value::Object(object)
}
