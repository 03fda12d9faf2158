//! The process's environment; nothing else in Antre reads it.

use std::collections::BTreeMap;

use super::fault::{Faults, Origin};
use super::setting::{
    self, ACCOUNT, DEFAULT_KEY_VARIABLE, HTTP_TOKEN_VARIABLE, LOG_VARIABLE, PROCESS, Setting,
};
use super::value::{Entries, Entry, Value};

const PREFIX: &str = "ANTRE_";

/// Variables and their values, which may be secret.
#[derive(Default)]
pub(crate) struct Environment(BTreeMap<String, String>);

impl Environment {
    /// Returns the environment of this process. Names and values that are no Unicode are left out.
    pub(crate) fn of_process() -> Self {
        let pairs = std::env::vars_os();
        pairs
            .filter_map(|(name, value)| Some((name.into_string().ok()?, value.into_string().ok()?)))
            .collect()
    }

    /// Returns a variable that is there and not empty.
    pub(crate) fn get(&self, name: &str) -> Option<&str> {
        self.0.get(name).map(String::as_str).filter(|value| !value.trim().is_empty())
    }

    /// Returns the names that could make another program of ours behave differently.
    pub(crate) fn names_of_settings(&self) -> impl Iterator<Item = &str> {
        let is_ours = |name: &&str| {
            name.starts_with(PREFIX) || name.starts_with("XENDIT") || *name == "REDIS_URL"
        };
        self.0.keys().map(String::as_str).filter(is_ours)
    }

    /// Returns what the variables say of these options.
    pub(crate) fn entries(&self, settings: &[&'static Setting]) -> Entries {
        let entry = |setting: &&'static Setting| {
            let variables = [Some(setting.variable), setting.fallback];
            let found =
                variables.into_iter().flatten().find_map(|name| Some((name, self.get(name)?)));
            let (variable, value) = found?;
            let origin = Origin::Variable(variable.into());
            Some((setting.name.to_owned(), Entry { value: Value::Text(value.to_owned()), origin }))
        };
        settings.iter().filter_map(entry).collect()
    }

    /// Adds a fault for each variable that looks like one of ours and is none, and returns those that do
    /// not even look like one: some systems set variables of their own for a service of this name.
    pub(crate) fn examine(&self, faults: &mut Faults) -> Vec<String> {
        let settings = PROCESS.iter().chain(&ACCOUNT).map(|setting| setting.variable);
        let known: Vec<_> = settings.chain([HTTP_TOKEN_VARIABLE, LOG_VARIABLE]).collect();
        let bare = |name: &'static str| name.trim_start_matches(PREFIX);
        let mut strangers = Vec::new();
        for name in self.0.keys().filter(|name| name.starts_with(PREFIX)) {
            if known.contains(&name.as_str()) || self.get(name).is_none() {
                continue;
            }
            let origin = Origin::Variable(name.as_str().into());
            let rest = name.trim_start_matches(PREFIX);
            if rest == setting::SECRET_KEY_FILE.name.trim_end_matches("_file").to_uppercase() {
                let message = format!("is not a variable; did you mean {DEFAULT_KEY_VARIABLE}?");
                faults.add(origin, "", message);
            } else if let Some(nearest) =
                setting::nearest(rest, known.iter().map(|name| bare(name)))
            {
                let message = format!("is not a variable; did you mean {PREFIX}{nearest}?");
                faults.add(origin, "", message);
            } else {
                strangers.push(name.clone());
            }
        }
        strangers
    }
}

impl FromIterator<(String, String)> for Environment {
    fn from_iter<T: IntoIterator<Item = (String, String)>>(pairs: T) -> Self {
        Self(pairs.into_iter().collect())
    }
}
