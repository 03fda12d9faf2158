//! The configuration: `antre.toml`, the environment, the command line, and defaults.
//!
//! Variables count more than the file, the command line more than both. All faults are found at once
//! and end the program with code 64. Secrets come from variables and files of their own only.

mod account;
mod accounts;
mod document;
mod environment;
mod fault;
mod gateway;
mod http;
mod option;
pub(crate) mod options;
mod reader;
mod redis;
mod redis_url;
mod remark;
mod secret;
mod service_variables;
#[cfg(test)]
mod tests;
mod value;

use std::io::ErrorKind;
use std::path::PathBuf;
use std::time::Duration;

use antre_core::Mode;
use antre_worker::Durability;

pub(crate) use self::account::Account;
use self::document::Document;
pub(crate) use self::environment::Environment;
pub(crate) use self::fault::{Faults, Origin};
pub(crate) use self::gateway::Gateway;
pub(crate) use self::http::{Http, MetricsAccess};
pub(crate) use self::option::Setting;
use self::options::{LOG_VARIABLE, LOG_VARIABLE_FALLBACK, PROCESS};
use self::reader::Reader;
pub(crate) use self::redis::RedisAccess;
use self::value::{Entries, Entry, Value};

/// The files that are read when none is named: the first one that is there.
pub(crate) const USUAL_FILES: [&str; 2] = ["antre.toml", "/etc/antre/antre.toml"];
const LOG_DEFAULT: &str = "info";

/// Where the configuration comes from.
#[derive(Default)]
pub(crate) struct Sources {
    /// `--config`; a missing file is a fault then.
    pub(crate) file: Option<PathBuf>,
    /// The first one that is there is read when `file` names none; [`USUAL_FILES`] but in tests.
    pub(crate) usual_files: Vec<PathBuf>,
    /// `--redis-url`.
    pub(crate) redis_url: Option<String>,
    pub(crate) environment: Environment,
}

/// What the configuration is read for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Purpose {
    /// Talking to Redis only: keys are neither needed nor looked for.
    Queue,
    /// Answering over HTTP only: the token is needed, keys are not.
    Http,
    /// Serving the gateway only: the keys of callers are needed, the accounts' are not.
    Gateway,
    /// Serving accounts: every account needs its key.
    Serving,
}

/// How lines of the log look.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) enum LogFormat {
    #[default]
    Text,
    Json,
}

/// Everything that is configured.
#[derive(Clone, Debug)]
pub(crate) struct Config {
    pub(crate) redis: RedisAccess,
    pub(crate) http: Http,
    pub(crate) gateway: Gateway,
    pub(crate) durability: Durability,
    pub(crate) grace: Duration,
    pub(crate) log_format: LogFormat,
    pub(crate) log_filter: String,
    pub(crate) accounts: Vec<Account>,
    /// What is not wrong and yet worth saying.
    pub(crate) remarks: Vec<String>,
}

/// Returns the configuration.
///
/// # Errors
/// All [`Faults`] at once.
pub(crate) fn load(sources: &Sources, purpose: Purpose) -> Result<Config, Faults> {
    let (config, faults) = examine(sources, purpose);
    if faults.0.is_empty() { Ok(config) } else { Err(faults) }
}

/// Returns what can be made of the configuration, and all that is wrong with it.
pub(crate) fn examine(sources: &Sources, purpose: Purpose) -> (Config, Faults) {
    let mut faults = Faults::default();
    let document = read_document(sources, &mut faults);
    let key_variables = document.key_variables(&sources.environment);
    let strangers = sources.environment.examine(&key_variables, &mut faults);
    let mut accounts = accounts::read(&document, &sources.environment, purpose, &mut faults);
    let mut config = read_process(sources, &document, purpose, &accounts, &mut faults);
    let written = (&document, &sources.environment);
    gateway::add_callers(&config.gateway, written, purpose, &mut accounts, &mut faults);
    let strange = strangers.iter().map(|name| remark::about_stranger(name));
    let proxies = remark::about_proxies(&sources.environment);
    let authority = remark::about_certificates(&config.redis);
    let of_accounts = accounts.iter().filter_map(remark::about);
    config.remarks = strange.chain(proxies).chain(authority).chain(of_accounts).collect();
    config.accounts = accounts;
    (config, faults.once_each())
}

fn read_document(sources: &Sources, faults: &mut Faults) -> Document {
    let named = sources.file.as_ref().map(std::slice::from_ref);
    for path in named.unwrap_or(&sources.usual_files) {
        match std::fs::read_to_string(path) {
            Ok(text) => return document::read(&path.display().to_string(), &text, faults),
            Err(error) if error.kind() == ErrorKind::NotFound && named.is_none() => {}
            Err(error) => {
                let message = format!("{} cannot be read: {error}", path.display());
                faults.add(Origin::Argument("--config"), "", message);
                break;
            }
        }
    }
    Document::default()
}

fn read_process(
    sources: &Sources,
    document: &Document,
    purpose: Purpose,
    accounts: &[Account],
    faults: &mut Faults,
) -> Config {
    let environment = sources.environment.entries(&PROCESS);
    let argument: Entries = sources
        .redis_url
        .iter()
        .map(|url| {
            let origin = Origin::Argument("--redis-url");
            (options::REDIS_URL.name.to_owned(), Entry { value: Value::Text(url.clone()), origin })
        })
        .collect();
    let mut reader = Reader::new([&argument, &environment, &document.top], String::new(), faults);
    if accounts.iter().any(|account| account.mode() == Mode::Live) {
        reader.mode = Mode::Live;
    }
    let http = http::read(&sources.environment, purpose, &mut reader);
    Config {
        redis: redis::read(&mut reader),
        gateway: gateway::read(&http, &mut reader),
        http,
        durability: reader.word(&options::DURABILITY, durability),
        grace: reader.duration(&options::GRACE),
        log_format: reader.word(&options::LOG_FORMAT, |word| match word {
            "text" => Some(LogFormat::Text),
            "json" => Some(LogFormat::Json),
            _ => None,
        }),
        log_filter: log_filter(&sources.environment, reader.faults),
        accounts: Vec::new(),
        remarks: Vec::new(),
    }
}

/// Returns when a claim counts as kept.
fn durability(word: &str) -> Option<Durability> {
    match word {
        "auto" => Some(Durability::Auto),
        "local" => Some(Durability::Local),
        "replicated" => Some(Durability::Replicated),
        _ => None,
    }
}

fn log_filter(environment: &Environment, faults: &mut Faults) -> String {
    let variables = [LOG_VARIABLE, LOG_VARIABLE_FALLBACK];
    let found = variables.into_iter().find_map(|name| Some((name, environment.get_plain(name)?)));
    let Some((name, filter)) = found else { return LOG_DEFAULT.to_owned() };
    let fault = match tracing_subscriber::EnvFilter::try_new(filter) {
        Err(error) => Some(format!("is no log filter: {error}")),
        // Other programs' words may stand in the variable that they share.
        Ok(_) if name == LOG_VARIABLE => unknown_level(filter),
        Ok(_) => None,
    };
    if let Some(fault) = fault {
        let message = format!("{fault}; write info or antre_worker=debug,warn");
        faults.add(Origin::Variable(name.into()), "", message);
    }
    filter.to_owned()
}

/// Returns what is wrong with a word that is no level: it would be taken for a part of a program, and all else be
/// silent.
fn unknown_level(filter: &str) -> Option<String> {
    let is_meant = |word: &&str| {
        let is_part = word.contains(['=', '[']) || word.starts_with("antre");
        word.is_empty()
            || is_part
            || word.parse::<tracing_subscriber::filter::LevelFilter>().is_ok()
    };
    let word = filter.split(',').map(str::trim).find(|word| !is_meant(word))?;
    Some(format!("holds {word:?}, which is none of off, error, warn, info, debug and trace"))
}
