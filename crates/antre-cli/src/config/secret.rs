//! Finding secrets where the configuration says that they are. They are never shown.

use std::path::Path;

use antre_xendit::SecretKey;

use super::environment::Environment;
use super::fault::Origin;
use super::reader::Reader;
use super::setting::{self, DEFAULT_KEY_VARIABLE};

/// Returns an account's key; without one, a fault says where to put it.
pub(crate) fn find_key(
    is_default: bool,
    environment: &Environment,
    reader: &mut Reader<'_>,
) -> Option<SecretKey> {
    let file = reader.read_written(&setting::SECRET_KEY_FILE, |it| it.text().map(str::to_owned));
    let variable = reader.read_written(&setting::SECRET_KEY_ENV, |it| it.text().map(str::to_owned));
    let (origin, text) = match (file, variable) {
        (Some(file), Some(_)) if !overrides(reader) => {
            let message = format!("stands beside secret_key_env; keep one of them ({file:?})");
            reader.fault(&setting::SECRET_KEY_FILE, message);
            return None;
        }
        (Some(file), _) => (reader.origin(&setting::SECRET_KEY_FILE), read_file(&file)),
        (None, Some(name)) if name.trim().starts_with("xnd_") => {
            let message = "is a key; write the name of the variable that holds it";
            reader.fault(&setting::SECRET_KEY_ENV, message);
            return None;
        }
        (None, Some(name)) => {
            let missing = || format!("names the variable {name}, which is not set; set it");
            let text = environment.get(&name).map(str::to_owned).ok_or_else(missing);
            (reader.origin(&setting::SECRET_KEY_ENV), text)
        }
        (None, None) if is_default => {
            let missing = || {
                format!(
                    "is missing; set {DEFAULT_KEY_VARIABLE}, or write secret_key_env or \
                     secret_key_file under [accounts.default]"
                )
            };
            let text = environment.get(DEFAULT_KEY_VARIABLE).map(str::to_owned).ok_or_else(missing);
            (Origin::Variable(DEFAULT_KEY_VARIABLE.into()), text)
        }
        (None, None) => (
            Origin::Nowhere,
            Err("is missing; write secret_key_env = \"…\" or secret_key_file = \"…\"".to_owned()),
        ),
    };
    let key = text
        .and_then(|text| SecretKey::new(&text).map_err(|error| format!("cannot be used: {error}")));
    key.map_err(|message| reader.faults.add(origin, &reader.named("secret_key"), message)).ok()
}

/// Returns whether the file was named by a variable, which counts more than what `antre.toml` says.
fn overrides(reader: &Reader<'_>) -> bool {
    matches!(reader.origin(&setting::SECRET_KEY_FILE), Origin::Variable(_))
        && !matches!(reader.origin(&setting::SECRET_KEY_ENV), Origin::Variable(_))
}

/// Returns a secret file's text, without the line break at its end.
pub(crate) fn read_file(file: &str) -> Result<String, String> {
    let text = std::fs::read_to_string(Path::new(file.trim()));
    let text = text.map_err(|error| format!("cannot be read from {file:?}: {error}"))?;
    let text = text.trim().to_owned();
    if text.is_empty() { Err(format!("is missing: {file:?} is empty")) } else { Ok(text) }
}
