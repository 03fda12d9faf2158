//! One line of the table.

use std::time::Duration;

use super::count::Count;
use super::pace::Pace;

/// The head of the table.
pub const HEAD: &str = "\
| neighbour | in 0.1.0 | jobs | lost | payable twice | pace of the healthy, whole / after 10 s | first word, by | until its next request / all done |
|---|---|--:|--:|--:|--:|---|--:|";

/// What came of one neighbour.
#[derive(Debug, Clone)]
pub struct Row {
    /// Jobs and invoices.
    pub count: Count,
    /// Absent where the fault strikes everybody.
    pub pace: Option<Pace>,
    /// The first word about it, and how long after the fault's begin it could be read.
    pub word: Option<(Duration, String)>,
    /// From the end of the fault to the next request of those that it struck that was answered well.
    pub next_request: Option<Duration>,
    /// From the end of the fault until nothing was left to do. Absent: it was not within the time allowed.
    pub all_done: Option<Duration>,
    /// What else is worth knowing, for whoever runs it.
    pub remarks: Vec<String>,
}

impl Row {
    /// Returns the line.
    pub fn to_markdown(&self, title: &str, before: &str) -> String {
        let Count { jobs, lost, payable_twice, .. } = &self.count;
        let pace = self.pace.map_or("–".to_owned(), |pace| pace.to_string());
        let word = self
            .word
            .as_ref()
            .map_or("none".to_owned(), |(after, word)| format!("{}, {word}", seconds(*after)));
        let done = |time: Option<Duration>| time.map_or("never".to_owned(), seconds);
        format!(
            "| {title} | {before} | {jobs}{} | {lost} | {payable_twice} | {pace} | {word} | {} / {} |",
            self.count.to_remarks(),
            done(self.next_request),
            done(self.all_done),
        )
    }
}

fn seconds(time: Duration) -> String {
    format!("{:.1} s", time.as_secs_f64())
}
