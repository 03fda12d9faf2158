//! Values as they were written, before anybody says what they mean.

use std::collections::BTreeMap;

use super::fault::Origin;

/// One written value.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Value {
    /// A text; everything that a variable holds is one.
    Text(String),
    /// A whole number, as it was written.
    Number(String),
    /// `true` or `false`.
    Truth(bool),
    /// A list.
    List(Vec<Value>),
    /// Something that no option takes; says what.
    Other(&'static str),
}

/// A value and where it was written.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Entry {
    pub(crate) value: Value,
    pub(crate) origin: Origin,
}

/// Values by option name.
pub(crate) type Entries = BTreeMap<String, Entry>;

impl Value {
    /// Returns the one text that was written.
    pub(crate) fn text(&self) -> Result<&str, String> {
        match self {
            Self::Text(text) => Ok(text),
            Self::Number(_) | Self::Truth(_) | Self::List(_) | Self::Other(_) => {
                Err(format!("is {}; write a text in quotation marks", self.kind()))
            }
        }
    }

    /// Returns the one word that was written, in small letters.
    pub(crate) fn word(&self) -> Result<String, String> {
        Ok(self.text()?.trim().to_ascii_lowercase())
    }

    /// Returns the texts of a list, or of one text with commas.
    pub(crate) fn texts(&self) -> Result<Vec<&str>, String> {
        match self {
            Self::List(items) => items.iter().map(Self::text).collect(),
            Self::Text(text) if text.trim().is_empty() => Ok(Vec::new()),
            Self::Text(text) => Ok(text.split(',').map(str::trim).collect()),
            Self::Number(_) | Self::Truth(_) | Self::Other(_) => {
                Err(format!("is {}; write a list of texts", self.kind()))
            }
        }
    }

    /// Returns the whole number that was written, if it is one.
    pub(crate) fn number(&self) -> Option<u32> {
        self.as_written().parse().ok()
    }

    /// Returns a text or number as it was written, else what it is.
    pub(crate) fn as_written(&self) -> &str {
        match self {
            Self::Text(text) | Self::Number(text) => text.trim(),
            Self::Truth(_) | Self::List(_) | Self::Other(_) => self.kind(),
        }
    }

    /// Returns whether it says yes.
    pub(crate) fn truth(&self) -> Result<bool, String> {
        if let Self::Truth(truth) = self {
            return Ok(*truth);
        }
        match self.word().unwrap_or_default().as_str() {
            "true" | "1" | "yes" | "on" => Ok(true),
            "false" | "0" | "no" | "off" => Ok(false),
            _ => Err("is neither true nor false".to_owned()),
        }
    }

    const fn kind(&self) -> &'static str {
        match self {
            Self::Text(_) => "a text",
            Self::Number(_) => "a number",
            Self::Truth(_) => "true or false",
            Self::List(_) => "a list",
            Self::Other(kind) => kind,
        }
    }
}
