//! Reading replies whose shape Redis leaves open.

use std::{collections::HashMap, str::FromStr};

use redis::{FromRedisValue, Value};

use crate::StoreError;

/// The longest word that a script replies is shorter.
const WORD_BYTES_MAX: usize = 24;

/// A script's reply: a word, then what belongs to it.
pub(crate) struct Reply {
    what: &'static str,
    items: std::vec::IntoIter<Value>,
}

impl Reply {
    pub(crate) fn new(what: &'static str, items: Vec<Value>) -> Self {
        Self { what, items: items.into_iter() }
    }

    pub(crate) fn next<T: FromRedisValue>(&mut self) -> Result<T, StoreError> {
        let value = self.items.next().ok_or_else(|| self.fault("it is too short"))?;
        // The library's own text repeats the value.
        T::from_redis_value(value).map_err(|_error| self.fault(expected::<T>()))
    }

    pub(crate) fn parse<T: FromStr>(&mut self) -> Result<T, StoreError> {
        let text: String = self.next()?;
        text.parse().map_err(|_error| self.fault(expected::<T>()))
    }

    /// Returns the next word as the value that it names.
    pub(crate) fn word<T: FromStr>(&mut self) -> Result<T, StoreError> {
        let word: String = self.next()?;
        word.parse().map_err(|_error| self.unexpected(&word))
    }

    /// Returns the fault that `word` is none that this version knows. What is no word of a script is not
    /// repeated: it may be anything.
    pub(crate) fn unexpected(&self, word: &str) -> StoreError {
        self.fault(unexpected(word))
    }

    pub(crate) fn fault(&self, detail: impl Into<String>) -> StoreError {
        StoreError::reply(self.what, detail)
    }
}

/// Describes a word that this version does not know, without repeating what is no word of a script.
pub(crate) fn unexpected(word: &str) -> String {
    let is_word = word.len() <= WORD_BYTES_MAX
        && word.bytes().all(|byte| byte.is_ascii_lowercase() || byte == b'_');
    if is_word { format!("unexpected `{word}`") } else { "an unexpected word".to_owned() }
}

fn expected<T>() -> String {
    format!("an item is no {}", std::any::type_name::<T>())
}

/// A hash of Redis with texts as fields and values.
pub(crate) type Fields = HashMap<String, String>;

/// Returns fields and values; what is no text is read as well as it goes, because others may write it.
pub(crate) fn pairs(flat: Value) -> Option<Fields> {
    let texts: Vec<Vec<u8>> = redis::from_redis_value(flat).ok()?;
    let mut texts = texts.iter().map(|bytes| String::from_utf8_lossy(bytes).into_owned());
    Some(std::iter::from_fn(|| Some((texts.next()?, texts.next()?))).collect())
}

/// Returns the number in `field`, or the default of `T` when it is absent, empty or no number.
pub(crate) fn number<T: FromStr + Default>(fields: &Fields, field: &str) -> T {
    fields.get(field).and_then(|text| text.parse().ok()).unwrap_or_default()
}

/// Returns the text in `field` unless it is absent or empty.
pub(crate) fn text(fields: &Fields, field: &str) -> Option<String> {
    fields.get(field).filter(|text| !text.is_empty()).cloned()
}

/// Returns the value in `field`, unless it is absent, empty or none.
pub(crate) fn optional<T: FromStr>(fields: &Fields, field: &str) -> Option<T> {
    fields.get(field).and_then(|text| text.parse().ok())
}

/// Returns whether `field` holds anything: scripts write `1` or nothing.
pub(crate) fn flag(fields: &Fields, field: &str) -> bool {
    fields.get(field).is_some_and(|text| !text.is_empty())
}
