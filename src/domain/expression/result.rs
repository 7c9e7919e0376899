//! Between the engine's values and JSON: bounded in length and depth, and nothing that JSON cannot say.

use minijinja::Value;
use minijinja::value::ValueKind;
use serde_json::{Map, Number, Value as Json};

use super::error::{ExpressionError, Wrong};
use super::{MAX_DEPTH, MAX_RESULT};

/// What a value is, as the catalogue's sentences tell it apart.
fn name_of(kind: ValueKind) -> &'static str {
    match kind {
        ValueKind::Undefined => "undefined",
        ValueKind::None => "none",
        ValueKind::Bool => "boolean",
        ValueKind::Number => "number",
        ValueKind::String => "text",
        ValueKind::Seq | ValueKind::Iterable => "list",
        ValueKind::Map => "map",
        _ => "other",
    }
}

/// The same of JSON.
pub(super) fn kind_of(value: &Json) -> &'static str {
    name_of(match value {
        Json::Null => ValueKind::None,
        Json::Bool(_) => ValueKind::Bool,
        Json::Number(_) => ValueKind::Number,
        Json::String(_) => ValueKind::String,
        Json::Array(_) => ValueKind::Seq,
        Json::Object(_) => ValueKind::Map,
    })
}

/// The error for a value of the wrong kind: what it says itself, if it is an error.
pub(super) fn wrong_kind(value: &Value, kind: ValueKind, wrong: fn(&'static str) -> Wrong) -> ExpressionError {
    // The engine hands an error on as a value where nobody looked at it.
    match (kind, value.try_iter()) {
        (ValueKind::Invalid, Err(error)) => ExpressionError::of_engine(&error, ""),
        _ => wrong(name_of(kind)).into(),
    }
}

pub(super) fn to_json(value: &Value) -> Result<Json, ExpressionError> {
    let mut left = MAX_RESULT;
    json_within(value, MAX_DEPTH, &mut left)
}

fn spend(left: &mut usize, bytes: usize) -> Result<(), ExpressionError> {
    *left = left.checked_sub(bytes).ok_or(Wrong::TooMuch)?;
    Ok(())
}

fn json_within(value: &Value, depth: usize, left: &mut usize) -> Result<Json, ExpressionError> {
    let kind = value.kind();
    match kind {
        ValueKind::None => spend(left, 4).map(|()| Json::Null),
        ValueKind::Bool => spend(left, 5).map(|()| Json::Bool(value.is_true())),
        ValueKind::Number => {
            let number = number(value).ok_or(Wrong::NotJson("large-number"))?;
            spend(left, number.to_string().len())?;
            Ok(Json::Number(number))
        }
        ValueKind::String => text(value, left).map(Json::String),
        ValueKind::Seq | ValueKind::Iterable | ValueKind::Map if depth == 0 => Err(Wrong::TooDeep.into()),
        ValueKind::Seq | ValueKind::Iterable => {
            let mut list = Vec::new();
            for item in value.try_iter().map_err(|e| ExpressionError::of_engine(&e, ""))? {
                spend(left, 1)?;
                list.push(json_within(&item, depth - 1, left)?);
            }
            spend(left, 2).map(|()| Json::Array(list))
        }
        ValueKind::Map => {
            let mut map = Map::new();
            for key in value.try_iter().map_err(|e| ExpressionError::of_engine(&e, ""))? {
                if key.kind() != ValueKind::String {
                    return Err(Wrong::NotJson("names").into());
                }
                let item = value.get_item(&key).map_err(|e| ExpressionError::of_engine(&e, ""))?;
                spend(left, 2)?;
                map.insert(text(&key, left)?, json_within(&item, depth - 1, left)?);
            }
            spend(left, 2).map(|()| Json::Object(map))
        }
        _ => Err(wrong_kind(value, kind, Wrong::NotJson)),
    }
}

/// Text, counted as JSON writes it.
fn text(value: &Value, left: &mut usize) -> Result<String, ExpressionError> {
    let text = value.as_str().unwrap_or_default();
    // Before it is written out: escaped, it only grows.
    if text.len() > *left {
        return Err(Wrong::TooMuch.into());
    }
    spend(left, Json::from(text).to_string().len())?;
    Ok(text.to_owned())
}

fn number(value: &Value) -> Option<Number> {
    if value.is_integer() {
        return i64::try_from(value.clone())
            .map(Number::from)
            .or_else(|_| u64::try_from(value.clone()).map(Number::from))
            .ok();
    }
    f64::try_from(value.clone()).ok().and_then(Number::from_f64)
}

/// JSON as an expression sees it.
pub(super) fn from_json(json: &Json) -> Value {
    match json {
        Json::Null => Value::from(()),
        Json::Bool(b) => Value::from(*b),
        Json::Number(n) => match (n.as_i64(), n.as_u64()) {
            (Some(n), _) => Value::from(n),
            (None, Some(n)) => Value::from(n),
            (None, None) => Value::from(n.as_f64().unwrap_or_default()),
        },
        Json::String(text) => Value::from(text),
        Json::Array(list) => list.iter().map(from_json).collect(),
        Json::Object(map) => map_from_json(map),
    }
}

pub(super) fn map_from_json(map: &Map<String, Json>) -> Value {
    Value::from_pairs(map.iter().map(|(name, v)| (name.clone(), from_json(v))))
}
