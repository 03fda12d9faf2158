//! Xendit's error bodies, which are not uniform across its products and gateways.

use std::collections::BTreeMap;

use serde_json::value::RawValue;

use crate::api::invoice_view::is_harmless;

const CODE_BYTES_MAX: usize = 100;
const MESSAGE_BYTES_MAX: usize = 1000;
const ERRORS_BYTES_MAX: usize = 4096;

/// How much of an over-long `errors` is kept: escaped as a JSON string, no byte of valid JSON text
/// becomes more than two.
const ERRORS_CUT_BYTES: usize = (ERRORS_BYTES_MAX - 2) / 2;

/// What could be read of an error body; every field may be missing.
#[derive(Debug, Default)]
pub(super) struct ErrorBody {
    pub(super) code: Option<String>,
    pub(super) message: Option<String>,
    /// The whole body, or what matters of one that is too large.
    pub(super) body: Option<Box<str>>,
}

impl ErrorBody {
    /// Reads `error_code`, `message` and `errors` with the spellings that Xendit's own clients accept;
    /// a body that is no JSON object gives an empty one.
    pub(super) fn parse(body: &[u8]) -> Self {
        let text = String::from_utf8_lossy(body);
        let Ok(fields) = serde_json::from_str::<BTreeMap<String, &RawValue>>(&text) else {
            return Self::default();
        };
        let first_string = |names: [&str; 3]| {
            let string = |name| serde_json::from_str::<String>(fields.get(name)?.get()).ok();
            names.into_iter().filter_map(string).find(|text| !text.trim().is_empty())
        };
        let mut error = Self {
            code: first_string(["error_code", "error", "errorCode"])
                .map(|code| cut(code.trim(), CODE_BYTES_MAX).to_owned()),
            message: first_string(["message", "error_message", "errorMessage"])
                .map(|message| cut(&message, MESSAGE_BYTES_MAX).to_owned()),
            body: None,
        };
        let errors = || fields.get("errors").map(|raw| bounded(raw.get()));
        error.body = Some(if is_harmless(&text) {
            text.trim().into()
        } else {
            error.reduced(errors().as_deref()).into()
        });
        error
    }

    fn reduced(&self, errors: Option<&str>) -> String {
        let text = |text: &Option<String>| serde_json::Value::from(text.as_deref()).to_string();
        let (code, message) = (text(&self.code), text(&self.message));
        let errors = errors.unwrap_or("null");
        format!(r#"{{"error_code":{code},"message":{message},"errors":{errors}}}"#)
    }
}

fn bounded(json: &str) -> Box<str> {
    let is_harmless = serde_json::from_str::<serde_json::Value>(json).is_ok();
    if is_harmless && json.len() <= ERRORS_BYTES_MAX {
        return json.into();
    }
    serde_json::Value::from(cut(json, ERRORS_CUT_BYTES)).to_string().into()
}

/// Returns the beginning of a text, at most so many bytes and never half a character.
pub(super) fn cut(text: &str, bytes_max: usize) -> &str {
    text.get(..text.floor_char_boundary(bytes_max)).unwrap_or(text)
}
