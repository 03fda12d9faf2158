//! Notes that scripts leave for people, as Redis has them. `antre-operating` says what they mean.

use crate::decode::Fields;

/// Something that happened, and how often in a row.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct RecordedEvent {
    /// What: `server_changed`, `clock_stepped_back`, `leases_lost`, `invalid_jobs`, `mixed_answers`, `look_ups_fail`,
    /// `billed_before`, or a word of another version.
    pub code: String,
    /// When it last happened, Unix milliseconds.
    pub at_ms: u64,
    /// When it first happened in this row, Unix milliseconds.
    pub since_ms: u64,
    /// How often since then.
    pub times: u64,
    /// To what the last time: a job, a worker, or how far.
    pub detail: String,
}

/// Returns the events by their code; what cannot be read is left out.
pub(super) fn decode(records: &Fields) -> Vec<RecordedEvent> {
    let mut events: Vec<RecordedEvent> =
        records.iter().filter_map(|(code, record)| read(code, record)).collect();
    events.sort_by(|one, other| one.code.cmp(&other.code));
    events
}

/// Reads `<at> <since> <times> <detail>`.
fn read(code: &str, record: &str) -> Option<RecordedEvent> {
    let mut parts = record.splitn(4, ' ');
    let mut number = || parts.next()?.parse::<u64>().ok();
    let (at_ms, since_ms, times) = (number()?, number()?, number()?);
    let detail = parts.next().unwrap_or_default().to_owned();
    Some(RecordedEvent { code: code.to_owned(), at_ms, since_ms, times, detail })
}
