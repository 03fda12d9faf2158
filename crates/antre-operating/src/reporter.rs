//! Which worker reports the metrics of the whole fleet.

use antre_store::status::Status;

/// A worker that is silent for so much longer than another leaves the fleet's metrics to that one. Three heartbeats.
const REPORTER_SILENT_MS: u64 = 6_000;

/// Returns whether `worker` is the one that reports the metrics of the whole fleet: of the workers that answer
/// over HTTP and are as lively as any the first by name. So each figure is reported once, however many workers
/// there are, also while Redis takes no signs of life.
pub fn is_reporter(status: &Status, worker: &str) -> bool {
    let with_http = || status.workers.iter().filter(|(_name, seen)| seen.said.has_http);
    let latest_ms = with_http().map(|(_name, seen)| seen.seen_ms).max().unwrap_or_default();
    let since_ms = latest_ms.saturating_sub(REPORTER_SILENT_MS);
    let mut reporters = with_http().filter(|(_name, seen)| seen.seen_ms >= since_ms);
    // A worker that has just started has shown nothing of itself yet.
    reporters.next().is_none_or(|(first, _seen)| worker <= first.as_str())
}

#[cfg(test)]
mod tests;
