//! What Redis must hold.

use antre_core::{priority::Priority, state::State};
use antre_model::machine::{Job, breaker::WorkerBreaker};

use super::{Bill, FollowUp, Model, Record, reads::Read};
use crate::snapshot::{Fields, Snapshot, counters_text, set_text};

impl Model {
    pub(crate) fn snapshot(&self) -> Snapshot {
        let mut snapshot = Snapshot::default();
        for (id, record) in &self.records {
            snapshot.put(format!("meta:{id}"), record_text(record));
            snapshot.put(format!("result:{id}"), record.result.map_or("", State::as_str));
        }
        for (external_id, bill) in &self.bills {
            snapshot.put(format!("bill:{external_id}"), bill_text(bill));
        }
        for (id, follow_up) in &self.follow_ups {
            snapshot.put(format!("follow_up:{id}"), follow_up_text(follow_up));
        }
        for (id, read) in &self.reads.known {
            snapshot.put(format!("read:{id}"), read_text(read));
        }
        for (id, command) in &self.commands {
            let counts = command.counts.iter().map(|(word, count)| ((*word).to_owned(), *count));
            let counts = counts.filter(|(word, _)| *word != "known").collect();
            snapshot.put(format!("command:{id}"), counters_text(&counts));
        }
        let early = self.early_cancels.by_target.iter();
        let mut early: Vec<_> = early.map(|(target, id)| format!("{target}={id}")).collect();
        early.sort();
        snapshot.put("cancels", early.join(" "));
        for (batch, counters) in &self.batches {
            snapshot.put(format!("batch:{batch}"), counters_text(counters));
        }
        for (id, list) in self.duplicates.iter().filter(|(id, _)| self.records.contains_key(*id)) {
            snapshot.put(format!("duplicates:{id}"), list.join(" "));
        }
        snapshot.put("totals", counters_text(&self.totals));
        snapshot.put("ended", self.ends.to_string());
        snapshot.put("ready_us", self.last_ready_us.to_string());
        snapshot.put("pacer", self.pacer_text());
        for (worker, seen) in self.breaker.workers() {
            snapshot.put(format!("worker:{worker}"), worker_text(seen));
        }
        self.put_identity(&mut snapshot);
        self.put_sets(&mut snapshot);
        snapshot
    }

    fn put_sets(&self, snapshot: &mut Snapshot) {
        for priority in [Priority::High, Priority::Normal, Priority::Low] {
            snapshot.put(format!("set:{priority}"), set_text(&self.waiting(priority)));
        }
        snapshot.put("set:scheduled", set_text(&self.due(State::Scheduled)));
        snapshot.put("set:leases", set_text(&self.due(State::Running)));
        snapshot.put("set:follow_ups", set_text(&self.follow_ups_by_due()));
        snapshot.put("set:reads", set_text(&self.reads.lane.iter().cloned().collect::<Vec<_>>()));
        for state in [State::Done, State::Dead] {
            let records = self
                .records
                .iter()
                .filter(|(_, record)| record.job.state == state && record.duplicate_of.is_none());
            let mut set: Vec<_> =
                records.map(|(id, record)| (record.ended_at_ms, id.clone())).collect();
            set.sort();
            snapshot.put(format!("set:{state}"), set_text(&set));
        }
        let suspects = self.breaker.suspects().iter();
        let mut suspects: Vec<_> =
            suspects.map(|(id, probed_ms)| (*probed_ms, id.clone())).collect();
        suspects.sort();
        snapshot.put("set:suspects", set_text(&suspects));
        let grants = self.pacer.grants().map(|(at, id)| (at.unix_us(), id.to_owned()));
        snapshot.put("set:grants", set_text(&grants.collect::<Vec<_>>()));
    }

    fn put_identity(&self, snapshot: &mut Snapshot) {
        let mut known = Fields::default();
        known
            .put("user_id", &self.identity.user_id)
            .put("mode", &self.identity.mode)
            .put("sent", if self.identity.has_sent { "1" } else { "" })
            .put("may_have_sent", if self.identity.may_have_sent { "1" } else { "" });
        let keys: Vec<&str> = self.identity.keys.keys().map(String::as_str).collect();
        snapshot.put("identity", format!("{} {}", known.text(), keys.join(" ")));
        for (fingerprint, stranger) in &self.identity.strangers {
            let text = format!("{} {}", stranger.reason, stranger.ask_ms);
            snapshot.put(format!("stranger:{fingerprint}"), text);
        }
    }

    fn pacer_text(&self) -> String {
        let mut fields = Fields::default();
        fields
            .put("next_at_us", self.pacer.next_at().unwrap_or_default().unix_us())
            .put("pause_until_us", self.pacer.paused_until().unwrap_or_default().unix_us())
            .put("budget", self.pacer.budget_left().unwrap_or_default())
            .put("failures", self.breaker.failures())
            .put("successes", self.breaker.successes())
            .put("breaker", self.breaker.open_state().map_or("", |open| open.reason.as_str()))
            .put("probe_at_us", self.breaker.probe_at().unwrap_or_default().unix_us())
            .put("answered", self.breaker.answered())
            .put("create_failures", self.breaker.create_failures())
            .put("breaker_scope", self.breaker.open_state().map_or("", |open| open.scope.as_str()))
            .put("prober", self.breaker.prober().unwrap_or_default())
            .put("recheck_left", self.recheck.left)
            .put("recheck_before_ms", self.recheck.before_ms)
            .put("recheck_all_before_ms", self.recheck.all_before_ms)
            .put("recheck_new_until_ms", self.recheck.new_until_ms)
            .put_option("since_read", self.reads.others_since);
        fields.text()
    }
}

fn worker_text(seen: &WorkerBreaker) -> String {
    let open = seen.open_state();
    let mut fields = Fields::default();
    fields
        .put("reason", open.map_or("", |open| open.reason.as_str()))
        .put("scope", open.map_or("", |open| open.scope.as_str()))
        .put("probe_at_us", open.map_or(0, |open| open.probe_at.unix_us()))
        .put("failures", seen.failures())
        .put("suspects", seen.suspects().join(" "))
        .put("answered", seen.answered())
        .put("answered_at", seen.answered_at())
        .put("created_at", seen.created_at())
        .put("limited", seen.limited_in_a_row().0)
        .put("limited_creates", seen.limited_in_a_row().1)
        .put("reopened", seen.reopened());
    fields.text()
}

fn record_text(record: &Record) -> String {
    let Record { job, .. } = record;
    let mut fields = Fields::default();
    fields
        .put("state", job.state)
        .put("priority", record.priority)
        .put("external_id", &record.external_id)
        .put("error_code", job.error_code.as_deref().unwrap_or_default())
        .put("invoice_id", job.invoice_id.as_deref().unwrap_or_default())
        .put("duplicate_of", record.duplicate_of.as_deref().unwrap_or_default())
        .put("cancelled_by", record.cancelled_by.join(" "));
    if let Some(origin) = &record.origin {
        fields.put("origin", origin).put("ready_us", record.ready_us);
        fields.put("claim_token", record.claim_token.as_deref().unwrap_or_default());
        put_moves(&mut fields, job);
    }
    fields.text()
}

fn put_moves(fields: &mut Fields, job: &Job) {
    fields
        .put("request", job.request)
        .put("attempts", job.attempts)
        .put("tries", job.tries)
        .put("creates", job.creates)
        .put("crashes", job.crashes)
        .put("limited", job.limited)
        .put("limited_at", job.limited_at)
        .put_option("refused_at", job.refused_at)
        .put("pending_charge", u8::from(job.is_charge_pending))
        .put_option("effective_until", job.effective_until_ms)
        .put_option("previous_effective_until", job.effective_until_before_ms)
        .put("last_create", job.last_create.map_or("", |last_create| last_create.as_str()))
        .put("touched", if job.is_touched { "1" } else { "" })
        .put("own_failures", job.own_failures)
        .put_option("lookup_failed_at", job.lookup_failed_at)
        .put_option("create_failed_at", job.create_failed_at)
        .put("claimed_at", job.claimed_at_ms);
}

fn bill_text(bill: &Bill) -> String {
    let mut fields = Fields::default();
    fields
        .put("job", &bill.job)
        .put("origin", &bill.origin)
        .put("amount", &bill.amount)
        .put("state", &bill.state)
        .put("sent", if bill.is_sent { "1" } else { "" })
        .put("closed_invoices", &bill.closed_invoices)
        .put("effective_until", bill.effective_until_ms.unwrap_or_default())
        .put("first_sent", bill.first_sent_ms.unwrap_or_default())
        .put("invoice_id", &bill.invoice_id)
        .put("expires_at", &bill.expires_at)
        .put("closed_before", bill.closed_before_ms);
    fields.text()
}

fn read_text(read: &Read) -> String {
    let mut fields = Fields::default();
    fields
        .put("kind", read.kind.as_str())
        .put("came_ms", read.came_ms)
        .put("deadline_ms", read.deadline_ms)
        .put("claim_token", read.claim_token.as_deref().unwrap_or_default());
    fields.text()
}

fn follow_up_text(follow_up: &FollowUp) -> String {
    let mut fields = Fields::default();
    fields
        .put("kind", follow_up.kind)
        .put("job", &follow_up.job)
        .put("external_id", &follow_up.external_id)
        .put("invoice_id", &follow_up.invoice_id)
        .put("attempts", follow_up.attempts)
        .put("cancelled_by", follow_up.cancelled_by.join(" "))
        .put_option("lookup_failed_at", follow_up.failed_at)
        .put("claim_token", follow_up.claim_token.as_deref().unwrap_or_default());
    fields.text()
}
