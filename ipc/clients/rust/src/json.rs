//! Members of an answer by their type; what is missing or of another type reads as nothing, as later brokers may say
//! more than this version knows.

use serde_json::{Map, Value};

use crate::secret::{wipe_text, Secret};

pub(crate) type Object = Map<String, Value>;

pub(crate) fn text(object: &Object, name: &str) -> String {
    optional_text(object, name).unwrap_or_default()
}

pub(crate) fn optional_text(object: &Object, name: &str) -> Option<String> {
    object.get(name).and_then(Value::as_str).map(str::to_owned)
}

/// Moves the text out, so that no copy of it stays in the answer.
pub(crate) fn take_secret(object: &mut Object, name: &str) -> Option<Secret> {
    match object.get_mut(name).map(Value::take) {
        Some(Value::String(text)) => Some(Secret::new(text)),
        _ => None,
    }
}

pub(crate) fn flag(object: &Object, name: &str) -> bool {
    object.get(name).and_then(Value::as_bool).unwrap_or(false)
}

pub(crate) fn time(object: &Object, name: &str) -> Option<i64> {
    object.get(name).and_then(Value::as_i64)
}

pub(crate) fn count(object: &Object, name: &str) -> u64 {
    object.get(name).and_then(Value::as_u64).unwrap_or(0)
}

pub(crate) fn texts(object: &Object, name: &str) -> Vec<String> {
    items(object, name).filter_map(Value::as_str).map(str::to_owned).collect()
}

pub(crate) fn objects<'a>(object: &'a Object, name: &str) -> impl Iterator<Item = &'a Object> {
    items(object, name).filter_map(Value::as_object)
}

/// The objects of a list, taken out of the answer.
pub(crate) fn take_objects(object: &mut Object, name: &str) -> Vec<Object> {
    match object.get_mut(name).map(Value::take) {
        Some(Value::Array(list)) => list.into_iter().filter_map(into_object).collect(),
        _ => Vec::new(),
    }
}

fn into_object(value: Value) -> Option<Object> {
    match value {
        Value::Object(object) => Some(object),
        _ => None,
    }
}

fn items<'a>(object: &'a Object, name: &str) -> impl Iterator<Item = &'a Value> {
    object.get(name).and_then(Value::as_array).into_iter().flatten()
}

/// Overwrites every text below the value.
pub(crate) fn wipe(value: &mut Value) {
    match value {
        Value::String(text) => wipe_text(text),
        Value::Array(list) => list.iter_mut().for_each(wipe),
        Value::Object(object) => object.values_mut().for_each(wipe),
        _ => {}
    }
}

/// Adds a parameter unless it was left out.
pub(crate) fn put(params: &mut Object, name: &str, value: &Option<String>) {
    if let Some(text) = value {
        params.insert(name.to_owned(), text.clone().into());
    }
}

/// Adds a parameter unless it is false, which is what leaving it out means.
pub(crate) fn put_flag(params: &mut Object, name: &str, value: bool) {
    if value {
        params.insert(name.to_owned(), true.into());
    }
}

/// Adds a list unless it is empty, which is what leaving it out means.
pub(crate) fn put_list(params: &mut Object, name: &str, list: &[String]) {
    if !list.is_empty() {
        params.insert(name.to_owned(), list.to_vec().into());
    }
}
