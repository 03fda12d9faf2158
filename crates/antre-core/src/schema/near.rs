//! The known name that is nearest to an unknown one.

use super::words::ENVELOPE_WORDS;
use super::{ATTRIBUTES, Field, Shape, find};
use crate::characters::without_invisible;
use crate::product::Product;

/// Longer names are compared by their beginning.
const COMPARED_CHARACTERS_MAX: usize = 40;
/// A shorter name is like too many others.
const SIMILAR_CHARACTERS_MIN: usize = 4;
const PART_CHARACTERS_MIN: usize = 3;
/// A shorter word is part of too many others.
const LONG_WORD_CHARACTERS_MIN: usize = 6;

impl Product {
    /// Returns the field that a name may mean, as a path from the body on; `place` is the path of the object
    /// in which the name stands (`customer`; empty for the body itself), and `fields` are that object's.
    pub fn nearest(&self, fields: &[Field], place: &str, name: &str) -> Option<String> {
        let plain = snake(name);
        let here = |known: &str| {
            if place.is_empty() { known.to_owned() } else { format!("{place}.{known}") }
        };
        let all = self.all_paths();
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
                self.contact(fields, &plain).map(|known| {
                    if has(fields, known) { here(known) } else { self.of_payer(known) }
                })
            })
            .or_else(|| self.other_word(|known| has(fields, known), &plain).map(here))
            .or_else(|| similar(fields.iter().map(|field| field.name), &plain).map(here))
            .or_else(|| elsewhere(&plain))
            .or_else(|| self.payer_word(fields, &plain))
            .or_else(|| similar(all.iter().map(|(leaf, _)| *leaf), &plain).and_then(elsewhere))
            .or_else(|| part_of(fields, &plain).map(here))
    }

    /// Returns what is wrong with a name that is no field of a job, to stand after it.
    pub fn unknown_job_field(&self, name: &str) -> Option<String> {
        if self.is_job_field(name) {
            return None;
        }
        Some(match self.nearest_of_job(name) {
            Some(known) if !self.is_job_field(known) => {
                format!("is not a field of a job; put {known} inside {}", self.field)
            }
            Some(known) => format!("is not a field of a job; did you mean {known}?"),
            None => {
                let advice = self.elsewhere_than_job(name).unwrap_or_else(|| {
                    let names: Vec<&str> = self.job_fields().collect();
                    format!("it has {}", names.join(", "))
                });
                format!("is not a field of a job; {advice}")
            }
        })
    }

    /// Returns what to do with a name that is no field's of a job and near to none.
    fn elsewhere_than_job(&self, name: &str) -> Option<String> {
        let plain = snake(name);
        if let Some(known) = self.other_word(|known| self.is_job_field(known), &plain) {
            return Some(format!("did you mean {known}?"));
        }
        if has(ATTRIBUTES, &plain) {
            return Some(format!("put {plain} inside customer"));
        }
        let known = self.nearest(self.fields, "", name)?;
        Some(format!("put {known} inside {}", self.field))
    }

    /// Returns the field of a job that a name is the nearest to, for readers of files in which fields of the
    /// job and of its body stand side by side. A name that is a field, of either, is nobody else's.
    pub fn meant_job_field(&self, name: &str) -> Option<&'static str> {
        let is_of_body = |name: &str| has(self.fields, name);
        let is_known = self.is_job_field(name) || is_of_body(name);
        self.nearest_of_job(name)
            .filter(|known| !is_known && self.is_job_field(known) && !is_of_body(known))
    }

    fn nearest_of_job(&self, name: &str) -> Option<&'static str> {
        let plain = snake(name);
        let names = || self.job_fields().chain(self.fields.iter().map(|field| field.name));
        names().find(|known| is_same(known, &plain)).or_else(|| similar(names(), &plain))
    }

    /// Returns the path of a field of the payer.
    pub(crate) fn of_payer(&self, known: &str) -> String {
        format!("{}.{known}", self.payer.field)
    }

    /// Returns the payer's own fields.
    fn payer_fields(&self) -> &'static [Field] {
        match find(self.fields, self.payer.field) {
            Some(Shape::Object(fields)) => fields,
            _ => &[],
        }
    }

    /// Returns the address or name that one of the name's words is another word for, in the body and in the payer.
    fn contact(&self, fields: &[Field], plain: &str) -> Option<&'static str> {
        let is_about_payer = has(fields, self.payer.field) || fields == self.payer_fields();
        let words: Vec<&str> = plain.split('_').collect();
        let squeezed = plain.replace('_', "");
        let is_word = |word: &&str| words.contains(word) || squeezed == *word || plain == *word;
        // `merchant_name` or `email_template` is no customer's.
        let is_short = words.len() <= 3;
        let found = self.payer.words.iter().find(|(names, _)| names.iter().any(&is_word));
        found.map(|(_, known)| *known).filter(|_| is_about_payer && is_short)
    }

    /// Returns the one of these fields that people call so in English or Indonesian.
    fn other_word(&self, is_there: impl Fn(&str) -> bool, plain: &str) -> Option<&'static str> {
        let squeezed = plain.replace('_', "");
        let is_word = |word: &&str| {
            squeezed == *word
                || plain.split('_').any(|part| part == *word)
                || (word.len() >= LONG_WORD_CHARACTERS_MIN && squeezed.contains(word))
        };
        let all = ENVELOPE_WORDS.iter().chain(self.words);
        let mut known = all.filter(|(known, words)| is_there(known) && words.iter().any(&is_word));
        known.next().map(|(known, _)| *known)
    }

    /// Returns the payer's field that people call so where the payer's fields do not belong.
    fn payer_word(&self, fields: &[Field], plain: &str) -> Option<String> {
        let Shape::Object(payer) = find(fields, self.payer.field)? else { return None };
        self.other_word(|known| has(payer, known), plain).map(|known| self.of_payer(known))
    }

    /// Returns each field's name with its path from the body on.
    fn all_paths(&self) -> Vec<(&'static str, String)> {
        let mut all = Vec::new();
        collect(self.fields, "", &mut all);
        all
    }
}

fn has(fields: &[Field], name: &str) -> bool {
    fields.iter().any(|field| field.name == name)
}

/// Returns the name in the spelling of the lists: `payerEmail`, `Payer-Email` and `payer email` are
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

/// Returns the field that has all words of the name: `duration` for `invoice_duration`.
fn part_of(fields: &[Field], plain: &str) -> Option<&'static str> {
    let is_part =
        |known: &str| plain.split('_').all(|word| known.split('_').any(|one| one == word));
    let found = fields.iter().find(|field| is_part(field.name));
    found.filter(|_| plain.len() >= PART_CHARACTERS_MIN).map(|field| field.name)
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
