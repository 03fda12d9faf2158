//! What the sender of an unknown name may have meant.

use super::words::{CONTACT_WORDS, OTHER_WORDS};
use super::{ATTRIBUTES, Field, INVOICE, JOB, Shape, find};
use crate::characters::without_invisible;

/// Longer names are compared by their beginning.
const COMPARED_CHARACTERS_MAX: usize = 40;
/// A shorter name is like too many others.
const SIMILAR_CHARACTERS_MIN: usize = 4;
const PART_CHARACTERS_MIN: usize = 3;
/// A shorter word is part of too many others.
const LONG_WORD_CHARACTERS_MIN: usize = 6;

/// Returns the field that a name may mean, as a path from the invoice on; `place` is the path of the object
/// in which the name stands (`customer`; empty for the invoice itself), and `fields` are that object's.
///
/// # Examples
/// ```
/// use antre_core::schema::{INVOICE, nearest};
///
/// assert_eq!(nearest(INVOICE, "", "payerEmail").as_deref(), Some("payer_email"));
/// assert_eq!(nearest(INVOICE, "", "phone").as_deref(), Some("customer.mobile_number"));
/// assert_eq!(nearest(INVOICE, "", "zzz"), None);
/// ```
pub fn nearest(fields: &[Field], place: &str, name: &str) -> Option<String> {
    let plain = snake(name);
    let here = |known: &str| {
        if place.is_empty() { known.to_owned() } else { format!("{place}.{known}") }
    };
    let all = all_paths();
    let elsewhere = |known: &str| {
        all.iter()
            .find(|(leaf, path)| *leaf == known && !path.contains('*'))
            .map(|(_, path)| path.clone())
    };
    fields
        .iter()
        .find(|field| is_same(field.name, &plain))
        .map(|field| here(field.name))
        .or_else(|| {
            contact(fields, &plain).map(|known| {
                if has(fields, known) { here(known) } else { format!("customer.{known}") }
            })
        })
        .or_else(|| other_word(fields, &plain).map(here))
        .or_else(|| similar(fields.iter().map(|field| field.name), &plain).map(here))
        .or_else(|| elsewhere(&plain))
        .or_else(|| of_customer(fields, &plain))
        .or_else(|| similar(all.iter().map(|(leaf, _)| *leaf), &plain).and_then(elsewhere))
        .or_else(|| part_of(fields, &plain).map(here))
}

/// Returns what is wrong with a name that is no field of a job, to stand after it.
pub fn unknown_job_field(name: &str) -> Option<String> {
    if has(JOB, name) {
        return None;
    }
    Some(match nearest_of_job(name) {
        Some(known) if !has(JOB, known) => {
            format!("is not a field of a job; put {known} inside invoice")
        }
        Some(known) => format!("is not a field of a job; did you mean {known}?"),
        None => {
            let advice = elsewhere_than_job(name).unwrap_or_else(|| {
                let names: Vec<&str> = JOB.iter().map(|field| field.name).collect();
                format!("it has {}", names.join(", "))
            });
            format!("is not a field of a job; {advice}")
        }
    })
}

/// Returns what to do with a name that is no field's of a job and near to none.
fn elsewhere_than_job(name: &str) -> Option<String> {
    let plain = snake(name);
    if let Some(known) = other_word(JOB, &plain) {
        return Some(format!("did you mean {known}?"));
    }
    if has(ATTRIBUTES, &plain) {
        return Some(format!("put {plain} inside customer"));
    }
    nearest(INVOICE, "", name).map(|known| format!("put {known} inside invoice"))
}

/// Returns the field of a job that a name is the nearest to, for readers of files in which fields of the
/// job and of the invoice stand side by side. A name that is a field, of either, is nobody else's.
pub fn meant_job_field(name: &str) -> Option<&'static str> {
    let is_known = has(JOB, name) || has(INVOICE, name);
    nearest_of_job(name).filter(|known| !is_known && has(JOB, known) && !has(INVOICE, known))
}

fn nearest_of_job(name: &str) -> Option<&'static str> {
    let plain = snake(name);
    let names = || JOB.iter().chain(INVOICE).map(|field| field.name);
    names().find(|known| is_same(known, &plain)).or_else(|| similar(names(), &plain))
}

fn has(fields: &[Field], name: &str) -> bool {
    fields.iter().any(|field| field.name == name)
}

/// Returns the name in the spelling of Xendit's fields: `payerEmail`, `Payer-Email` and `payer email` are
/// `payer_email`.
fn snake(name: &str) -> String {
    let mut plain = String::new();
    let mut was_small = false;
    for character in without_invisible(name).chars().take(COMPARED_CHARACTERS_MAX) {
        if character.is_uppercase() && was_small {
            plain.push('_');
        }
        was_small = character.is_lowercase() || character.is_ascii_digit();
        match character {
            '-' | ' ' | '.' => plain.push('_'),
            _ => plain.extend(character.to_lowercase()),
        }
    }
    plain
}

/// Tells whether two names differ in nothing but how their words are parted.
fn is_same(known: &str, plain: &str) -> bool {
    known == plain || known.replace('_', "") == plain.replace('_', "")
}

/// Returns the name that is a few letters away; a third of it may be mistyped.
fn similar(names: impl Iterator<Item = &'static str>, plain: &str) -> Option<&'static str> {
    names
        .filter(|known| known.len() >= SIMILAR_CHARACTERS_MIN)
        .map(|known| (strsim::osa_distance(plain, known), known))
        .filter(|(distance, known)| *distance <= known.len() / 3)
        .min_by_key(|(distance, _)| *distance)
        .map(|(_, known)| known)
}

/// Returns the address or name that one of the name's words is another word for.
fn contact(fields: &[Field], plain: &str) -> Option<&'static str> {
    let is_about_customer = has(fields, "customer") || has(fields, "given_names");
    let words: Vec<&str> = plain.split('_').collect();
    let squeezed = plain.replace('_', "");
    let is_word = |word: &&str| words.contains(word) || squeezed == *word || plain == *word;
    // `merchant_name` or `email_template` is no customer's.
    let is_short = words.len() <= 3;
    let found = CONTACT_WORDS.iter().find(|(names, _)| names.iter().any(&is_word));
    found.map(|(_, known)| *known).filter(|_| is_about_customer && is_short)
}

/// Returns the field of the object that people call so in English or Indonesian.
fn other_word(fields: &[Field], plain: &str) -> Option<&'static str> {
    let squeezed = plain.replace('_', "");
    let is_word = |word: &&str| {
        squeezed == *word
            || plain.split('_').any(|part| part == *word)
            || (word.len() >= LONG_WORD_CHARACTERS_MIN && squeezed.contains(word))
    };
    let found =
        OTHER_WORDS.iter().find(|(known, words)| has(fields, known) && words.iter().any(&is_word));
    found.map(|(known, _)| *known)
}

/// Returns the customer's field that people call so where the customer's fields do not belong.
fn of_customer(fields: &[Field], plain: &str) -> Option<String> {
    let Shape::Object(customer) = find(fields, "customer")? else { return None };
    other_word(customer, plain).map(|known| format!("customer.{known}"))
}

/// Returns the field that has all words of the name: `duration` for `invoice_duration`.
fn part_of(fields: &[Field], plain: &str) -> Option<&'static str> {
    let is_part =
        |known: &str| plain.split('_').all(|word| known.split('_').any(|one| one == word));
    let found = fields.iter().find(|field| is_part(field.name));
    found.filter(|_| plain.len() >= PART_CHARACTERS_MIN).map(|field| field.name)
}

/// Returns each field's name with its path from the invoice on.
fn all_paths() -> Vec<(&'static str, String)> {
    let mut all = Vec::new();
    collect(INVOICE, "", &mut all);
    all
}

fn collect(fields: &'static [Field], place: &str, all: &mut Vec<(&'static str, String)>) {
    for field in fields {
        let path = format!("{place}{}", field.name);
        match field.shape {
            Shape::Object(fields) => collect(fields, &format!("{path}."), all),
            Shape::Objects(fields) => collect(fields, &format!("{path}.*."), all),
            Shape::Number
            | Shape::Boolean
            | Shape::Text
            | Shape::Contact
            | Shape::Texts
            | Shape::Open => {}
        }
        all.push((field.name, path));
    }
}

#[cfg(test)]
mod tests;
