//! Why nothing is sent, for commands that wait.

use antre_store::{Queue, StoreError};

use super::page::warnings;
use super::picture::Picture;

/// One reason.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Stop {
    /// The same as long as the reason is.
    pub(crate) code: &'static str,
    /// As `antre status` says it.
    pub(crate) text: String,
}

/// The words with which the page's warnings begin.
const CODES: [(&str, &str); 6] = [
    ("PAUSED", "paused"),
    ("BREAKER", "breaker_open"),
    ("WORKER", "worker_closed"),
    ("STRANGER", "stranger"),
    ("NOTHING", "unused_grants"),
    ("NO WORKER", "no_worker"),
];

/// Returns why no job of the account is sent now; nothing if jobs are sent.
pub(crate) async fn stops(queue: &Queue) -> Result<Vec<Stop>, StoreError> {
    Ok(of(&Picture::of(queue.account(), &queue.status().await?)))
}

pub(super) fn of(picture: &Picture) -> Vec<Stop> {
    let heard = || picture.workers.iter().filter(|worker| !worker.is_silent);
    let is_held =
        picture.pause.is_some() || picture.breaker.is_some() || picture.unused_grants.is_some();
    if !is_held
        && heard().any(|worker| worker.closed.is_none() && worker.is_connected != Some(false))
    {
        return Vec::new();
    }
    let mut stops: Vec<Stop> = warnings(picture).iter().map(|line| stop(line.trim())).collect();
    if heard().next().is_some() && heard().all(|worker| worker.is_connected == Some(false)) {
        let text = "NO WORKER reaches Xendit: look at the network, DNS and base_url".to_owned();
        stops.push(Stop { code: "no_connection", text });
    }
    stops
}

fn stop(line: &str) -> Stop {
    let code = CODES.iter().find(|(word, _)| line.starts_with(word));
    Stop { code: code.map_or("other", |(_, code)| code), text: line.to_owned() }
}
