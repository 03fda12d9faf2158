//! What the program is told: `antre.toml`, the environment, the command line, and defaults.
//!
//! Variables count more than the file, the command line more than both. All faults are found at once
//! and end the program with code 64. Secrets come from variables and files of their own only.

mod account;
mod document;
mod environment;
mod fault;
mod reader;
mod secret;
mod setting;
#[cfg(test)]
mod tests;
mod value;

use std::net::SocketAddr;
use std::path::PathBuf;
use std::time::Duration;

use antre_protocol::AccountName;
use antre_store::Redis;
use antre_worker::Durability;
use antre_xendit::SecretKey;

pub(crate) use self::account::Account;
use self::document::Document;
pub(crate) use self::environment::Environment;
pub(crate) use self::fault::{Faults, Origin};
use self::reader::Reader;
use self::setting::{ACCOUNT, HTTP_TOKEN_VARIABLE, LOG_VARIABLE, LOG_VARIABLE_FALLBACK, PROCESS};
use self::value::{Entries, Entry, Value};

/// The file that is read when none is named.
const FILE: &str = "antre.toml";
const LOG_DEFAULT: &str = "info";

/// Where the configuration comes from.
#[derive(Default)]
pub(crate) struct Sources {
    /// `--config`; a missing file is a fault then.
    pub(crate) file: Option<PathBuf>,
    /// `--redis-url`.
    pub(crate) redis_url: Option<String>,
    pub(crate) environment: Environment,
}

/// What the configuration is read for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Purpose {
    /// Talking to Redis only: keys are neither needed nor looked for.
    Queue,
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
    pub(crate) redis_url: String,
    pub(crate) http: Http,
    pub(crate) durability: Durability,
    pub(crate) grace: Duration,
    pub(crate) log_format: LogFormat,
    pub(crate) log_filter: String,
    pub(crate) accounts: Vec<Account>,
    /// What is not wrong and yet worth saying.
    pub(crate) remarks: Vec<String>,
}

/// How HTTP is served.
#[derive(Clone, Default)]
pub(crate) struct Http {
    /// Absent: not at all.
    pub(crate) listen: Option<SocketAddr>,
    pub(crate) token: Option<String>,
    /// Names that `Host` may have besides loopback's.
    pub(crate) hosts: Vec<String>,
}

impl std::fmt::Debug for Http {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Http").field("listen", &self.listen).finish_non_exhaustive()
    }
}

/// Returns the configuration.
///
/// # Errors
/// All [`Faults`] at once.
pub(crate) fn load(sources: &Sources, purpose: Purpose) -> Result<Config, Faults> {
    let mut faults = Faults::default();
    let document = read_document(sources, &mut faults);
    let strangers = sources.environment.examine(&mut faults);
    let accounts = read_accounts(&document, &sources.environment, purpose, &mut faults);
    let mut config = read_process(sources, &document, purpose, &mut faults);
    config.accounts = accounts;
    let remark = |name| format!("the variable {name} is none of Antre's and has no effect");
    config.remarks = strangers.into_iter().map(remark).collect();
    faults.or(config)
}

fn read_document(sources: &Sources, faults: &mut Faults) -> Document {
    let path = sources.file.clone().unwrap_or_else(|| PathBuf::from(FILE));
    match std::fs::read_to_string(&path) {
        Ok(text) => document::read(&path.display().to_string(), &text, faults),
        Err(error) if error.kind() == std::io::ErrorKind::NotFound && sources.file.is_none() => {
            Document::default()
        }
        Err(error) => {
            let message = format!("{} cannot be read: {error}", path.display());
            faults.add(Origin::Argument("--config"), "", message);
            Document::default()
        }
    }
}

fn read_process(
    sources: &Sources,
    document: &Document,
    purpose: Purpose,
    faults: &mut Faults,
) -> Config {
    let environment = sources.environment.entries(&PROCESS);
    let argument: Entries = sources
        .redis_url
        .iter()
        .map(|url| {
            let origin = Origin::Argument("--redis-url");
            (setting::REDIS_URL.name.to_owned(), Entry { value: Value::Text(url.clone()), origin })
        })
        .collect();
    let mut reader =
        Reader::new([&argument, &environment, &document.top], String::new(), faults);
    Config {
        redis_url: redis_url(&mut reader),
        http: http(&sources.environment, purpose, &mut reader),
        durability: reader.read(&setting::DURABILITY, |it| match it.text()? {
            "local" => Ok(Durability::Local),
            "replicated" => Ok(Durability::Replicated),
            other => Err(format!("{other:?} is neither local nor replicated")),
        }),
        grace: reader.duration(&setting::GRACE),
        log_format: reader.read(&setting::LOG_FORMAT, |it| match it.text()? {
            "text" => Ok(LogFormat::Text),
            "json" => Ok(LogFormat::Json),
            other => Err(format!("{other:?} is neither text nor json")),
        }),
        log_filter: log_filter(&sources.environment, reader.faults),
        accounts: Vec::new(),
        remarks: Vec::new(),
    }
}

fn redis_url(reader: &mut Reader<'_>) -> String {
    let url = reader.text(&setting::REDIS_URL);
    if Redis::open(&url).is_err() {
        // The URL may hold a password and is not shown.
        let message = "is no Redis URL; write redis://127.0.0.1:6379, rediss://… for TLS or \
                       redis+unix:///path/redis.sock";
        reader.fault(&setting::REDIS_URL, message);
    }
    url
}

fn http(environment: &Environment, purpose: Purpose, reader: &mut Reader<'_>) -> Http {
    let listen = reader.read(&setting::HTTP_LISTEN, |it| match it.text()?.trim() {
        "off" => Ok(None),
        text => text.parse().map(Some).map_err(|_invalid| {
            format!("{text:?} is no address and port; write 127.0.0.1:8080 or off")
        }),
    });
    let hosts = reader
        .read(&setting::HTTP_HOSTS, |it| Ok(it.texts()?.into_iter().map(str::to_owned).collect()));
    if purpose == Purpose::Queue {
        return Http { listen, token: None, hosts };
    }
    let token = environment.get(HTTP_TOKEN_VARIABLE).map(|token| token.trim().to_owned());
    let token = token.or_else(|| {
        reader.read_written(&setting::HTTP_TOKEN_FILE, |it| secret::read_file(it.text()?))
    });
    let is_open = listen.is_some_and(|address: SocketAddr| !address.ip().is_loopback());
    if is_open && token.is_none() {
        let message = format!(
            "is reachable from other machines and needs a token; set {HTTP_TOKEN_VARIABLE} or \
             http_token_file, or write 127.0.0.1:8080"
        );
        reader.fault(&setting::HTTP_LISTEN, message);
    }
    Http { listen, token, hosts }
}

fn log_filter(environment: &Environment, faults: &mut Faults) -> String {
    let variables = [LOG_VARIABLE, LOG_VARIABLE_FALLBACK];
    let found = variables.into_iter().find_map(|name| Some((name, environment.get(name)?)));
    let Some((name, filter)) = found else { return LOG_DEFAULT.to_owned() };
    if let Err(error) = tracing_subscriber::EnvFilter::try_new(filter) {
        let message = format!("is no log filter: {error}; write info or antre_worker=debug,warn");
        faults.add(Origin::Variable(name.into()), "", message);
    }
    filter.to_owned()
}

fn read_accounts(
    document: &Document,
    environment: &Environment,
    purpose: Purpose,
    faults: &mut Faults,
) -> Vec<Account> {
    let variables = environment.entries(&ACCOUNT);
    let default = AccountName::default();
    let names = match document.accounts.is_empty() {
        true => vec![default.clone()],
        false => document.accounts.keys().cloned().collect(),
    };
    if !names.contains(&default) {
        for entry in variables.values() {
            let message = "is for the account default, which the file does not have; write it there";
            faults.add(entry.origin.clone(), "", message);
        }
    }
    let mut accounts: Vec<Account> = Vec::new();
    for name in names {
        let section = document.accounts.get(&name).map(|section| &section.entries);
        let of_default = (name == default).then_some(&variables);
        let layers = of_default.into_iter().chain(section).chain([&document.top]);
        let mut reader = Reader::new(layers, prefix(&name, document), faults);
        let key = match purpose {
            Purpose::Queue => None,
            Purpose::Serving => secret::find_key(name == default, environment, &mut reader),
        };
        let account = account::read(name, key, &mut reader);
        let twin = accounts.iter().find(|other| same_key(other.key.as_ref(), account.key.as_ref()));
        if let Some(twin) = twin {
            let message = format!(
                "is the one of {}, too; one Xendit account has one limit and one queue: remove one",
                twin.name
            );
            let origin = document.accounts.get(&account.name).map(|section| section.origin.clone());
            let option = format!("accounts.{}.secret_key", account.name);
            faults.add(origin.unwrap_or(Origin::Nowhere), &option, message);
        }
        accounts.push(account);
    }
    accounts
}

fn same_key(one: Option<&SecretKey>, other: Option<&SecretKey>) -> bool {
    one.is_some() && one == other
}

/// Options are named with their account only where there are several places for them.
fn prefix(name: &AccountName, document: &Document) -> String {
    match document.accounts.is_empty() {
        true => String::new(),
        false => format!("accounts.{name}."),
    }
}
