//! What people call a job's fields when they do not know them, in English and Indonesian; without the signs between
//! words.

/// Fields and other words for each, in small letters and without the signs between words.
pub type OtherWords = &'static [(&'static str, &'static [&'static str])];

/// Words for the fields beside the body.
pub(super) const ENVELOPE_WORDS: OtherWords = &[
    ("run_at", &["jadwal", "schedule", "scheduledat", "sendat"]),
    ("batch", &["group", "grup", "kelompok"]),
    ("reference", &["ref", "referensi", "rowid"]),
    ("max_retries", &["retries", "retry", "maxattempts", "attempts"]),
];
