//! The state of accounts as people read it: what stops everything stands first.

use std::time::Duration;

use super::picture::{Pace, Picture, Worker};
use crate::output::{ago, instant, length, plain};

/// Returns the page.
pub(super) fn draw(pictures: &[Picture]) -> String {
    let pages: Vec<String> = pictures.iter().map(|picture| draw_one(picture).join("\n")).collect();
    pages.join("\n\n")
}

fn draw_one(picture: &Picture) -> Vec<String> {
    let mut lines = vec![format!("account {}  ({})", picture.account, instant(picture.now_ms))];
    lines.extend(warnings(picture));
    if !picture.is_known {
        lines.push("  no worker has ever served this account".to_owned());
        return lines;
    }
    let Picture { inbox, waiting, scheduled, running, done, dead, pace, .. } = picture;
    let total = waiting.high + waiting.normal + waiting.low;
    lines.push(format!("  inbox      {inbox}"));
    lines.push(format!(
        "  waiting    {total}  (high {}, normal {}, low {})",
        waiting.high, waiting.normal, waiting.low
    ));
    lines.push(format!("  scheduled  {scheduled}"));
    lines.push(format!("  running    {running}"));
    lines.push(format!("  done       {done}"));
    lines
        .push(format!("  dead       {dead}{}", if *dead > 0 { "  (antre dead list)" } else { "" }));
    lines.push(draw_pace(pace));
    let wait = length(Duration::from_secs(picture.estimated_wait_s));
    lines.push(format!("  wait       {wait} for a normal job submitted now"));
    lines.extend(picture.workers.iter().map(|worker| draw_worker(worker, picture.now_ms)));
    lines
}

/// Returns what stops or hinders the account.
pub(super) fn warnings(picture: &Picture) -> Vec<String> {
    let mut lines = Vec::new();
    if let Some(pause) = &picture.pause {
        let until = pause.until_ms.map_or_else(|| "resumed".to_owned(), instant);
        lines.push(format!(
            "  PAUSED by {} since {} ({} ago) until {until}: {}",
            plain(&pause.by),
            instant(pause.since_ms),
            ago(picture.now_ms, pause.since_ms),
            if pause.reason.is_empty() {
                "no reason given".to_owned()
            } else {
                plain(&pause.reason)
            },
        ));
    }
    if let Some(breaker) = &picture.breaker {
        lines.push(format!(
            "  BREAKER OPEN since {} ({} ago): {}",
            instant(breaker.since_ms),
            ago(picture.now_ms, breaker.since_ms),
            plain(&breaker.text),
        ));
    }
    let heard = picture.workers.iter().filter(|worker| !worker.is_silent);
    let closed = heard.filter_map(|worker| worker.closed_text.as_deref());
    lines.extend(closed.map(|text| format!("  WORKER CLOSED: {}", plain(text))));
    let strangers = picture.strangers.iter();
    lines.extend(strangers.map(|stranger| format!("  STRANGER: {}", plain(&stranger.text))));
    lines.extend(picture.unused_grants.map(|text| format!("  NOTHING IS SENT: {text}")));
    if picture.is_known && !picture.is_served() {
        lines.push("  NO WORKER serves this account: start one with antre worker".to_owned());
    }
    lines
}

fn draw_pace(pace: &Pace) -> String {
    let each = length(Duration::from_millis(pace.interval_ms));
    let next = if pace.wait_ms > 0 {
        let wait = length(Duration::from_millis(pace.wait_ms));
        format!(", the next in {wait} ({})", plain(&pace.wait_reason))
    } else {
        String::new()
    };
    format!("  pace       one request each {each}{next}")
}

fn draw_worker(worker: &Worker, now_ms: u64) -> String {
    let Worker { name, seen_ms, running, concurrency, uptime_s, .. } = worker;
    let silent = if worker.is_silent { "SILENT, " } else { "" };
    let cut_off = if worker.is_connected == Some(false) { ", XENDIT OUT OF REACH" } else { "" };
    let load =
        running.zip(*concurrency).map(|(running, most)| format!(", {running} of {most} running"));
    let up = uptime_s.map(|seconds| format!(", up {}", length(Duration::from_secs(seconds))));
    format!(
        "  worker     {}  ({silent}seen {} ago{}{}{cut_off})",
        plain(name),
        ago(now_ms, *seen_ms),
        load.unwrap_or_default(),
        up.unwrap_or_default(),
    )
}
