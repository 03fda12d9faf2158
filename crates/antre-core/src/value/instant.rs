//! Instants as programs write them.

use chrono::DateTime;

use super::trimmed;

/// The forms that are taken beside RFC 3339's own: what databases and languages print.
const FORMS: [&str; 4] =
    ["%Y-%m-%dT%H:%M:%S%.f%z", "%Y-%m-%dT%H:%M%z", "%Y-%m-%dT%H:%M:%S%.f%#z", "%Y-%m-%dT%H:%M%#z"];

/// Returns the instant in Unix milliseconds: a date, a time and an offset, as in RFC 3339. The offset may also be
/// `+0700` or `+07` or stand behind a blank, a blank may stand for the `T`, and the seconds may be missing. A zone in brackets after the
/// offset is left out.
///
/// Nothing for a text without an offset, because nobody knows which clock it means.
///
/// # Examples
/// ```
/// use antre_core::value::unix_ms;
///
/// assert_eq!(unix_ms("2026-12-01T08:00:00+07:00"), Some(1_796_086_800_000));
/// assert_eq!(unix_ms("2026-12-01 08:00:00 +0700"), Some(1_796_086_800_000));
/// assert_eq!(unix_ms("2026-12-01T08:00:00"), None);
/// ```
pub fn unix_ms(text: &str) -> Option<i64> {
    let text = trimmed(text);
    let (date, rest) = text.split_at_checked(10)?;
    let time = rest.strip_prefix(['T', 't', ' '])?;
    let offset = time.find(['+', '-', 'Z', 'z', 'U', 'u', 'G', 'g'])?;
    let (time, offset) = time.split_at_checked(offset)?;
    let offset = without_zone(offset);
    let offset = match offset {
        "Z" | "z" | "UTC" | "utc" | "GMT" | "gmt" => "+00:00",
        other => other,
    };
    // A blank before the offset, not two.
    let time = time.strip_suffix(' ').unwrap_or(time);
    let is_plain =
        |text: &str| text.bytes().all(|byte| byte.is_ascii_digit() || b"-:.+".contains(&byte));
    if !is_plain(date) || !is_plain(time) || !is_plain(offset) {
        return None;
    }
    let text = format!("{date}T{time}{offset}");
    let found = DateTime::parse_from_rfc3339(&text)
        .or_else(|error| {
            FORMS.iter().find_map(|form| DateTime::parse_from_str(&text, form).ok()).ok_or(error)
        })
        .ok()?;
    Some(found.timestamp_millis())
}

/// Java's `+07:00[Asia/Jakarta]`: the offset says all.
fn without_zone(offset: &str) -> &str {
    let zone = offset.split_once('[').filter(|(_, zone)| zone.ends_with(']'));
    zone.map_or(offset, |(offset, _)| offset)
}
