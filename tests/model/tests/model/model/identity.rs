//! Whose account it is: which keys were shown to belong to it.

use std::collections::BTreeMap;
use std::time::Duration;

use antre_core::Quota;
use antre_model::{machine::Observation, pacer::Moment};

use super::{Granted, Model, claiming::Claimed, claiming::Claimer, ms};

const ASK_AGAIN_MS: u64 = 60_000;
const PAUSE_MAX_MS: u64 = 120_000;
const KEY_NOTED_MS: i64 = 10_000;
const SHOWN_LATELY_MS: i64 = 60_000;

/// What is remembered of the account at Xendit.
#[derive(Clone, Debug, Default)]
pub(crate) struct Identity {
    pub(crate) user_id: String,
    pub(crate) mode: String,
    pub(crate) has_sent: bool,
    /// A server took over that may have forgotten the first create.
    pub(crate) may_have_sent: bool,
    /// When each was shown last, Unix milliseconds.
    pub(crate) keys: BTreeMap<String, u64>,
    pub(crate) strangers: BTreeMap<String, Stranger>,
}

/// A key that was not shown to be the account's.
#[derive(Clone, Debug)]
pub(crate) struct Stranger {
    pub(crate) reason: String,
    pub(crate) user_id: String,
    pub(crate) mode: String,
    pub(crate) ask_ms: u64,
}

/// What a probe showed.
#[derive(Clone, Debug)]
pub(crate) struct Shown {
    pub(crate) outcome: &'static str,
    pub(crate) user_id: &'static str,
    pub(crate) mode: &'static str,
    pub(crate) wait: Duration,
    pub(crate) quota: Quota,
}

impl Shown {
    fn is_answer(&self) -> bool {
        matches!(self.outcome, "seen" | "empty" | "silent")
    }
}

impl Identity {
    fn begin_anew(&mut self, now_ms: u64, fingerprint: &str, shown: &Shown) {
        self.keys.clear();
        shown.user_id.clone_into(&mut self.user_id);
        shown.mode.clone_into(&mut self.mode);
        self.accept(now_ms, fingerprint);
    }

    fn accept(&mut self, now_ms: u64, fingerprint: &str) {
        self.keys.insert(fingerprint.to_owned(), now_ms);
        self.strangers.remove(fingerprint);
    }

    pub(super) fn note_shown(&mut self, now_ms: u64, fingerprint: &str) {
        let shown_ms = self.keys.get_mut(fingerprint).unwrap();
        if signed(now_ms) - signed(*shown_ms) >= KEY_NOTED_MS {
            *shown_ms = now_ms;
        }
    }

    /// From the first create on, keys that were only presumed to be the account's must show it.
    pub(super) fn note_first_create(&mut self, fingerprint: &str) {
        if !std::mem::replace(&mut self.has_sent, true) && self.user_id.is_empty() {
            self.keys.retain(|key, _| key == fingerprint);
        }
    }

    fn contradiction(&self, shown: &Shown) -> Option<&'static str> {
        let is_known = !self.user_id.is_empty();
        if self.mode != shown.mode {
            Some("other_mode")
        } else if is_known && !shown.user_id.is_empty() && self.user_id != shown.user_id {
            Some("other_account")
        } else if shown.outcome == "empty" && is_known {
            Some("no_invoices")
        } else {
            None
        }
    }

    /// Returns why the key is a stranger, or `None` when it is the account's from now on.
    fn judge(&mut self, now_ms: u64, fingerprint: &str, shown: &Shown) -> Option<&'static str> {
        if !shown.is_answer() {
            return Some(shown.outcome);
        }
        if self.keys.is_empty() {
            self.begin_anew(now_ms, fingerprint, shown);
            return None;
        }
        let other = self.contradiction(shown);
        if !self.has_sent && !self.may_have_sent {
            let shown_lately =
                |shown_ms: &u64| signed(now_ms) - signed(*shown_ms) < SHOWN_LATELY_MS;
            let is_in_use = self.keys.values().any(shown_lately);
            match other {
                None => {
                    if !shown.user_id.is_empty() {
                        shown.user_id.clone_into(&mut self.user_id);
                    }
                    self.accept(now_ms, fingerprint);
                }
                Some(_) if !is_in_use => self.begin_anew(now_ms, fingerprint, shown),
                Some(other) => return Some(other),
            }
            return None;
        }
        if other.is_some() {
            return other;
        }
        if self.user_id.is_empty() || shown.user_id.is_empty() {
            return Some("unproven");
        }
        self.accept(now_ms, fingerprint);
        None
    }
}

fn signed(number: u64) -> i64 {
    i64::try_from(number).unwrap()
}

impl Model {
    /// A person's word. Returns whether it was taken.
    pub(crate) fn accept_key(&mut self, fingerprint: &str, is_other_account: bool) -> bool {
        let is_unfinished = self
            .records
            .values()
            .any(|record| record.duplicate_of.is_none() && !record.job.state.is_ended())
            || !self.inbox.is_empty();
        let stranger = self.identity.strangers[fingerprint].clone();
        let now_ms = self.clock.unix_ms();
        let is_known_other =
            matches!(stranger.reason.as_str(), "other_account" | "other_mode" | "no_invoices");
        match (is_other_account, is_unfinished, is_known_other) {
            (true, true, _) | (false, _, true) => false,
            (true, false, _) => {
                self.identity.keys.clear();
                self.identity.user_id = stranger.user_id;
                self.identity.mode = stranger.mode;
                self.identity.accept(now_ms, fingerprint);
                true
            }
            (false, _, false) => {
                if self.identity.mode.is_empty() {
                    self.identity.mode = stranger.mode;
                }
                self.identity.accept(now_ms, fingerprint);
                true
            }
        }
    }

    /// A stranger gets nothing but a probe, now and then.
    pub(super) fn identify(&mut self, now: Moment, claimer: &Claimer<'_>) -> Claimed {
        let known = self.identity.strangers.get(claimer.fingerprint).cloned();
        let stranger = known.unwrap_or_else(|| Stranger {
            reason: "unproven".to_owned(),
            user_id: String::new(),
            mode: String::new(),
            ask_ms: 0,
        });
        let stranger = Stranger { mode: claimer.mode.to_owned(), ..stranger };
        let ahead_ms = stranger.ask_ms.saturating_sub(now.unix_ms());
        if (1..=PAUSE_MAX_MS).contains(&ahead_ms) {
            let wait = Duration::from_millis(ahead_ms);
            let reason = stranger.reason.clone();
            self.identity.strangers.insert(claimer.fingerprint.to_owned(), stranger);
            return Claimed::Stranger { wait, reason };
        }
        if let Some(wait) = self.held_back(now) {
            return Claimed::Stranger { wait, reason: stranger.reason };
        }
        let ask_ms = now.unix_ms() + ms(self.settings.breaker_probe);
        let stranger = Stranger { ask_ms, ..stranger };
        let send_within = self.pacer.grant(now, claimer.claim_token);
        self.identity.strangers.insert(claimer.fingerprint.to_owned(), stranger);
        super::claiming::probe(send_within)
    }

    /// Returns why the key is a stranger, or `None` when it is the account's.
    pub(crate) fn finish_probe(
        &mut self,
        fingerprint: &str,
        grant: &Granted<'_>,
        shown: &Shown,
    ) -> Option<String> {
        let now_ms = self.clock.unix_ms();
        if !self.identity.keys.contains_key(fingerprint)
            && let Some(reason) = self.identity.judge(now_ms, fingerprint, shown)
        {
            let reason = reason.to_owned();
            let is_told = matches!(shown.outcome, "forbidden" | "key_refused");
            let wait_ms = if shown.is_answer() || is_told {
                ASK_AGAIN_MS
            } else {
                ms(self.settings.breaker_probe).max(ms(shown.wait)).min(PAUSE_MAX_MS)
            };
            let ask_ms = self.clock.unix_ms() + wait_ms;
            let (user_id, mode) = (shown.user_id.to_owned(), shown.mode.to_owned());
            let stranger = Stranger { reason: reason.clone(), user_id, mode, ask_ms };
            self.identity.strangers.insert(fingerprint.to_owned(), stranger);
            return Some(reason);
        }
        self.note_probe(grant, shown);
        if self.identity.user_id.is_empty() && !shown.user_id.is_empty() {
            shown.user_id.clone_into(&mut self.identity.user_id);
            self.identity.strangers.clear();
        }
        None
    }

    fn note_probe(&mut self, grant: &Granted<'_>, shown: &Shown) {
        let now = self.clock;
        self.pacer.observe_quota(now, grant.claim_token, shown.quota);
        if shown.outcome != "not_sent" {
            self.pacer.sent();
        }
        let observation = match shown.outcome {
            "key_refused" => Observation::KeyRefused,
            "limited" => Observation::Limited,
            "not_sent" | "lookup_failed" => Observation::Failure,
            // A key that may not read and is ours all the same shows that Xendit answers.
            _ => Observation::Answered,
        };
        let change = self.breaker.observe(now, grant.worker, ("probe", shown.outcome), observation);
        self.note_change(change);
        self.note_limited(now, grant.worker, observation, change);
        self.follow_limit(grant.claim_token, shown.wait);
    }
}
