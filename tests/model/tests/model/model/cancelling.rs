//! What a cancel does to a job, as programs ask for it.

use antre_core::state::State;
use antre_model::{machine::Event, pacer::Moment};

use super::{
    AfterFollowUp, Bill, FollowUp, Model,
    commands::{place, with},
    follow_ups::remember_closed,
};

/// What is counted of a job that is counted already.
pub(super) const KNOWN: &str = "known";

impl Model {
    /// Returns what is counted.
    pub(super) fn cancel_for(&mut self, id: &str, command: &str, expire: bool) -> &'static str {
        let Some(record) = self.records.get(id).cloned() else { return "not_found" };
        if let Some(first) = record.duplicate_of.as_ref().filter(|_| expire) {
            return self.cancel_for(first, command, true);
        }
        if record.job.state == State::Cancelled {
            return if expire { self.look_at_cancelled(id, command) } else { "cancelled" };
        }
        if record.duplicate_of.is_some() {
            return "too_late";
        }
        if self.is_wanted_again(id, command) {
            return "too_late";
        }
        let job = &record.job;
        let is_doubtful = job.is_ambiguous()
            || job.request == antre_core::state::NextRequest::Expire
            || (expire && job.is_touched);
        match job.state {
            State::Done if expire => {
                self.close_bill(&record.external_id, command).unwrap_or("too_late")
            }
            State::Done => "too_late",
            State::Dead => {
                let has_sent = job.creates > 0 || job.is_touched || job.is_ambiguous();
                self.cancel_dead(id, command, expire, has_sent)
            }
            State::Waiting | State::Scheduled if !is_doubtful => {
                self.end_for(id, &Event::Cancel, command, expire)
            }
            _ if expire => self.mark(id, command),
            _ => "too_late",
        }
    }

    fn end_for(&mut self, id: &str, event: &Event, command: &str, expire: bool) -> &'static str {
        let record = self.records[id].clone();
        self.apply(self.clock, id, event, ("", ""));
        let is_of_bill = expire && record.origin.is_some();
        if is_of_bill && self.close_bill(&record.external_id, command) == Some("resolving") {
            self.count_for(command, "resolving", 1);
        }
        "cancelled"
    }

    fn cancel_dead(
        &mut self,
        id: &str,
        command: &str,
        expire: bool,
        has_sent: bool,
    ) -> &'static str {
        if !has_sent {
            return self.end_for(id, &Event::CancelDead, command, expire);
        }
        if !expire {
            return "too_late";
        }
        if self.retry(id) == antre_model::machine::Reply::Revived {
            return self.mark(id, command);
        }
        let external_id = self.records[id].external_id.clone();
        self.close_bill(&external_id, command).unwrap_or("too_late")
    }

    fn mark(&mut self, id: &str, command: &str) -> &'static str {
        let record = self.records.get_mut(id).unwrap();
        if record.cancelled_by.iter().any(|known| known == command) {
            return KNOWN;
        }
        with(&mut record.cancelled_by, command);
        self.apply(self.clock, id, &Event::Resolve, ("", ""));
        "resolving"
    }

    /// Returns whether a duplicate of the job was submitted after the command.
    fn is_wanted_again(&self, id: &str, command: &str) -> bool {
        let duplicates = self.duplicates.get(id).into_iter().flatten();
        duplicates.into_iter().any(|duplicate| place(duplicate) > place(command))
    }

    /// The bill is submitted again: a later word than those of the cancels before it.
    pub(super) fn want_again(&mut self, first: &str, duplicate: &str) {
        let record = self.records.get_mut(first).unwrap();
        let (others, overruled): (Vec<_>, Vec<_>) = std::mem::take(&mut record.cancelled_by)
            .into_iter()
            .partition(|command| place(command) > place(duplicate));
        let is_wanted = others.is_empty();
        record.cancelled_by = others;
        self.resolve(&overruled, "too_late");
        if is_wanted {
            self.apply(self.clock, first, &Event::WantAgain, ("", ""));
        }
    }

    /// Expires the invoice of a bill that was not submitted again after the command.
    fn close_bill(&mut self, external_id: &str, command: &str) -> Option<&'static str> {
        let owner = self.bills.get(external_id)?.job.clone();
        if owner.is_empty()
            || place(&owner) > place(command)
            || self.is_wanted_again(&owner, command)
        {
            return None;
        }
        self.close_delivered(external_id, &[command.to_owned()])
    }

    /// A refusal before the job was cancelled may have been wrong.
    fn look_at_cancelled(&mut self, id: &str, command: &str) -> &'static str {
        let record = self.records[id].clone();
        let bill = self.bills.get(&record.external_id);
        if bill.is_none_or(|bill| bill.job != id) {
            let word = self.close_bill(&record.external_id, command);
            return word.filter(|word| *word != "expired").unwrap_or("cancelled");
        }
        if !record.job.is_touched {
            return "cancelled";
        }
        let look = format!("close-{id}");
        if let Some(follow_up) = self.follow_ups.get_mut(&look) {
            if follow_up.cancelled_by.iter().any(|known| known == command) {
                return KNOWN;
            }
            with(&mut follow_up.cancelled_by, command);
            return "resolving";
        }
        let follow_up = FollowUp {
            kind: "audit",
            job: id.to_owned(),
            external_id: record.external_id,
            invoice_id: String::new(),
            due_ms: self.clock.unix_ms(),
            attempts: 0,
            failed_at: None,
            claim_token: None,
            cancelled_by: vec![command.to_owned()],
            expires_before: None,
        };
        self.follow_ups.insert(look, follow_up);
        "resolving"
    }

    /// Expires an invoice that was found of such a bill.
    fn close_found(&mut self, now: Moment, follow_up: &FollowUp, invoice: &str) {
        self.remember_closed(&follow_up.external_id, invoice);
        let id = format!("expire-{invoice}");
        if let Some(known) = self.follow_ups.get_mut(&id) {
            for command in &follow_up.cancelled_by {
                if !known.cancelled_by.contains(command) {
                    with(&mut known.cancelled_by, command);
                }
            }
            return;
        }
        let like = FollowUp { invoice_id: invoice.to_owned(), ..follow_up.clone() };
        self.add_follow_up(&id, now.unix_ms(), "expire", &like);
        self.follow_ups.get_mut(&id).unwrap().cancelled_by.clone_from(&follow_up.cancelled_by);
    }

    fn close_delivered(&mut self, external_id: &str, waiting: &[String]) -> Option<&'static str> {
        let is_done = |bill: &&mut Bill| bill.state == "done" && !bill.invoice_id.is_empty();
        let bill = self.bills.get_mut(external_id).filter(is_done)?;
        let invoice = bill.invoice_id.clone();
        for kind in ["expire", "close"] {
            if let Some(follow_up) = self.follow_ups.get_mut(&format!("{kind}-{invoice}")) {
                let known = |id: &String| follow_up.cancelled_by.contains(id);
                let word = if waiting.iter().all(known) { KNOWN } else { "resolving" };
                for id in waiting.iter().filter(|id| !known(id)).cloned().collect::<Vec<_>>() {
                    with(&mut follow_up.cancelled_by, &id);
                }
                return Some(word);
            }
        }
        let now_ms = self.clock.unix_ms();
        let ends = bill.expires_at.parse::<u64>();
        if ends.is_ok_and(|ends| ends <= now_ms) {
            return Some("expired");
        }
        let expires_before = std::mem::replace(&mut bill.expires_at, now_ms.to_string());
        remember_closed(&mut bill.closed_invoices, &invoice);
        let follow_up = FollowUp {
            kind: "expire",
            job: bill.job.clone(),
            external_id: external_id.to_owned(),
            invoice_id: invoice.clone(),
            due_ms: now_ms,
            attempts: 0,
            failed_at: None,
            claim_token: None,
            cancelled_by: waiting.to_vec(),
            expires_before: Some(expires_before),
        };
        self.follow_ups.insert(format!("expire-{invoice}"), follow_up);
        Some("resolving")
    }

    pub(super) fn remember_closed(&mut self, external_id: &str, invoice: &str) {
        if let Some(bill) = self.bills.get_mut(external_id) {
            remember_closed(&mut bill.closed_invoices, invoice);
        }
    }

    /// A cancel's expiry was given up: the invoice is as open as before.
    pub(super) fn leave_open(&mut self, follow_up: &FollowUp) {
        if let Some(expires_before) = &follow_up.expires_before
            && let Some(bill) = self.bills.get_mut(&follow_up.external_id)
            && bill.state == "done"
            && bill.invoice_id == follow_up.invoice_id
        {
            bill.expires_at.clone_from(expires_before);
        }
        self.resolve(&follow_up.cancelled_by, "too_late");
    }

    /// Tells the cancels that wait for this follow-up. Returns whether another one looks at the bill for them.
    pub(super) fn close(
        &mut self,
        now: Moment,
        follow_up: &FollowUp,
        answer: &AfterFollowUp,
    ) -> bool {
        let waiting = &follow_up.cancelled_by;
        if follow_up.kind == "expire" && answer.is_to_be_audited {
            let id = format!("close-{}", follow_up.invoice_id);
            if !self.follow_ups.contains_key(&id) {
                self.add_follow_up(&id, now.unix_ms(), "audit", follow_up);
                self.follow_ups.get_mut(&id).unwrap().cancelled_by.clone_from(waiting);
            }
            return true;
        }
        let bill = self.bills.get(&follow_up.external_id);
        let is_of_job = bill.is_some_and(|bill| bill.job == follow_up.job);
        let is_cancelled = is_of_job && bill.is_some_and(|bill| bill.state == "cancelled");
        let word = if answer.is_paid {
            let bill = self.bills.get_mut(&follow_up.external_id);
            if let Some(bill) = bill.filter(|bill| bill.state == "done") {
                bill.expires_at = String::new();
            }
            "paid"
        } else if let Some(invoice) = answer.relink.as_ref().filter(|_| is_cancelled) {
            self.close_found(now, follow_up, invoice);
            "resolving"
        } else if is_cancelled {
            "cancelled"
        } else if answer.relink.is_some() && is_of_job {
            self.close_delivered(&follow_up.external_id, waiting).unwrap_or("too_late")
        } else {
            "expired"
        };
        if word != "resolving" {
            self.resolve(waiting, word);
        }
        false
    }
}
