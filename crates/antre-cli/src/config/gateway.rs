//! Where the gateway is served, and who may call it.

use std::net::SocketAddr;
use std::time::Duration;

use antre_core::{AccountName, Priority};
use antre_gateway::{Caller, KeyDigest};

use super::account::Account;
use super::document::{CallerSection, Document};
use super::environment::Environment;
use super::fault::{Faults, Origin};
use super::http::Http;
use super::options::{self, caller};
use super::reader::Reader;
use super::value::Value;
use super::{Purpose, secret};

/// The name of the caller that shows the account's own Xendit key.
const OWN_KEY: &str = "secret_key";
const KEY_CHARACTERS_MIN: usize = 32;

/// How the gateway is served.
#[derive(Clone, Debug)]
pub(crate) struct Gateway {
    /// Absent: not at all.
    pub(crate) listen: Option<SocketAddr>,
    pub(crate) wait: Duration,
    pub(crate) waiting_max: u32,
    pub(crate) priority: Priority,
    pub(crate) check_first: bool,
}

/// Reads how the gateway is served.
pub(super) fn read(http: &Http, reader: &mut Reader<'_>) -> Gateway {
    let listen = reader.read(&options::GATEWAY_LISTEN, |it| match it.word()?.as_str() {
        "off" => Ok(None),
        text => text.parse().map(Some).map_err(|_invalid| {
            format!("{text:?} is no address and port; write 127.0.0.1:8090 or off")
        }),
    });
    let is_behind_tls = reader.read(&options::GATEWAY_BEHIND_TLS, Value::truth);
    if listen.is_some_and(|address: SocketAddr| !address.ip().is_loopback()) && !is_behind_tls {
        let message = "is reachable from other machines, and each request carries a key: put a proxy with TLS in front \
                       of it and write gateway_behind_tls = true, or write 127.0.0.1:8090";
        reader.fault(&options::GATEWAY_LISTEN, message);
    }
    if listen.is_some() && listen == http.listen {
        reader.fault(
            &options::GATEWAY_LISTEN,
            "is http_listen, too; the gateway needs a port of its own",
        );
    }
    Gateway {
        listen,
        wait: reader.duration(&options::GATEWAY_WAIT),
        waiting_max: reader.number(&options::GATEWAY_WAITING_MAX),
        priority: priority(&options::GATEWAY_PRIORITY, reader),
        check_first: reader.read(&options::GATEWAY_CHECK_FIRST, Value::truth),
    }
}

/// Gives each account those who may call for it, if this process serves the gateway.
pub(super) fn add_callers(
    gateway: &Gateway,
    (document, environment): (&Document, &Environment),
    purpose: Purpose,
    accounts: &mut [Account],
    faults: &mut Faults,
) {
    let is_served = matches!(purpose, Purpose::Serving | Purpose::Gateway);
    if gateway.listen.is_none() || !is_served {
        return;
    }
    let mut known: Vec<((KeyDigest, Option<String>), String)> = Vec::new();
    for account in accounts {
        let sections = document.accounts.get(&account.name).map(|section| &section.callers);
        for (name, section) in sections.into_iter().flatten() {
            let option = format!("accounts.{}.callers.{name}", account.name);
            let read = read_caller(name, &option, section, environment, faults);
            account.callers.extend(read);
        }
        let own = account.key.as_ref().filter(|_| account.accepts_secret_key);
        account.callers.extend(own.map(|key| Caller {
            name: OWN_KEY.to_owned(),
            key: KeyDigest::from_bytes(key.digest()),
            priority_max: Priority::High,
            has_accounts_key: true,
        }));
        for caller in &account.callers {
            let place = format!("accounts.{}.callers.{}", account.name, caller.name);
            // Sub-accounts have their platform's key, and tell themselves by for-user-id.
            let whose = account.for_user_id.clone().filter(|_| caller.has_accounts_key);
            let shown = (caller.key, whose);
            match known.iter().find(|(other, _)| *other == shown) {
                Some((_, other)) => {
                    let message =
                        format!("has the key of {other}; give each caller a key of its own");
                    faults.add(Origin::Nowhere, &place, message);
                }
                None => known.push((shown, place)),
            }
        }
    }
    if known.is_empty() && faults.0.is_empty() {
        let message = "is served and nobody may call: write [accounts.default.callers.NAME] with key_file or key_sha256";
        faults.add(Origin::Nowhere, options::GATEWAY_LISTEN.name, message);
    }
}

fn read_caller(
    name: &str,
    option: &str,
    section: &CallerSection,
    environment: &Environment,
    faults: &mut Faults,
) -> Option<Caller> {
    let mut reader = Reader::new([&section.entries], format!("{option}."), faults);
    let file = reader.read_written(&caller::KEY_FILE, |it| of_key(&secret::read_file(it.text()?)?));
    let variable = reader.read_written(&caller::KEY_ENV, |it| {
        let name = it.text()?.trim();
        let text =
            environment.get(name).ok_or_else(|| format!("names {name}, which is not set"))?;
        of_key(text.trim())
    });
    let digest = reader.read_written(&caller::KEY_SHA256, |it| {
        KeyDigest::from_hex(it.text()?.trim()).map_err(|error| error.to_string())
    });
    let priority_max = priority(&caller::PRIORITY, &mut reader);
    let written = [&caller::KEY_FILE, &caller::KEY_ENV, &caller::KEY_SHA256];
    let count = written.into_iter().filter(|setting| reader.written(setting).is_some()).count();
    if count != 1 {
        let message = "needs exactly one of key_file, key_env and key_sha256";
        faults.add(section.origin.clone(), option, message);
        return None;
    }
    let key = file.or(variable).or(digest)?;
    Some(Caller { name: name.to_owned(), key, priority_max, has_accounts_key: false })
}

fn of_key(key: &str) -> Result<KeyDigest, String> {
    let is_plain = key.bytes().all(|byte| byte.is_ascii_graphic() && byte != b':');
    if key.len() < KEY_CHARACTERS_MIN || !is_plain {
        return Err(format!(
            "is no key: use at least {KEY_CHARACTERS_MIN} visible ASCII characters without blanks and colons, as of \
             openssl rand -hex 32"
        ));
    }
    Ok(KeyDigest::of(key.as_bytes()))
}

fn priority(setting: &super::option::Setting, reader: &mut Reader<'_>) -> Priority {
    reader.word(setting, |word| word.parse().ok())
}

impl Gateway {
    /// Returns how the gateway serves.
    pub(crate) fn options(&self) -> antre_gateway::Options {
        antre_gateway::Options {
            wait: self.wait,
            waiting_max: usize::try_from(self.waiting_max).unwrap_or(usize::MAX),
            priority: self.priority,
            check_first: self.check_first,
        }
    }
}

impl Account {
    /// Returns what the gateway needs of it.
    pub(crate) fn for_gateway(&self) -> antre_gateway::Account {
        antre_gateway::Account {
            name: AccountName::clone(&self.name),
            region: self.notification.region,
            for_user_id: self.for_user_id.clone(),
            callers: self.callers.clone(),
        }
    }
}
