//! Spans of time as people write them: `20ms`, `1.5s`, `1m`.

use std::time::Duration;

/// Why a text is no span of time.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum SpanError {
    /// The number before the unit does not parse or is negative.
    #[error("`{0}` does not begin with a number of at most ten years")]
    Number(String),
    /// The unit is missing or unknown.
    #[error("`{0}` does not end in us, ms, s, m or h")]
    Unit(String),
}

/// Parses `300us`, `20ms`, `1.5s`, `1m`, `2h`. `0` needs no unit.
///
/// # Errors
/// [`SpanError`] names what is wrong with the text.
pub fn parse_span(text: &str) -> Result<Duration, SpanError> {
    let text = text.trim();
    if text == "0" {
        return Ok(Duration::ZERO);
    }
    let unit = text.trim_start_matches(|c: char| c.is_ascii_digit() || c == '.');
    let number = text.strip_suffix(unit).unwrap_or_default();
    let seconds = match unit.trim_start() {
        "us" => 0.000_001,
        "ms" => 0.001,
        "s" => 1.0,
        "m" => 60.0,
        "h" => 3_600.0,
        _ => return Err(SpanError::Unit(text.to_owned())),
    };
    let number: f64 = number.parse().map_err(|_| SpanError::Number(text.to_owned()))?;
    let years_10_s = 10.0 * 366.0 * 86_400.0;
    Duration::try_from_secs_f64(number * seconds)
        .ok()
        .filter(|span| span.as_secs_f64() <= years_10_s)
        .map(|span| Duration::from_micros(u64::try_from(span.as_micros()).unwrap_or(u64::MAX)))
        .ok_or_else(|| SpanError::Number(text.to_owned()))
}

/// Writes a span in its largest unit that needs no fraction, as [`parse_span`] reads it.
pub fn format_span(span: Duration) -> String {
    let us = span.as_micros();
    for (unit_us, unit) in
        [(3_600_000_000, "h"), (60_000_000, "m"), (1_000_000, "s"), (1_000, "ms")]
    {
        if us >= unit_us && us.is_multiple_of(unit_us) {
            return format!("{}{unit}", us / unit_us);
        }
    }
    if us == 0 { "0ms".to_owned() } else { format!("{us}us") }
}

#[cfg(test)]
mod tests;
