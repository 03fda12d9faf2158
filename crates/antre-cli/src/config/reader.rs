//! Reading one option after the other, keeping every fault.

use std::time::Duration;

use antre_core::{Mode, duration_text};

use super::fault::{Faults, Origin};
use super::option::Setting;
use super::value::{Entries, Entry, Value};

/// Reads options from layers, the first that has one counts.
pub(crate) struct Reader<'a> {
    layers: Vec<&'a Entries>,
    /// Stands in front of the options' names in messages, as in `accounts.default.`.
    prefix: String,
    /// The mode of the key for which it is read: a live one is held to narrower ranges.
    pub(crate) mode: Mode,
    /// Options whose values mean nothing.
    faulty: Vec<&'static str>,
    pub(crate) faults: &'a mut Faults,
}

impl<'a> Reader<'a> {
    pub(crate) fn new(
        layers: impl IntoIterator<Item = &'a Entries>,
        prefix: String,
        faults: &'a mut Faults,
    ) -> Self {
        let layers = layers.into_iter().collect();
        Self { layers, prefix, mode: Mode::Unknown, faulty: Vec::new(), faults }
    }

    /// Returns what was written for an option, if anything.
    pub(crate) fn written(&self, setting: &Setting) -> Option<&'a Entry> {
        self.layers.iter().find_map(|layer| layer.get(setting.name))
    }

    /// Returns where an option was written.
    pub(crate) fn origin(&self, setting: &Setting) -> Origin {
        self.written(setting).map_or(Origin::Nowhere, |entry| entry.origin.clone())
    }

    /// Adds a fault of this option.
    pub(crate) fn fault(&mut self, setting: &Setting, message: impl Into<String>) {
        let origin = self.origin(setting);
        self.faulty.push(setting.name);
        self.faults.add(origin, &self.named(setting.name), message);
    }

    /// Returns an option's name as messages show it.
    pub(crate) fn named(&self, option: &str) -> String {
        format!("{}{option}", self.prefix)
    }

    /// Returns whether nothing is wrong with these options so far, so that rules over them make sense.
    pub(crate) fn are_sound(&self, settings: &[&Setting]) -> bool {
        settings.iter().all(|setting| !self.faulty.contains(&setting.name))
    }

    /// Returns an option's value, or its default. After a fault it is the type's own default, which
    /// nobody sees, because the faults end the program.
    pub(crate) fn read<T: Default>(
        &mut self,
        setting: &Setting,
        parse: impl Fn(&Value) -> Result<T, String>,
    ) -> T {
        let default = Value::Text(setting.default.to_owned());
        let value = self.written(setting).map_or(&default, |entry| &entry.value);
        parse(value).unwrap_or_else(|message| {
            self.fault(setting, message);
            T::default()
        })
    }

    /// Returns an option's value if it was written at all.
    pub(crate) fn read_written<T>(
        &mut self,
        setting: &Setting,
        parse: impl Fn(&Value) -> Result<T, String>,
    ) -> Option<T> {
        let entry = self.written(setting)?;
        parse(&entry.value).map_err(|message| self.fault(setting, message)).ok()
    }

    /// Reads one time within its range.
    pub(crate) fn duration(&mut self, setting: &Setting) -> Duration {
        let mode = self.mode;
        self.read(setting, |value| setting.check_time(parse_duration(value.text()?)?, mode))
    }

    /// Reads a whole number within its range.
    pub(crate) fn number(&mut self, setting: &Setting) -> u32 {
        self.read(setting, |value| setting.check_number(value.number(), value.as_written()))
    }

    /// Reads one of the option's words.
    pub(crate) fn word<T: Default>(
        &mut self,
        setting: &Setting,
        meaning: impl Fn(&str) -> Option<T>,
    ) -> T {
        self.read(setting, |value| {
            let word = value.word()?;
            meaning(&word).ok_or_else(|| setting.refusal_of_word(&word))
        })
    }

    pub(crate) fn text(&mut self, setting: &Setting) -> String {
        self.read(setting, |value| value.text().map(|text| text.trim().to_owned()))
    }

    /// Reads a text whose type says in its error what is wrong.
    pub(crate) fn parsed<T>(&mut self, setting: &Setting) -> T
    where
        T: Default + std::str::FromStr<Err: std::fmt::Display>,
    {
        self.read(setting, |value| {
            let text = value.text()?.trim();
            text.parse().map_err(|error| format!("{text:?} {error}"))
        })
    }
}

pub(crate) fn parse_duration(text: &str) -> Result<Duration, String> {
    duration_text::parse(text).map_err(|error| format!("{text:?} {error}"))
}
