//! Durations as people write them: `500ms`, `15s`, `2m`, `1h`, `7d`.

use std::fmt;
use std::time::Duration;

/// The units, largest first, with their lengths in milliseconds.
const UNITS: [(&str, u64); 5] =
    [("d", 86_400_000), ("h", 3_600_000), ("m", 60_000), ("s", 1_000), ("ms", 1)];

/// Why a text is no duration.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum DurationTextError {
    /// The text is not a whole number followed by a unit.
    #[error("is not a duration; write a whole number and a unit: 500ms, 15s, 2m, 1h or 7d")]
    Syntax,
    /// The duration does not fit into 64 bits of milliseconds.
    #[error("is too long a duration")]
    TooLong,
}

/// Returns the duration that a whole number with one of the units `ms`, `s`, `m`, `h`, `d` stands for.
///
/// # Errors
/// [`DurationTextError`]; fractions, several units and a missing unit are syntax errors.
///
/// # Examples
/// ```
/// use std::time::Duration;
///
/// assert_eq!(antre_core::duration_text::parse("15s")?, Duration::from_secs(15));
/// # Ok::<(), antre_core::duration_text::DurationTextError>(())
/// ```
pub fn parse(text: &str) -> Result<Duration, DurationTextError> {
    let text = text.trim();
    let digits = text.bytes().take_while(u8::is_ascii_digit).count();
    let (number, unit) = text.split_at_checked(digits).ok_or(DurationTextError::Syntax)?;
    let unit_ms = UNITS.iter().find(|(name, _)| *name == unit).map(|(_, unit_ms)| *unit_ms);
    let unit_ms = unit_ms.filter(|_| !number.is_empty()).ok_or(DurationTextError::Syntax)?;
    let number: u64 = number.parse().map_err(|_| DurationTextError::TooLong)?;
    number.checked_mul(unit_ms).map(Duration::from_millis).ok_or(DurationTextError::TooLong)
}

/// Shows a duration in the form that [`parse`] reads, in the largest unit that needs no fraction.
///
/// Fractions of a millisecond are cut.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct DurationText(pub Duration);

impl fmt::Display for DurationText {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let length_ms = self.0.as_millis();
        let fitting = UNITS
            .iter()
            .map(|(unit, unit_ms)| (unit, u128::from(*unit_ms)))
            .find(|(_, unit_ms)| length_ms > 0 && length_ms.is_multiple_of(*unit_ms));
        match fitting {
            Some((unit, unit_ms)) => write!(formatter, "{}{unit}", length_ms / unit_ms),
            None => formatter.write_str("0s"),
        }
    }
}

#[cfg(test)]
mod tests;
