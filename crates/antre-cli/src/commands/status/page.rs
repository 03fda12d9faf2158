//! The state of accounts as people read it. A reason that stops everything comes first.

use std::time::Duration;

use antre_operating::Notice;
use antre_store::status::CallerCounts;

use super::view::{Obstacle, Pace, StatusView, Worker};
use crate::output::{ago, instant, length, plain};

/// Returns the page.
pub(super) fn draw(views: &[StatusView]) -> String {
    let pages: Vec<String> = views.iter().map(|view| draw_one(view).join("\n")).collect();
    pages.join("\n\n")
}

fn draw_one(view: &StatusView) -> Vec<String> {
    let mut lines = vec![format!("account {}  ({})", view.account, instant(view.now_ms))];
    lines.extend(view.obstacles.iter().map(|it| draw_obstacle(it, view.now_ms)));
    lines.extend(view.notices.iter().map(|it| draw_notice(it, view.now_ms)));
    if !view.is_known {
        lines.push("  no worker has ever served this account".to_owned());
        return lines;
    }
    let StatusView { inbox, waiting, scheduled, running, done, dead, pace, .. } = view;
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
    lines.push(match view.estimated_wait_s {
        Some(wait_s) => {
            let wait = length(Duration::from_secs(wait_s));
            format!("  wait       {wait} for a normal job submitted now")
        }
        None => "  wait       unknown while nothing is sent".to_owned(),
    });
    lines.extend(view.workers.iter().map(|worker| draw_worker(worker, view.now_ms)));
    lines.extend(view.callers.iter().map(|(name, counts)| draw_caller(name, counts)));
    lines
}

fn draw_caller(name: &str, counts: &CallerCounts) -> String {
    let CallerCounts { creates, still_queued, misnamed } = counts;
    let misnamed = match misnamed {
        0 => String::new(),
        times => format!(", {times} UNDER THE NAME OF ANOTHER BILL"),
    };
    let name = plain(name);
    format!(
        "  caller     {name}  ({creates} creates in the last hour, {still_queued} told still queued{misnamed})"
    )
}

/// Returns a line for each reason why nothing is sent, or not by everybody.
fn draw_obstacle(obstacle: &Obstacle, now_ms: u64) -> String {
    let Obstacle { code, headline, since_ms, text } = obstacle;
    let is_asked = matches!(*code, "paused" | "rejections" | "breaker_open");
    let since = since_ms
        .filter(|_| is_asked)
        .map(|since_ms| format!(" since {} ({} ago)", instant(since_ms), ago(now_ms, since_ms)));
    format!("  {headline}{}: {}", since.unwrap_or_default(), plain(text))
}

/// What happened lately explains what people see.
fn draw_notice(notice: &Notice, now_ms: u64) -> String {
    format!("  NOTE {} ago: {}", ago(now_ms, notice.at_ms), plain(&notice.text))
}

fn draw_pace(pace: &Pace) -> String {
    let each = length(Duration::from_millis(pace.interval_ms));
    let next = match pace.wait_ms {
        None => ", none while nothing is sent".to_owned(),
        Some(0) => String::new(),
        Some(wait_ms) => {
            let wait = length(Duration::from_millis(wait_ms));
            format!(", the next in {wait} ({})", pace.wait_reason)
        }
    };
    let jitter = match pace.jitter_learned_ms {
        0 => String::new(),
        learned_ms => {
            let learned = length(Duration::from_millis(learned_ms));
            format!("; after a 429 another {learned} for requests that are delivered unevenly")
        }
    };
    format!("  pace       one request each {each}{next}{jitter}")
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
