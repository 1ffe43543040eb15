//! What expressions come to. Whatever JavaScript would do beyond what occurs in the scenarios is an error.

use std::cmp::Ordering;
use std::collections::BTreeMap;

use serde_json::{Map, Value};

use super::expression::{Expression, Operator, Part};

/// A value; `None` is `undefined`.
pub(super) type Js = Option<Value>;

/// What names stand for.
pub(super) type Names = BTreeMap<String, Js>;

/// What the expression comes to.
pub(super) fn evaluate(expression: &Expression, names: &Names) -> Result<Js, String> {
    match expression {
        Expression::Bool(value) => Ok(Some(Value::from(*value))),
        Expression::Number(value) => Ok(Some(Value::from(*value))),
        Expression::Name(name) => {
            let known = names.get(name).cloned();
            known.ok_or_else(|| format!("`{name}` stands for nothing"))
        }
        Expression::Member { of, name, optional } => member(evaluate(of, names)?, name, *optional),
        Expression::Not(of) => Ok(Some(Value::from(!is_truthy(&evaluate(of, names)?)))),
        Expression::Binary(left, Operator::Or, right) => {
            let left = evaluate(left, names)?;
            match is_truthy(&left) {
                true => Ok(left),
                false => evaluate(right, names),
            }
        }
        Expression::Binary(left, operator, right) => {
            let (left, right) = (evaluate(left, names)?, evaluate(right, names)?);
            compute(&left, *operator, &right)
        }
        Expression::Object(parts) => {
            let mut object = Map::new();
            for part in parts {
                match part {
                    Part::Entry(name, value) => {
                        if let Some(value) = evaluate(value, names)? {
                            object.insert(name.clone(), value);
                        }
                    }
                    Part::All(of) => match evaluate(of, names)? {
                        Some(Value::Object(all)) => object.extend(all),
                        other => return Err(format!("`...` of {other:?}")),
                    },
                }
            }
            Ok(Some(Value::Object(object)))
        }
    }
}

/// Whether a condition holds.
pub(super) fn is_truthy(value: &Js) -> bool {
    match value {
        None | Some(Value::Null) => false,
        Some(Value::Bool(value)) => *value,
        Some(Value::Number(value)) => value.as_f64() != Some(0.0),
        Some(Value::String(value)) => !value.is_empty(),
        Some(Value::Array(_) | Value::Object(_)) => true,
    }
}

fn member(of: Js, name: &str, optional: bool) -> Result<Js, String> {
    match of {
        Some(Value::Object(mut object)) => Ok(object.remove(name)),
        None | Some(Value::Null) if optional => Ok(None),
        other => Err(format!("`.{name}` of {other:?}")),
    }
}

fn compute(left: &Js, operator: Operator, right: &Js) -> Result<Js, String> {
    let holds = match operator {
        Operator::Same => left == right,
        Operator::AtLeast => compare(left, right)?.is_some_and(Ordering::is_ge),
        Operator::AtMost => compare(left, right)?.is_some_and(Ordering::is_le),
        Operator::Above => compare(left, right)?.is_some_and(Ordering::is_gt),
        Operator::Plus => return plus(left, right).map(Some),
        Operator::Or => return Err("`||` is decided on its left side first".to_owned()),
    };
    Ok(Some(Value::from(holds)))
}

fn plus(left: &Js, right: &Js) -> Result<Value, String> {
    let whole = |value: &Js| value.as_ref().and_then(Value::as_i64);
    match (whole(left), whole(right)) {
        (Some(left), Some(right)) => Ok(Value::from(left + right)),
        _ => Err(format!("{left:?} + {right:?}")),
    }
}

/// As numbers, which texts of digits become; nothing compares with `undefined`.
fn compare(left: &Js, right: &Js) -> Result<Option<Ordering>, String> {
    let number = |value: &Js| match value {
        None => Ok(None),
        Some(Value::Number(number)) => Ok(number.as_f64()),
        Some(Value::String(text)) => match text.parse::<f64>() {
            Ok(number) => Ok(Some(number)),
            Err(_) => Err(format!("{left:?} compared with {right:?}")),
        },
        Some(_) => Err(format!("{left:?} compared with {right:?}")),
    };
    if let (Some(Value::String(_)), Some(Value::String(_))) = (left, right) {
        return Err(format!("{left:?} compared with {right:?}"));
    }
    Ok(match (number(left)?, number(right)?) {
        (Some(left), Some(right)) => left.partial_cmp(&right),
        _ => None,
    })
}
