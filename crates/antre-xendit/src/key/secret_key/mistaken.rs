//! Texts that look like a secret key and are none: told by their kind, never by their value.
//!
//! A decorated key would be judged by its first characters, and a live one be taken for a test one. So everything
//! that holds a key's beginning anywhere else than at its beginning is refused.

use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD, STANDARD_NO_PAD, URL_SAFE, URL_SAFE_NO_PAD};

use super::super::mode::{LIVE, TEST};

/// A webhook verification token has no beginning of its own and about so many characters.
const TOKEN_CHARS: std::ops::RangeInclusive<usize> = 32..=128;

/// Beginnings of other keys and tokens, in small letters, and what they are.
const OTHERS: [(&str, &str); 34] = [
    ("xnd_public", "it is Xendit's public key, which cannot make invoices; take the secret key"),
    ("sk_live_", STRIPE),
    ("sk_test_", STRIPE),
    ("pk_live_", STRIPE),
    ("pk_test_", STRIPE),
    ("rk_live_", STRIPE),
    ("rk_test_", STRIPE),
    ("whsec_", "it is a webhook secret of another service; take Xendit's secret key"),
    ("mid-", MIDTRANS),
    ("sb-mid-", MIDTRANS),
    ("vt-", MIDTRANS),
    ("doku_", "it is a key of DOKU; take Xendit's secret key"),
    ("rzp_", "it is a key of Razorpay; take Xendit's secret key"),
    ("sk-", OTHER),
    ("pk-", OTHER),
    ("flw", OTHER),
    ("access_token$", OTHER),
    ("eaaaa", OTHER),
    ("sq0", OTHER),
    ("aqe", OTHER),
    ("sg.", OTHER),
    ("xox", OTHER),
    ("ghp_", OTHER),
    ("gho_", OTHER),
    ("github_pat_", OTHER),
    ("glpat-", OTHER),
    ("akia", OTHER),
    ("aiza", OTHER),
    ("ya29.", OTHER),
    ("eyj", "it is a JSON Web Token; take Xendit's secret key"),
    ("-----begin", "it is a PEM file; take Xendit's secret key"),
    ("ssh-", OTHER),
    ("http", "it is an address; take the secret key"),
    ("{", "it is JSON; write the key alone"),
];
const STRIPE: &str = "it is a key of Stripe; take Xendit's secret key";
const MIDTRANS: &str = "it is a key of Midtrans; take Xendit's secret key";
const OTHER: &str = "it is a key of another service; take Xendit's secret key";

/// Beginnings that show that a program should have put the key in their place.
const PLACEHOLDERS: [&str; 18] = [
    "$",
    "%",
    "{{",
    "<",
    "[",
    "@",
    "#{",
    "op://",
    "vault:",
    "ref+",
    "arn:",
    "sm://",
    "secret:",
    "changeme",
    "change_me",
    "your",
    "replace",
    "todo",
];

/// Beginnings of what examples write behind a key's own beginning, in small letters.
const FILLERS: [&str; 8] =
    ["your", "changeme", "change_me", "change-me", "replace", "placeholder", "todo", "xxx"];
/// Xendit's keys are longer, so one that begins with such a word by chance is taken.
const FILLER_CHARS_MAX: usize = 32;

/// So often nobody writes one character but to fill a line; tests may call their keys `aaa`.
const ONE_CHARACTER_MIN_LIVE: usize = 3;
const ONE_CHARACTER_MIN_TEST: usize = 12;

/// Returns what the text is, if it is no secret key; blanks around it are gone already.
pub(super) fn explain(text: &str) -> Option<&'static str> {
    let small = text.to_ascii_lowercase();
    let small = small.as_str();
    decoration(text, small)
        .or_else(|| other_key(text, small))
        .or_else(|| character(text))
        .or_else(|| form(text, small))
}

/// What stands around a key because of where it was copied from.
fn decoration(text: &str, small: &str) -> Option<&'static str> {
    let is_quote = |character: char| "\"'`“”‘’«»„".contains(character);
    if text.starts_with(is_quote) || text.ends_with(is_quote) {
        return Some("there are quotes around it; write it without them");
    }
    if small.starts_with("basic ")
        || small.starts_with("bearer ")
        || small.starts_with("authorization:")
    {
        return Some("it is the value of an Authorization header; write the key alone");
    }
    if PLACEHOLDERS.iter().any(|mark| small.starts_with(mark)) {
        return Some(
            "it is a placeholder that nothing has replaced, such as ${VARIABLE}; write the key itself",
        );
    }
    if small.starts_with("export ") || small.starts_with("set ") || is_assignment(text) {
        return Some("it is a line of a shell or .env file; write only what stands behind the =");
    }
    None
}

/// Returns whether a name and `=` or `:` stand in front, as in `XENDIT_SECRET_KEY=…`.
fn is_assignment(text: &str) -> bool {
    let Some((name, rest)) = text.split_once(['=', ':']) else { return false };
    // The padding of base64 has nothing behind it.
    let is_padding = rest.chars().all(|character| character == '=');
    let is_name =
        |character: char| character.is_ascii_alphanumeric() || "_-. \"'".contains(character);
    let is_a_key = name.starts_with("xnd_");
    !name.is_empty() && !is_padding && !is_a_key && name.chars().all(is_name)
}

fn other_key(text: &str, small: &str) -> Option<&'static str> {
    let known = OTHERS.iter().find(|(beginning, _)| small.starts_with(beginning));
    if let Some((_, meaning)) = known {
        return Some(meaning);
    }
    is_encoded_key(text).then_some(
        "it is a key in base64, as it stands in a Basic header or a Kubernetes secret; decode it",
    )
}

fn is_encoded_key(text: &str) -> bool {
    let engines = [STANDARD, STANDARD_NO_PAD, URL_SAFE, URL_SAFE_NO_PAD];
    let decoded = engines.iter().find_map(|engine| engine.decode(text).ok());
    decoded.is_some_and(|bytes| {
        let text = String::from_utf8_lossy(&bytes);
        text.contains("xnd_") || text.to_ascii_lowercase().contains("secret_key")
    })
}

/// Characters that no key has.
fn character(text: &str) -> Option<&'static str> {
    if text.contains(|character: char| character.is_ascii_whitespace()) {
        return Some("there is a blank or a line break in it; write the key alone, on one line");
    }
    if text.contains(['*', '•', '…']) || text.contains("...") {
        return Some(
            "it is a key with hidden characters, as a dashboard shows it; make a new key and copy it whole",
        );
    }
    if !text.is_ascii() || text.contains(|character: char| character.is_ascii_control()) {
        return Some(
            "there is a character in it that no key has, perhaps one that cannot be seen; copy the key again",
        );
    }
    if text.contains(|character: char| {
        !(character.is_ascii_alphanumeric() || "_-=+/".contains(character))
    }) {
        return Some(
            "there is a sign in it that no key has, such as a comma, a colon or a bracket; write the key alone",
        );
    }
    None
}

/// Returns whether what stands behind a key's beginning came from an example: no key is made of such words.
fn is_filler(rest: &str, is_live: bool) -> bool {
    let least = if is_live { ONE_CHARACTER_MIN_LIVE } else { ONE_CHARACTER_MIN_TEST };
    let is_one_character =
        rest.len() >= least && rest.bytes().all(|byte| rest.as_bytes().first() == Some(&byte));
    is_one_character
        || FILLERS.iter().any(|word| rest.starts_with(word) && rest.len() <= FILLER_CHARS_MAX)
}

/// Simulators have keys such as `xnd_lab_key`. A key of Xendit that was copied badly begins as one of its modes does.
fn is_of_a_simulator(small: &str) -> bool {
    let rest = small.strip_prefix("xnd_");
    rest.is_some_and(|rest| !rest.starts_with(['d', 'p']) && !rest.contains("xnd_"))
}

/// The form of Xendit's own keys.
fn form(text: &str, small: &str) -> Option<&'static str> {
    let rest = text.strip_prefix(TEST).or_else(|| text.strip_prefix(LIVE));
    if let Some(rest) = rest {
        if rest.contains("xnd_") {
            return Some("there are two keys in it; write one");
        }
        if rest.is_empty() {
            return Some("it is only the beginning of a key; copy it whole");
        }
        return is_filler(&rest.to_ascii_lowercase(), text.starts_with(LIVE))
            .then_some("it is a placeholder behind the beginning of a key; write the key itself");
    }
    if small.starts_with(TEST) || small.starts_with(LIVE) {
        return Some("its beginning has capital letters; copy the key as Xendit shows it");
    }
    if small.contains("xnd_") && !is_of_a_simulator(small) {
        return Some(
            "it does not begin with xnd_development_ or xnd_production_; copy the key again, and nothing else",
        );
    }
    let is_token =
        TOKEN_CHARS.contains(&text.len()) && text.contains(|it: char| it.is_ascii_digit());
    is_token.then_some("it is no secret key but perhaps the webhook verification token; secret keys begin with xnd_")
}
