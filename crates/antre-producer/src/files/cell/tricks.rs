//! What people and programs write around a value so that a spreadsheet leaves it alone, and what a
//! spreadsheet writes where it has no value.

use crate::files::column::Kind;

const FORMULA: &str =
    "is a formula; save the sheet with its values: copy the column, and paste it as values";
const ERROR: &str =
    "holds a spreadsheet's error in place of a value; repair the sheet and save it again";
const NARROW: &str = "holds # signs, as a spreadsheet shows a number for which its column is too narrow; \
     widen the column and save again";
const SINGLE_QUOTES: &str = "stands in single quotation marks; write double ones, or none";
/// In English; `LibreOffice` adds `Err:502`.
const ERRORS: [&str; 13] = [
    "#REF!",
    "#N/A",
    "#NA",
    "#VALUE!",
    "#NAME?",
    "#DIV/0!",
    "#NUM!",
    "#NULL!",
    "#SPILL!",
    "#CALC!",
    "#FIELD!",
    "#GETTING_DATA",
    "#BLOCKED!",
];
/// Marks that force text; word processors make the curly ones of the straight one.
const APOSTROPHES: [char; 4] = ['\'', '\u{2018}', '\u{2019}', '`'];

/// Returns the value inside `="0812…"` and behind `'0812…`.
pub(super) fn undone(kind: Kind, text: &str) -> Result<String, String> {
    let inner = without_formula(text)?;
    let text = inner.as_deref().unwrap_or(text).trim();
    let text = without_apostrophe(kind, text)?;
    // `'="0812"` is the trick twice.
    let inner = if text.starts_with("=\"") { without_formula(text)? } else { None };
    let text = inner.unwrap_or_else(|| text.to_owned());
    refuse_errors(&text)?;
    Ok(text)
}

/// Returns the text of a formula that is nothing but a text; refuses every other formula.
fn without_formula(text: &str) -> Result<Option<String>, String> {
    let Some(formula) = text.strip_prefix('=') else { return Ok(None) };
    let formula = formula.trim();
    let inner = formula.strip_prefix('"').and_then(|rest| rest.strip_suffix('"'));
    if let Some(inner) = inner {
        let plain = inner.replace("\"\"", "");
        if !plain.contains('"') {
            return Ok(Some(inner.replace("\"\"", "\"")));
        }
    }
    let is_formula = formula
        .starts_with(|first: char| first.is_alphanumeric() || "\"'$([{+-@.#_".contains(first));
    if is_formula { Err(FORMULA.to_owned()) } else { Ok(None) }
}

/// Names may begin with an apostrophe; numbers, identities and what looks like a formula do not.
fn without_apostrophe(kind: Kind, text: &str) -> Result<&str, String> {
    let Some(rest) = text.strip_prefix(APOSTROPHES) else { return Ok(text) };
    let rest = rest.trim_start();
    let is_text = matches!(kind, Kind::Text | Kind::Mail | Kind::Free | Kind::List);
    let is_number = |text: &str| {
        text.contains(|character: char| character.is_ascii_digit())
            && text.chars().all(|it| it.is_ascii_digit() || "+-.,/() \u{a0}".contains(it))
    };
    let is_forced = !is_text || rest.starts_with(['=', '+', '-', '@']) || is_number(rest);
    if is_forced && rest.ends_with(APOSTROPHES) {
        return Err(SINGLE_QUOTES.to_owned());
    }
    Ok(if is_forced { rest } else { text })
}

fn refuse_errors(text: &str) -> Result<(), String> {
    let is_error = ERRORS.iter().any(|error| text.eq_ignore_ascii_case(error));
    let is_coded = text
        .strip_prefix("Err:")
        .is_some_and(|code| !code.is_empty() && code.bytes().all(|byte| byte.is_ascii_digit()));
    if is_error || is_coded {
        return Err(ERROR.to_owned());
    }
    if text.len() > 1 && text.bytes().all(|byte| byte == b'#') {
        return Err(NARROW.to_owned());
    }
    Ok(())
}
