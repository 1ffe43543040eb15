//! Texts with expressions in braces: `course:{data.courseId}`.

use serde_json::{Map, Value};

use super::evaluate::{Js, Names, evaluate};
use super::expression::parse;

/// The text with the values in place of the braces.
pub(super) fn text(template: &str, names: &Names) -> Result<String, String> {
    let mut filled = String::new();
    let mut rest = template;
    while let Some((before, expression, after)) = next(rest)? {
        filled.push_str(before);
        match value_of(expression, names)? {
            Some(Value::String(text)) => filled.push_str(&text),
            Some(Value::Number(number)) => filled.push_str(&number.to_string()),
            other => return Err(format!("`{template}`: {other:?} is no text")),
        }
        rest = after;
    }
    filled.push_str(rest);
    Ok(filled)
}

/// The data with the values in place of its texts: one that is in braces as a whole becomes a value of any kind.
pub(super) fn data(template: &Value, names: &Names) -> Result<Value, String> {
    match template {
        Value::Object(entries) => {
            let mut filled = Map::new();
            for (name, entry) in entries {
                filled.insert(name.clone(), data(entry, names)?);
            }
            Ok(Value::Object(filled))
        }
        Value::String(template) => match next(template)? {
            Some(("", expression, "")) => {
                let value = value_of(expression, names)?;
                value.ok_or_else(|| format!("`{template}` is undefined"))
            }
            _ => text(template, names).map(Value::String),
        },
        other => Err(format!("{other} in an event's data")),
    }
}

/// What stands before the first brace, inside, and behind.
fn next(template: &str) -> Result<Option<(&str, &str, &str)>, String> {
    let Some((before, opened)) = template.split_once('{') else {
        return Ok(None);
    };
    let (inside, after) = opened
        .split_once('}')
        .ok_or_else(|| format!("`{template}`: a brace is not closed"))?;
    Ok(Some((before, inside, after)))
}

fn value_of(expression: &str, names: &Names) -> Result<Js, String> {
    evaluate(&parse(expression)?, names)
}
