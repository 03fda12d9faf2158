//! Characters that cannot be seen, and those that look like others, by Unicode's own lists.
//!
//! Two names that look the same on every screen are one name to a person, so identities are refused if
//! they hold such characters. In addresses they are of no use and taken away.

use std::fmt;

use icu_properties::props::{DefaultIgnorableCodePoint, GeneralCategory};
use icu_properties::{CodePointMapData, CodePointSetData};
use unicode_normalization::UnicodeNormalization as _;
use unicode_normalization::char::is_combining_mark;
use unicode_security::skeleton;

/// Latin letters stand before it in Unicode.
const FIRST_MARK: char = '\u{300}';
/// A blank that counts as a visible character in Unicode's list.
const BRAILLE_BLANK: char = '\u{2800}';

/// Why a character has no place in an identity.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Doubt {
    /// It cannot be seen, or looks like a blank.
    Invisible(char),
    /// It looks like another character, or several.
    LooksLike(char),
    /// A mark that is written apart from its letter, where there is one character for both.
    Apart(char),
    /// A mark over or under a Latin letter, a digit or a sign, as no language writes it.
    Mark(char),
    /// The sign of a character that was lost.
    Lost,
}

impl fmt::Display for Doubt {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let code = |character: char| format!("U+{:04X}", u32::from(character));
        match *self {
            Self::Invisible(character) if character.is_control() => {
                write!(formatter, "holds the control character {}; remove it", code(character))
            }
            Self::Invisible(character) => {
                write!(formatter, "holds {}, which cannot be seen; remove it", code(character))
            }
            Self::LooksLike(character) => {
                let other: String = plain_look(character).unwrap_or_default();
                let like = if other.is_empty() {
                    "another one".to_owned()
                } else {
                    format!("\"{other}\"")
                };
                write!(
                    formatter,
                    "holds {}, which looks like {like}; write the plain character",
                    code(character)
                )
            }
            Self::Apart(character) => write!(
                formatter,
                "holds {} apart from its letter; write both as one character (Unicode's form NFC)",
                code(character)
            ),
            Self::Mark(character) => {
                write!(formatter, "holds {}, a mark on another character; remove it", code(character))
            }
            Self::Lost => formatter.write_str(
                "holds U+FFFD, the sign of a character that was lost: some program read the text in a wrong \
                 encoding; send it from where it came from, as UTF-8",
            ),
        }
    }
}

/// Returns the first character in an identity by which it may be taken for another one.
///
/// # Examples
/// ```
/// use antre_core::characters::{Doubt, doubt};
///
/// assert_eq!(doubt("INV-1"), None);
/// assert_eq!(doubt("INV\u{200B}-1"), Some(Doubt::Invisible('\u{200B}')));
/// assert_eq!(doubt("INV-\u{0410}"), Some(Doubt::LooksLike('\u{0410}')));
/// ```
pub fn doubt(text: &str) -> Option<Doubt> {
    if text.bytes().all(|byte| (b' '..=b'~').contains(&byte)) {
        return None;
    }
    let of_one = |character: char| {
        if character == char::REPLACEMENT_CHARACTER {
            Some(Doubt::Lost)
        } else if is_invisible(character) || (character != ' ' && character.is_whitespace()) {
            Some(Doubt::Invisible(character))
        } else {
            looks_like_another(character).then_some(Doubt::LooksLike(character))
        }
    };
    let found = text.chars().find_map(of_one).or_else(|| apart(text).map(Doubt::Apart));
    found.or_else(|| mark_on_latin(text).map(Doubt::Mark))
}

/// Returns an address as its owner meant it: without what cannot be seen, wide forms in their usual form.
///
/// # Examples
/// ```
/// use antre_core::characters::without_invisible;
///
/// assert_eq!(without_invisible("\u{202A}+62 812\u{202C}"), "+62 812");
/// assert_eq!(without_invisible("a@b.id\u{200B}"), "a@b.id");
/// ```
pub fn without_invisible(text: &str) -> String {
    let is_kept = |character: &char| *character == ' ' || !is_invisible(*character);
    text.chars().filter(is_kept).nfkc().collect::<String>().trim().to_owned()
}

/// Tells whether nothing of the character can be seen. The plain blank counts as seen.
pub(crate) fn is_invisible(character: char) -> bool {
    if (' '..='~').contains(&character) {
        return false;
    }
    if character == BRAILLE_BLANK
        || CodePointSetData::new::<DefaultIgnorableCodePoint>().contains(character)
    {
        return true;
    }
    matches!(
        CodePointMapData::<GeneralCategory>::new().get(character),
        GeneralCategory::Control
            | GeneralCategory::Format
            | GeneralCategory::LineSeparator
            | GeneralCategory::ParagraphSeparator
            | GeneralCategory::PrivateUse
            | GeneralCategory::Unassigned
    )
}

/// Tells whether a character beyond ASCII looks like one of ASCII (UTS 39), or is another form of a usual one.
fn looks_like_another(character: char) -> bool {
    !character.is_ascii()
        && (plain_look(character).is_some()
            || !std::iter::once(character).nfkc().eq(std::iter::once(character).nfc()))
}

/// Returns the plain characters that a character is a form of, or looks like.
fn plain_look(character: char) -> Option<String> {
    let form: String = std::iter::once(character).nfkc().collect();
    if form.is_ascii() {
        return Some(form);
    }
    let mut buffer = [0; 4];
    let look: String = skeleton(character.encode_utf8(&mut buffer)).collect();
    (!look.is_empty() && look.is_ascii()).then_some(look)
}

fn apart(text: &str) -> Option<char> {
    let is_composed = unicode_normalization::is_nfc(text);
    let mark = || text.chars().find(|character| is_combining_mark(*character));
    if is_composed { None } else { mark().or_else(|| text.chars().find(|one| !one.is_ascii())) }
}

/// Returns a mark that changes a Latin letter, a digit or a sign and that Unicode has no one character for: `i` with a
/// dot above looks like `i`. Other scripts cannot be written without marks.
fn mark_on_latin(text: &str) -> Option<char> {
    let mut before = ' ';
    text.chars().find(|character| {
        let is_found = is_combining_mark(*character) && before < FIRST_MARK;
        if !is_combining_mark(*character) {
            before = *character;
        }
        is_found
    })
}

#[cfg(test)]
mod tests;
