//! What can be learned of an entry that is no job: enough to find it again, and to count it where it belongs.

use super::fields::object_in;
use super::{
    MAX_BATCH_CHARACTERS, MAX_EXTERNAL_ID_CHARACTERS, MAX_JOB_BYTES, MAX_REFERENCE_CHARACTERS,
};
use crate::characters::doubt;
use crate::raw_object::{RawObject, decode};

/// How senders spell the field, in JSON and in what other programs write.
const EXTERNAL_ID_NAMES: [&str; 3] = ["external_id", "externalId", "external-id"];
/// How many characters may stand between the name and the value: `"external_id" : "`, `";s:11:"`, `&quot;`.
const GAP_CHARACTERS_MAX: usize = 12;

/// The parts of a refused job that can be read and are right by themselves.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Glimpse {
    /// The bill's name.
    pub external_id: Option<String>,
    /// The group whose progress counts the job.
    pub batch: Option<String>,
    /// The caller's own name for the job.
    pub reference: Option<String>,
}

/// Returns what can be read of a job that was refused. Never panics.
///
/// # Examples
/// ```
/// use antre_protocol::job::glimpse;
///
/// let seen = glimpse(br#"{"invoice":{"external_id":"INV-1","amount":0},"batch":"2026-12"}"#);
/// assert_eq!((seen.external_id.as_deref(), seen.batch.as_deref()), (Some("INV-1"), Some("2026-12")));
/// assert_eq!(glimpse(br#"{"invoice":{"external_id":"INV-1","#).external_id.as_deref(), Some("INV-1"));
/// ```
pub fn glimpse(raw: &[u8]) -> Glimpse {
    let raw = raw.get(..MAX_JOB_BYTES).unwrap_or(raw);
    let Ok((_, job)) = object_in(raw) else {
        return Glimpse {
            external_id: searched(&String::from_utf8_lossy(raw)),
            ..Glimpse::default()
        };
    };
    let invoice = job.object("invoice").unwrap_or_default();
    let is_name = |text: &String| doubt(text).is_none() && text.trim() == text;
    let named = |object: &RawObject| {
        let text = |name: &&str| object.get(name).and_then(decode);
        EXTERNAL_ID_NAMES.iter().find_map(text)
    };
    let within = |most: usize| move |text: &String| (1..=most).contains(&text.chars().count());
    let is_batch = |text: &String| {
        text.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"-_.:".contains(&byte))
    };
    Glimpse {
        external_id: named(&invoice)
            .or_else(|| named(&job))
            .filter(is_name)
            .filter(within(MAX_EXTERNAL_ID_CHARACTERS)),
        batch: job.text("batch").filter(is_batch).filter(within(MAX_BATCH_CHARACTERS)),
        reference: job.text("reference").filter(is_name).filter(within(MAX_REFERENCE_CHARACTERS)),
    }
}

/// Returns the text in quotes behind the first `external_id` in a text of any form.
fn searched(text: &str) -> Option<String> {
    let (_, behind) = EXTERNAL_ID_NAMES.iter().find_map(|name| text.split_once(name))?;
    // The quote that ends the name.
    let behind = behind.trim_start_matches('\\').strip_prefix(['"', '\''])?;
    let quote =
        behind.char_indices().take(GAP_CHARACTERS_MAX).find(|(_, one)| matches!(one, '"' | '\''));
    let (start, quote) = quote?;
    let value = behind.get(start + quote.len_utf8()..)?;
    let end = value.find([quote, '\\'])?;
    let value = value.get(..end)?;
    let is_name = (1..=MAX_EXTERNAL_ID_CHARACTERS).contains(&value.chars().count())
        && !value.contains(char::REPLACEMENT_CHARACTER)
        && doubt(value).is_none()
        && value.trim() == value;
    is_name.then(|| value.to_owned())
}

#[cfg(test)]
mod tests;
