//! The process's environment; nothing else in Antre reads it.

use std::collections::BTreeMap;

use super::fault::{Faults, Origin};
use super::option::Setting;
use super::options::{
    self, ACCOUNT, DEFAULT_KEY_VARIABLE, HTTP_TOKEN_VARIABLE, LOG_VARIABLE, PROCESS,
};
use super::service_variables::is_of_a_service;
use super::value::{Entries, Entry, Value};

const PREFIX: &str = "ANTRE_";
/// What people call an option, without [`PREFIX`] and the provider's name, and its variable.
const SYNONYMS: [(&str, &str); 19] = [
    ("API_KEY", DEFAULT_KEY_VARIABLE),
    ("KEY", DEFAULT_KEY_VARIABLE),
    ("SECRET_KEY", DEFAULT_KEY_VARIABLE),
    ("BASE_URL", "ANTRE_BASE_URL"),
    ("GATEWAY", "ANTRE_GATEWAY_LISTEN"),
    ("HTTP", "ANTRE_HTTP_LISTEN"),
    ("HTTP_ADDR", "ANTRE_HTTP_LISTEN"),
    ("HTTP_ADDRESS", "ANTRE_HTTP_LISTEN"),
    ("HTTP_BIND", "ANTRE_HTTP_LISTEN"),
    ("HTTP_PORT", "ANTRE_HTTP_LISTEN"),
    ("LISTEN", "ANTRE_HTTP_LISTEN"),
    ("LOG_LEVEL", LOG_VARIABLE),
    ("RATE", "ANTRE_LIMITS"),
    ("RATE_LIMIT", "ANTRE_LIMITS"),
    ("RATE_LIMITS", "ANTRE_LIMITS"),
    ("REDIS", "ANTRE_REDIS_URL"),
    ("REDIS_ADDR", "ANTRE_REDIS_URL"),
    ("REDIS_HOST", "ANTRE_REDIS_URL"),
    ("TOKEN", HTTP_TOKEN_VARIABLE),
];

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

    /// Returns a variable that is there, not empty, and not in quotation marks: [`Environment::examine`] refuses
    /// those.
    pub(crate) fn get_plain(&self, name: &str) -> Option<&str> {
        self.get(name).filter(|value| !is_quoted(value))
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
            let found = variables
                .into_iter()
                .flatten()
                .find_map(|name| Some((name, self.get_plain(name)?)));
            let (variable, value) = found?;
            let origin = Origin::Variable(variable.into());
            Some((setting.name.to_owned(), Entry { value: Value::Text(value.to_owned()), origin }))
        };
        settings.iter().filter_map(entry).collect()
    }

    /// Adds a fault for each variable that looks like a mistyped one of ours and for each value in quotation marks,
    /// and returns those that begin like ours and look like none. What was set for a Service is left out, and so are `key_variables`,
    /// which the configuration names.
    pub(crate) fn examine(&self, key_variables: &[String], faults: &mut Faults) -> Vec<String> {
        let known = known_variables();
        let fallbacks: Vec<&str> = settings().filter_map(|setting| setting.fallback).collect();
        let mut strangers = Vec::new();
        for (name, value) in &self.0 {
            if is_quoted(value)
                && (known.contains(&name.as_str()) || fallbacks.contains(&name.as_str()))
            {
                let message = "stands in quotation marks; write it without them (docker's --env-file, for one, \
                               passes them on)";
                faults.add(Origin::Variable(name.as_str().into()), "", message);
            }
            let is_known = known.contains(&name.as_str()) || key_variables.contains(name);
            if is_known || value.trim().is_empty() || is_of_a_service(name, value) {
                continue;
            }
            if let Some(right) = right_name(name, &known) {
                let message = format!("is not a variable; did you mean {right}?");
                faults.add(Origin::Variable(name.as_str().into()), "", message);
            } else if name.starts_with(PREFIX) {
                strangers.push(name.clone());
            }
        }
        strangers
    }
}

fn settings() -> impl Iterator<Item = &'static Setting> {
    PROCESS.into_iter().chain(ACCOUNT)
}

/// Returns all variables of ours that begin with [`PREFIX`].
fn known_variables() -> Vec<&'static str> {
    settings().map(|setting| setting.variable).chain([HTTP_TOKEN_VARIABLE, LOG_VARIABLE]).collect()
}

/// Returns the variable that somebody meant who wrote `name`, if that can be told.
fn right_name(name: &str, known: &[&'static str]) -> Option<String> {
    let Some(rest) = name.strip_prefix(PREFIX) else {
        // Other programs' variables are theirs, unless one is ours but for a letter or for its case.
        let capitals = name.to_uppercase().replace('-', "_");
        let is_near = |known: &&&str| strsim::osa_distance(&capitals, known) <= 1;
        return known.iter().find(is_near).map(|known| (*known).to_owned());
    };
    let capitals = rest.to_uppercase().replace('-', "_");
    let plain = capitals.strip_prefix("XENDIT_").unwrap_or(&capitals);
    let synonym = SYNONYMS.iter().find(|(name, _)| *name == plain);
    if let Some((_, variable)) = synonym {
        return Some((*variable).to_owned());
    }
    let bare = known.iter().map(|name| name.trim_start_matches(PREFIX));
    options::nearest(rest, bare).map(|nearest| format!("{PREFIX}{nearest}"))
}

impl FromIterator<(String, String)> for Environment {
    fn from_iter<T: IntoIterator<Item = (String, String)>>(pairs: T) -> Self {
        Self(pairs.into_iter().collect())
    }
}

/// Returns whether quotation marks stand around a value: a shell takes them off, a file of variables may not.
fn is_quoted(value: &str) -> bool {
    let value = value.trim();
    ['"', '\'']
        .iter()
        .any(|mark| value.len() > 1 && value.starts_with(*mark) && value.ends_with(*mark))
}
