//! An option: its names, its default, its values, and its text for readers.

use std::fmt;
use std::time::Duration;

use antre_core::Mode;
use antre_core::duration_text::DurationText;

/// One option. Each is declared once, in [`super::options`]: the program reads it, refuses values and
/// writes `deploy/antre.example.toml` and `docs/options.md` from here.
#[derive(Debug)]
pub(crate) struct Setting {
    /// The name in `antre.toml`.
    pub(crate) name: &'static str,
    /// The variable of the same meaning; for options of an account it applies to `default`.
    pub(crate) variable: &'static str,
    /// A variable that others set, too, read when the first one is not there.
    pub(crate) fallback: Option<&'static str>,
    /// What holds when nobody says anything, as one would write it; empty where there is no such value.
    pub(crate) default: &'static str,
    /// A value to show where there is no default; else empty.
    #[cfg_attr(not(test), expect(dead_code, reason = "the example file is written by a test"))]
    pub(crate) example: &'static str,
    /// Which values are taken.
    pub(crate) taken: Taken,
    /// What it does: whole sentences, for people who choose a value.
    #[cfg_attr(not(test), expect(dead_code, reason = "the pages are written by a test"))]
    pub(crate) doc: &'static str,
}

/// Which values are taken.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Taken {
    /// What its reader says.
    Text,
    /// One of these words.
    Words(&'static [&'static str]),
    /// A time, or several, within these ranges.
    Times(Times),
    /// A whole number.
    Number(Numbers),
}

/// The times that are taken. A live key moves real money and is held to a narrower range; other keys may have
/// short times, as in tests.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Times {
    /// With any key.
    pub(crate) any: Range,
    /// With a live key.
    pub(crate) live: Range,
    /// What goes wrong beyond them.
    pub(crate) reason: &'static str,
}

/// The whole numbers that are taken, with any key.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Numbers {
    pub(crate) min: u32,
    pub(crate) max: u32,
    /// What goes wrong beyond them.
    pub(crate) reason: &'static str,
}

/// The shortest and the longest time that is taken.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Range {
    pub(crate) min: Duration,
    pub(crate) max: Duration,
}

impl Setting {
    /// Returns the time if it is taken with a key of this mode.
    ///
    /// # Errors
    /// What is wrong with it, to stand after the option's name.
    pub(crate) fn check_time(&self, time: Duration, mode: Mode) -> Result<Duration, String> {
        let Taken::Times(Times { any, live, reason }) = self.taken else { return Ok(time) };
        let (value, default) = (DurationText(time), self.default);
        if !any.contains(time) {
            return Err(format!("{value} is not within {any}: {reason}; the default is {default}"));
        }
        if mode == Mode::Live && !live.contains(time) {
            return Err(format!(
                "{value} is not within {live}, the range with a live key: {reason}; the default is {default}"
            ));
        }
        Ok(time)
    }

    /// Returns the whole number that was written, if it is one that is taken.
    ///
    /// # Errors
    /// What is wrong with it, to stand after the option's name.
    pub(crate) fn check_number(&self, number: Option<u32>, written: &str) -> Result<u32, String> {
        let Taken::Number(Numbers { min, max, reason }) = self.taken else {
            return number.ok_or_else(|| format!("{written:?} is not a whole number"));
        };
        number.filter(|number| (min..=max).contains(number)).ok_or_else(|| {
            let default = self.default;
            format!("{written:?} is not a whole number from {min} to {max}: {reason}; the default is {default}")
        })
    }

    /// Returns what is wrong with a word that is not taken, to stand after the option's name.
    pub(crate) fn refusal_of_word(&self, word: &str) -> String {
        let words: &[&str] = if let Taken::Words(words) = self.taken { words } else { &[] };
        match words {
            [one, other] => format!("{word:?} is neither {one} nor {other}"),
            [others @ .., last] => format!("{word:?} is none of {} and {last}", others.join(", ")),
            [] => format!("{word:?} means nothing here"),
        }
    }
}

impl Range {
    fn contains(&self, time: Duration) -> bool {
        (self.min..=self.max).contains(&time)
    }
}

impl fmt::Display for Range {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} to {}", DurationText(self.min), DurationText(self.max))
    }
}
