//! `antre.toml` as written: values with their lines, and names that are no option.

use std::collections::BTreeMap;
use std::sync::Arc;

use antre_core::AccountName;
use antre_xendit::key;
use toml::Spanned;
use toml::de::{DeString, DeTable, DeValue};

use super::environment::Environment;
use super::fault::{Faults, Origin};
use super::options::{self, ACCOUNT, CALLER, HTTP_TOKEN_VARIABLE, PROCESS, nearest};
use super::value::{Entries, Entry, Value};

const ACCOUNTS: &str = "accounts";
const CALLERS: &str = "callers";

/// The file's values.
#[derive(Debug, Default)]
pub(crate) struct Document {
    /// What stands at the top.
    pub(crate) top: Entries,
    /// What stands under `[accounts.NAME]`.
    pub(crate) accounts: BTreeMap<AccountName, Section>,
}

impl Document {
    /// Returns the names of the variables that hold keys, as `secret_key_env` and `key_env` say. They may begin like
    /// ours.
    pub(crate) fn key_variables(&self, environment: &Environment) -> Vec<String> {
        let variables = environment.entries(&[&options::SECRET_KEY_ENV]);
        let sections = self.accounts.values().map(|section| &section.entries);
        let layers = sections.chain([&self.top, &variables]);
        let named = layers.filter_map(|layer| layer.get(options::SECRET_KEY_ENV.name));
        let callers = self.accounts.values().flat_map(|section| section.callers.values());
        let of_callers =
            callers.filter_map(|caller| caller.entries.get(options::caller::KEY_ENV.name));
        named
            .chain(of_callers)
            .filter_map(|entry| Some(entry.value.text().ok()?.trim().to_owned()))
            .collect()
    }
}

/// One account's part of the file.
#[derive(Debug)]
pub(crate) struct Section {
    pub(crate) origin: Origin,
    pub(crate) entries: Entries,
    /// What stands under `[accounts.NAME.callers.CALLER]`.
    pub(crate) callers: BTreeMap<String, CallerSection>,
}

/// One caller's part of the file.
#[derive(Debug)]
pub(crate) struct CallerSection {
    pub(crate) origin: Origin,
    pub(crate) entries: Entries,
}

/// Reads a file's text. What is wrong is added to `faults`; what is right is returned all the same.
pub(crate) fn read(file: &str, text: &str, faults: &mut Faults) -> Document {
    let (table, errors) = DeTable::parse_recoverable(text);
    let mut reader = Reader { file: file.into(), text, faults };
    for error in errors {
        let start = error.span().map_or(0, |span| span.start);
        let origin = reader.origin(start);
        reader.faults.add(origin, "", format!("is not TOML: {}", error.message()));
    }
    reader.document(table.get_ref())
}

struct Reader<'a> {
    file: Arc<str>,
    text: &'a str,
    faults: &'a mut Faults,
}

impl Reader<'_> {
    fn origin(&self, offset: usize) -> Origin {
        let before = self.text.bytes().take(offset);
        let line = 1 + before.filter(|byte| *byte == b'\n').count();
        Origin::Line { file: Arc::clone(&self.file), line }
    }

    fn document(&mut self, table: &DeTable<'_>) -> Document {
        let mut document = Document::default();
        for (name, value) in table {
            if name.get_ref() == ACCOUNTS {
                self.accounts(value, &mut document);
            } else {
                self.option(name, value, true, &mut document.top);
            }
        }
        document
    }

    fn accounts(&mut self, value: &Spanned<DeValue<'_>>, document: &mut Document) {
        let DeValue::Table(accounts) = value.get_ref() else {
            let origin = self.origin(value.span().start);
            return self.faults.add(origin, ACCOUNTS, "is not a table; write [accounts.default]");
        };
        for (name, section) in accounts {
            let origin = self.origin(name.span().start);
            match (name.get_ref().parse::<AccountName>(), section.get_ref()) {
                (Err(error), _) => {
                    self.faults.add(origin, name.get_ref(), error.to_string());
                }
                (Ok(account), DeValue::Table(options)) => {
                    let (mut entries, mut callers) = (Entries::new(), BTreeMap::new());
                    for (name, value) in options {
                        if name.get_ref() == CALLERS {
                            callers = self.callers(value, &account);
                        } else {
                            self.option(name, value, false, &mut entries);
                        }
                    }
                    document.accounts.insert(account, Section { origin, entries, callers });
                }
                (Ok(account), _) => {
                    let remedy = format!("is not a table; write [accounts.{account}]");
                    self.faults.add(origin, account.as_str(), remedy);
                }
            }
        }
    }

    fn callers(
        &mut self,
        value: &Spanned<DeValue<'_>>,
        account: &AccountName,
    ) -> BTreeMap<String, CallerSection> {
        let mut found = BTreeMap::new();
        let DeValue::Table(callers) = value.get_ref() else {
            let origin = self.origin(value.span().start);
            let remedy = format!("is not a table; write [accounts.{account}.callers.NAME]");
            self.faults.add(origin, CALLERS, remedy);
            return found;
        };
        for (name, section) in callers {
            let origin = self.origin(name.span().start);
            let name = name.get_ref().as_ref();
            let is_name = |byte: u8| byte.is_ascii_alphanumeric() || b"-_.".contains(&byte);
            let option = format!("accounts.{account}.callers.{name}");
            let DeValue::Table(options) = section.get_ref() else {
                self.faults.add(origin, &option, format!("is not a table; write [{option}]"));
                continue;
            };
            if name.is_empty() || name.len() > 64 || !name.bytes().all(is_name) {
                let rule = "is no name: use letters a-z and A-Z, digits and - _ . only, 64 at most";
                self.faults.add(origin.clone(), &option, rule);
            }
            let mut entries = Entries::new();
            for (name, value) in options {
                let (origin, name) = (self.origin(name.span().start), name.get_ref().as_ref());
                let value = simple(value.get_ref());
                if let Some(remedy) = secret_remedy(name, &value) {
                    self.faults.add(origin, name, remedy);
                } else if CALLER.iter().any(|setting| setting.name == name) {
                    entries.insert(name.to_owned(), Entry { value, origin });
                } else {
                    let known = CALLER.iter().map(|setting| setting.name);
                    let message = nearest(name, known).map_or_else(
                        || "is not an option of a caller".to_owned(),
                        |known| format!("is not an option of a caller; did you mean {known}?"),
                    );
                    self.faults.add(origin, name, message);
                }
            }
            found.insert(name.to_owned(), CallerSection { origin, entries });
        }
        found
    }

    fn option(
        &mut self,
        name: &Spanned<DeString<'_>>,
        value: &Spanned<DeValue<'_>>,
        is_top: bool,
        entries: &mut Entries,
    ) {
        let origin = self.origin(name.span().start);
        let name = name.get_ref().as_ref();
        let value = simple(value.get_ref());
        let is_process = PROCESS.iter().any(|setting| setting.name == name);
        let is_known = is_process || ACCOUNT.iter().any(|setting| setting.name == name);
        let message = if let Some(remedy) = secret_remedy(name, &value) {
            remedy
        } else if is_process && !is_top {
            "is for the whole process; move it above the first [accounts.…]".to_owned()
        } else if is_known {
            entries.insert(name.to_owned(), Entry { value, origin });
            return;
        } else {
            unknown(name)
        };
        self.faults.add(origin, name, message);
    }
}

fn simple(value: &DeValue<'_>) -> Value {
    match value {
        DeValue::String(text) => Value::Text(text.clone().into_owned()),
        DeValue::Integer(number) => Value::Number(number.to_string()),
        DeValue::Boolean(truth) => Value::Truth(*truth),
        DeValue::Array(items) => {
            Value::List(items.iter().map(|item| simple(item.get_ref())).collect())
        }
        DeValue::Float(_) => Value::Other("a number with a fraction"),
        DeValue::Datetime(_) => Value::Other("a date"),
        DeValue::Table(_) => Value::Other("a table"),
    }
}

/// Returns where to put a secret that stands in the file; files are copied, mailed and committed.
fn secret_remedy(name: &str, value: &Value) -> Option<String> {
    let holds_key = matches!(value, Value::Text(text) if key::begins_as_key(text));
    let is_key = matches!(name, "secret_key" | "api_key" | "key" | "xendit_secret_key");
    let has_password = name == options::REDIS_URL.name
        && matches!(value, Value::Text(text) if text.split_once("://").is_some_and(|(_, rest)| rest.contains('@')));
    if holds_key || is_key {
        Some(
            "is a secret and must not stand here; put the key into a variable or file and write \
             secret_key_env = \"XENDIT_SECRET_KEY\" or secret_key_file = \"/run/secrets/xendit\""
                .to_owned(),
        )
    } else if matches!(name, "http_token" | "token") {
        Some(format!(
            "is a secret and must not stand here; put it into the variable {HTTP_TOKEN_VARIABLE} \
             or a file and write http_token_file = \"/run/secrets/antre\""
        ))
    } else if has_password {
        Some(format!(
            "holds a user or password and must not stand here; put the URL into the variable {}",
            options::REDIS_URL.variable
        ))
    } else {
        None
    }
}

fn unknown(name: &str) -> String {
    if nearest(name, [ACCOUNTS]).is_some() {
        return "is not an option; write [accounts.default]".to_owned();
    }
    let known = PROCESS.iter().chain(&ACCOUNT).map(|setting| setting.name);
    match nearest(name, known) {
        Some(known) => format!("is not an option; did you mean {known}?"),
        None => "is not an option; deploy/antre.example.toml names all of them".to_owned(),
    }
}
