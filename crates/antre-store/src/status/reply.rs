//! From the script's reply to values.

use std::{collections::HashMap, time::Duration};

use super::{Breaker, Owner, Pause, Status, Stranger, Unused, UnusedGrant, WaitReason};
use crate::decode::{Fields, flag, number, optional, text};

pub(super) fn account(figures: &Fields, pacer: &Fields) -> Status {
    let count = |name: &str| number::<u64>(figures, name);
    Status {
        now_ms: count("now_ms"),
        inbox: count("inbox"),
        waiting: [count("high"), count("normal"), count("low")],
        scheduled: count("scheduled"),
        scheduled_soon: count("scheduled_soon"),
        running: count("running"),
        done: count("done"),
        dead: count("dead"),
        follow_ups: count("follow_ups"),
        suspects: count("suspects"),
        ahead: [count("ahead_high"), count("ahead_low")],
        interval: Duration::from_micros(count("interval_us")),
        wait: Duration::from_micros(count("wait_us")),
        // A pause that another version recorded has a reason that only that one knows.
        wait_reason: optional(figures, "wait_reason").unwrap_or(WaitReason::Pause),
        send_within: Duration::from_micros(count("send_within_us")),
        jitter_allowance: Duration::from_micros(count("jitter_us")),
        jitter_learned: Duration::from_micros(count("jitter_learned_us")),
        sent_us: count("sent_us"),
        oldest_ready_us: count("oldest_ready_us"),
        pause: pause(pacer, count("now_ms")),
        breaker: text(pacer, "breaker").map(|reason| Breaker {
            reason,
            since_ms: number(pacer, "breaker_since_ms"),
            is_for_creates: text(pacer, "breaker_scope").as_deref() == Some("creates"),
        }),
        unused: text(pacer, "unused_reason").map(|reason| UnusedGrant {
            at_ms: number(pacer, "unused_at_ms"),
            is_unreplicated: reason == Unused::Unreplicated.as_str(),
        }),
        already_paid_ms: ["already_paid_ms", "already_paid_before_ms"]
            .map(|name| number(pacer, name)),
        ..Status::default()
    }
}

pub(super) fn owner(identity: &Fields) -> Owner {
    let mut keys: Vec<String> =
        identity.keys().filter_map(|field| field.strip_prefix("key:")).map(str::to_owned).collect();
    keys.sort();
    Owner {
        user_id: text(identity, "user_id"),
        mode: optional(identity, "mode"),
        keys,
        may_have_sent: flag(identity, "sent") || flag(identity, "may_have_sent"),
    }
}

pub(super) fn strangers(records: Fields) -> Vec<Stranger> {
    let mut strangers: Vec<Stranger> = records
        .into_iter()
        .map(|(fingerprint, json)| {
            let stranger: Stranger = serde_json::from_str(&json).unwrap_or_default();
            Stranger { fingerprint, ..stranger }
        })
        .collect();
    strangers.sort_by(|one, other| one.fingerprint.cmp(&other.fingerprint));
    strangers
}

pub(super) fn breakers(records: HashMap<String, Fields>) -> HashMap<String, Breaker> {
    let open = records.into_iter().filter_map(|(worker, fields)| {
        let reason = text(&fields, "reason")?;
        let is_for_creates = text(&fields, "scope").as_deref() == Some("creates");
        Some((worker, Breaker { reason, since_ms: number(&fields, "since_ms"), is_for_creates }))
    });
    open.collect()
}

/// Returns the pause unless its time is over; the next claim will remove it then.
fn pause(pacer: &Fields, now_ms: u64) -> Option<Pause> {
    text(pacer, "paused_at_ms")?;
    let until_ms = optional(pacer, "paused_until_ms");
    until_ms.is_none_or(|until_ms: u64| until_ms > now_ms).then(|| Pause {
        by: text(pacer, "paused_by").unwrap_or_default(),
        reason: text(pacer, "pause_why").unwrap_or_default(),
        since_ms: number(pacer, "paused_at_ms"),
        until_ms,
    })
}
