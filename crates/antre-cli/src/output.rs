//! Output for people and programs: standard output for results, standard error for remarks.

use std::fmt;
use std::io::{self, Write as _};

use antre_core::duration_text::DurationText;
use chrono::{DateTime, SecondsFormat};
use serde::Serialize;

mod table;
#[cfg(test)]
mod tests;

use std::time::Duration;

pub(crate) use self::table::Table;

/// Writes a text and a line break to standard output.
pub(crate) fn print(text: &str) -> io::Result<()> {
    let mut output = io::stdout().lock();
    writeln!(output, "{text}")?;
    output.flush()
}

/// Writes a text and a line break to standard error.
pub(crate) fn eprint(text: &str) -> io::Result<()> {
    writeln!(io::stderr().lock(), "{text}")
}

/// Writes a value as JSON, indented for people.
pub(crate) fn print_json(value: &impl Serialize) -> anyhow::Result<()> {
    Ok(print(&serde_json::to_string_pretty(value)?)?)
}

/// Empties the screen and writes a text at its top.
pub(crate) fn redraw(text: &str) -> io::Result<()> {
    let mut output = io::stdout().lock();
    writeln!(output, "\u{1b}[H\u{1b}[2J{text}")?;
    output.flush()
}

/// Shows an instant of Redis' clock: `2026-12-01T06:15:00Z`.
pub(crate) fn instant(unix_ms: u64) -> String {
    let instant = i64::try_from(unix_ms).ok().and_then(DateTime::from_timestamp_millis);
    instant.map_or_else(|| "?".to_owned(), |at| at.to_rfc3339_opts(SecondsFormat::Secs, true))
}

/// Shows a length in the two largest units that matter: `2d 3h`, `41m 12s`, `3.2s`, `505ms`.
pub(crate) fn length(duration: Duration) -> String {
    let seconds = duration.as_secs();
    let (larger, unit, smaller, small_unit) = match seconds {
        0 => return format!("{}", DurationText(duration)),
        1..60 if duration.subsec_millis() < 100 => return format!("{seconds}s"),
        1..60 => return format!("{seconds}.{}s", duration.subsec_millis() / 100),
        60..3_600 => (seconds / 60, "m", seconds % 60, "s"),
        3_600..86_400 => (seconds / 3_600, "h", seconds / 60 % 60, "m"),
        _ => (seconds / 86_400, "d", seconds / 3_600 % 24, "h"),
    };
    if smaller == 0 {
        format!("{larger}{unit}")
    } else {
        format!("{larger}{unit} {smaller}{small_unit}")
    }
}

/// Shows a number of things: `1 job`, `2 jobs`.
pub(crate) fn counted<T: fmt::Display + PartialEq + From<u8> + Copy>(
    count: T,
    thing: &str,
) -> String {
    let plural = if count == T::from(1) { "" } else { "s" };
    format!("{count} {thing}{plural}")
}

/// Shows how long before `now_ms` an instant was.
pub(crate) fn ago(now_ms: u64, unix_ms: u64) -> String {
    length(Duration::from_secs(now_ms.saturating_sub(unix_ms) / 1_000))
}

/// Returns a text that others wrote without what could steer the terminal.
pub(crate) fn plain(text: &str) -> String {
    text.chars().map(|character| if character.is_control() { ' ' } else { character }).collect()
}
