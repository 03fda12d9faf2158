//! Finding secrets where the configuration says that they are. They are never shown.

use std::path::Path;

use antre_core::{AccountName, Mode};
use antre_xendit::SecretKey;

use super::environment::Environment;
use super::fault::Origin;
use super::options::{self, DEFAULT_KEY_VARIABLE};
use super::reader::Reader;

/// Returns an account's key; without one, a fault says where to put it.
pub(crate) fn find_key(
    account: &AccountName,
    environment: &Environment,
    reader: &mut Reader<'_>,
) -> Option<SecretKey> {
    let file = reader.read_written(&options::SECRET_KEY_FILE, |it| it.text().map(str::to_owned));
    let variable = reader.read_written(&options::SECRET_KEY_ENV, |it| it.text().map(str::to_owned));
    let (origin, text) = match (file, variable) {
        (Some(file), Some(_)) if !overrides(reader) => {
            let message = format!("stands beside secret_key_env; keep one of them ({file:?})");
            reader.fault(&options::SECRET_KEY_FILE, message);
            return None;
        }
        (Some(file), _) => (reader.origin(&options::SECRET_KEY_FILE), read_file(&file).map(Some)),
        (None, Some(name)) if name.trim().starts_with("xnd_") => {
            let message = "is a key; write the name of the variable that holds it";
            reader.fault(&options::SECRET_KEY_ENV, message);
            return None;
        }
        (None, Some(name)) => {
            let text = environment.get(&name).map(str::to_owned);
            if text.is_none() {
                let message = format!("names the variable {name}, which is not set; set it");
                return keyless(account, reader.origin(&options::SECRET_KEY_ENV), message, reader);
            }
            (reader.origin(&options::SECRET_KEY_ENV), Ok(text))
        }
        (None, None) if *account == AccountName::default() => {
            let variable = Origin::Variable(DEFAULT_KEY_VARIABLE.into());
            let text = environment.get(DEFAULT_KEY_VARIABLE).map(str::to_owned);
            if text.is_none() {
                let message = format!(
                    "is missing{}; set {DEFAULT_KEY_VARIABLE}, or write secret_key_env or \
                     secret_key_file under [accounts.default]",
                    similar(environment),
                );
                return keyless(account, variable, message, reader);
            }
            (variable, Ok(text))
        }
        (None, None) => (Origin::Nowhere, Ok(None)),
    };
    let missing = "is missing; write secret_key_env = \"…\" or secret_key_file = \"…\"";
    let key = match text {
        Ok(None) => return keyless(account, origin, missing.to_owned(), reader),
        Ok(Some(text)) => SecretKey::new(&text)
            .map_err(|error| format!("cannot be used: {error}"))
            .and_then(|key| of_known_mode(key, reader)),
        Err(message) => Err(message),
    };
    key.map_err(|message| reader.faults.add(origin, &reader.named("secret_key"), message)).ok()
}

/// A key without a mode is one of a simulator. At Xendit itself it would be served as if no money moved.
fn of_known_mode(key: SecretKey, reader: &mut Reader<'_>) -> Result<SecretKey, String> {
    let base_url = reader.text(&options::BASE_URL);
    let host = base_url.split("://").nth(1).and_then(|rest| rest.split(['/', ':']).next());
    let is_xendit = host.is_some_and(|host| host == "xendit.co" || host.ends_with(".xendit.co"));
    if is_xendit && key.mode() == Mode::Unknown {
        let message = "cannot be used: it is no secret key of Xendit, which begins with xnd_development_ or \
                       xnd_production_; copy it from Xendit's dashboard";
        return Err(message.to_owned());
    }
    Ok(key)
}

/// Names a variable that may hold the key and is not read.
fn similar(environment: &Environment) -> String {
    let mut names = environment.names_of_settings();
    let found = names.find(|name| name.starts_with("XENDIT") && name.contains("KEY"));
    found.map(|name| format!(" ({name} is set, but not read)")).unwrap_or_default()
}

fn keyless(
    account: &AccountName,
    origin: Origin,
    message: String,
    reader: &mut Reader<'_>,
) -> Option<SecretKey> {
    let option = reader.named("secret_key");
    reader.faults.add_keyless(account, origin, &option, message);
    None
}

/// Returns whether the file was named by a variable, which counts more than what `antre.toml` says.
fn overrides(reader: &Reader<'_>) -> bool {
    matches!(reader.origin(&options::SECRET_KEY_FILE), Origin::Variable(_))
        && !matches!(reader.origin(&options::SECRET_KEY_ENV), Origin::Variable(_))
}

/// Returns a secret file's text, without the line break at its end.
pub(crate) fn read_file(file: &str) -> Result<String, String> {
    let text = std::fs::read_to_string(Path::new(file.trim()));
    let text = text.map_err(|error| format!("cannot be read from {file:?}: {error}"))?;
    let text = text.trim().to_owned();
    if text.is_empty() { Err(format!("is missing: {file:?} is empty")) } else { Ok(text) }
}
