//! Reading replies whose shape Redis leaves open.

use std::{collections::HashMap, str::FromStr};

use redis::{FromRedisValue, Value};

use crate::StoreError;

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
        T::from_redis_value(value).map_err(|error| self.fault(error.to_string()))
    }

    pub(crate) fn parse<T: FromStr>(&mut self) -> Result<T, StoreError> {
        let text: String = self.next()?;
        text.parse().map_err(|_error| self.fault(format!("unexpected `{text}`")))
    }

    pub(crate) fn rest(self) -> Vec<Value> {
        self.items.collect()
    }

    pub(crate) fn fault(&self, detail: impl Into<String>) -> StoreError {
        StoreError::reply(self.what, detail)
    }
}

/// A hash of Redis with texts as fields and values.
pub(crate) type Fields = HashMap<String, String>;

/// Returns the number in `field`, or the default of `T` when it is absent, empty or no number.
pub(crate) fn number<T: FromStr + Default>(fields: &Fields, field: &str) -> T {
    fields.get(field).and_then(|text| text.parse().ok()).unwrap_or_default()
}

/// Returns the text in `field` unless it is absent or empty.
pub(crate) fn text(fields: &Fields, field: &str) -> Option<String> {
    fields.get(field).filter(|text| !text.is_empty()).cloned()
}
