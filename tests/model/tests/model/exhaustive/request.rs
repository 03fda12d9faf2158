//! From a grant to a request, and from its answer to the queue.

use std::time::Duration;

use antre_core::{Quota, amount::Amount, payer::Payer, state::NextRequest};
use antre_model::{
    machine::{self, Outcome, Reading, Standing},
    pacer::Returned,
};
use antre_xendit::api::identity::{Decision, ExpectedBill, Verdict, identify};

use super::{
    action::Fate,
    provider::OnItsWay,
    state::{
        BILL, FIRST_AMOUNT, Hand, OTHER_AMOUNT, REQUEST_TIMEOUT, State, TRUST_ABSENCE_ANSWERED,
        TRUST_ABSENCE_UNANSWERED, WORKERS,
    },
};
use crate::model::{AfterFollowUp, Answer, FollowUpOutcome, Granted, Shown};

/// What a worker was granted, with what the queue told it of the bill.
#[derive(Clone, Debug)]
pub(super) struct Grant {
    pub(super) id: String,
    pub(super) claim_token: String,
    request: NextRequest,
    bill: ExpectedBill,
    /// The invoice to expire.
    invoice: String,
    is_follow_up: bool,
    /// Until when a create may have an effect, Unix milliseconds.
    until_ms: u64,
}

/// What an answer says.
#[derive(Clone, Debug)]
pub(super) enum Reply {
    Job(Answer),
    FollowUp(AfterFollowUp),
    Probe,
}

/// A request that was sent.
#[derive(Clone, Debug)]
pub(super) struct Awaited {
    pub(super) grant: Grant,
    pub(super) answer: Option<Reply>,
    /// When the worker gives up, Unix milliseconds.
    pub(super) until_ms: u64,
    pub(super) is_frozen: bool,
}

impl Grant {
    pub(super) fn new(
        state: &State,
        id: String,
        request: NextRequest,
        claim_token: String,
    ) -> Self {
        let model = &state.model;
        let record = model.records.get(&id);
        let follow_up = model.follow_ups.get(&id);
        let bill = &model.bills[BILL];
        let job_id = follow_up.map_or(&id, |follow_up| &follow_up.job);
        let job = model.records.get(job_id);
        let amount = if bill.job == *job_id { bill.amount.as_str() } else { FIRST_AMOUNT };
        let set = |text: &str| (!text.is_empty()).then(|| text.to_owned());
        let origin = job.and_then(|job| job.origin.clone()).unwrap_or_else(|| bill.origin.clone());
        let expected = ExpectedBill {
            external_id: BILL.to_owned(),
            marker: origin.rsplit('-').next().unwrap().to_owned(),
            amount: Amount::parse(amount).unwrap(),
            currency: None,
            payer: Payer::default(),
            first_sent_ms: None,
            recorded: set(&bill.invoice_id),
            closed_invoices: bill.closed_invoices.split_whitespace().map(str::to_owned).collect(),
            closed_before_ms: None,
            check_first: job.is_some_and(|job| job.job.is_check_first),
            is_recheck: bill.former.is_some(),
            may_be_lost: false,
            user_id: None,
        };
        let invoice = follow_up
            .map(|follow_up| follow_up.invoice_id.clone())
            .or_else(|| state.to_expire.get(&id).cloned())
            .unwrap_or_default();
        let until_ms = record.and_then(|record| record.job.effective_until_ms).unwrap_or_default();
        Self {
            id,
            claim_token,
            request,
            bill: expected,
            invoice,
            is_follow_up: follow_up.is_some(),
            until_ms,
        }
    }

    fn is_probe(&self) -> bool {
        self.id == "probe"
    }

    pub(super) fn fates(&self) -> &'static [Fate] {
        match self.request {
            _ if self.is_probe() => &Fate::OF_PROBES,
            NextRequest::Create => &Fate::OF_CREATES,
            NextRequest::LookUp => &Fate::OF_LOOK_UPS,
            NextRequest::Expire => &Fate::OF_EXPIRIES,
        }
    }

    pub(super) fn essence(&self, now_ms: u64) -> String {
        let id = self.id.rsplit('-').next().unwrap_or_default();
        let kind = self.id.split('-').next().filter(|_| self.is_follow_up);
        let bill = &self.bill;
        let until = self.until_ms.saturating_sub(now_ms);
        format!(
            "{kind:?} {id} {} {} {:?} {:?} {} {until}",
            self.claim_token, self.request, bill.recorded, bill.closed_invoices, self.invoice
        )
    }
}

impl Awaited {
    pub(super) fn essence(&self, now_ms: u64) -> String {
        let left = self.until_ms.saturating_sub(now_ms);
        let answer = match &self.answer {
            None => "none".to_owned(),
            Some(Reply::Job(answer)) => format!("{:?} {:?}", answer.outcome, answer.surplus),
            Some(Reply::FollowUp(answer)) => {
                let flags = (answer.is_to_be_audited, answer.is_paid);
                format!("{:?} {:?} {:?} {flags:?}", answer.outcome, answer.surplus, answer.relink)
            }
            Some(Reply::Probe) => "probe".to_owned(),
        };
        format!("awaits {} {left} {} {answer}", self.grant.essence(now_ms), self.is_frozen)
    }
}

impl State {
    pub(super) fn send(&mut self, worker: usize, fate: Fate) {
        let Hand::Granted(grant) = self.hands[worker].clone() else { return };
        let answer = if grant.is_probe() {
            Some(Reply::Probe)
        } else if grant.is_follow_up {
            Some(Reply::FollowUp(self.follow_up_answer(&grant, fate)))
        } else {
            self.job_outcome(&grant, fate)
                .map(|(outcome, surplus)| Reply::Job(answer(outcome, surplus)))
        };
        let until_ms = self.now_ms() + ms(REQUEST_TIMEOUT);
        self.hands[worker] = Hand::Awaits(Awaited { grant, answer, until_ms, is_frozen: false });
    }

    /// Returns what the answer means, unless there is none.
    fn job_outcome(&mut self, grant: &Grant, fate: Fate) -> Option<(Outcome, Vec<String>)> {
        match grant.request {
            NextRequest::Create => self.create(grant, fate).map(|outcome| (outcome, Vec::new())),
            NextRequest::LookUp if fate == Fate::Good => Some(self.look_up(grant)),
            NextRequest::LookUp => Some((Outcome::LookUpFailed, Vec::new())),
            NextRequest::Expire => {
                if fate != Fate::LostFailed {
                    self.provider.expire(&grant.invoice);
                }
                let is_answered = fate == Fate::Good;
                Some((
                    if is_answered { Outcome::Expired } else { Outcome::LookUpFailed },
                    Vec::new(),
                ))
            }
        }
    }

    fn create(&mut self, grant: &Grant, fate: Fate) -> Option<Outcome> {
        let unanswered_ms = grant.until_ms + ms(TRUST_ABSENCE_UNANSWERED);
        let answered_ms = self.now_ms() + ms(TRUST_ABSENCE_ANSWERED);
        let is_other = grant.bill.amount == Amount::parse(OTHER_AMOUNT).unwrap();
        let amount = if is_other { OTHER_AMOUNT } else { FIRST_AMOUNT };
        let mark = grant.bill.marker.clone();
        let provider = &mut self.provider;
        let late = |until_ms| OnItsWay { amount, mark: mark.clone(), until_ms };
        match fate {
            Fate::LateUnanswered => provider.on_their_way.push(late(unanswered_ms)),
            Fate::LateFailed => provider.on_their_way.push(late(answered_ms)),
            _ => {}
        }
        let hidden_until_ms = (fate == Fate::ListedLate).then_some(unanswered_ms);
        let made = fate.is_done().then(|| provider.make(amount, mark, hidden_until_ms));
        if matches!(fate, Fate::LimitedDone | Fate::RefusedDone) {
            provider.deny_last();
        }
        match fate {
            Fate::Good | Fate::ListedLate => {
                made.map(|invoice| Outcome::Created(invoice, Standing::Good))
            }
            Fate::DoneUnanswered | Fate::LateUnanswered | Fate::LostUnanswered => None,
            Fate::DoneFailed | Fate::LateFailed | Fate::LostFailed => {
                Some(Outcome::Ambiguous(Reading::Answered))
            }
            Fate::LimitedDone | Fate::Limited => Some(Outcome::Limited),
            Fate::RefusedDone | Fate::Refused => Some(Outcome::Refused),
            Fate::Rejected => Some(Outcome::Rejected("REFUSED".to_owned())),
            Fate::NotSent => Some(Outcome::NotSent),
        }
    }

    fn look_up(&self, grant: &Grant) -> (Outcome, Vec<String>) {
        let Some(verdict) = self.verdict(grant) else {
            return (Outcome::LookUpFailed, Vec::new());
        };
        let outcome = match verdict.decision {
            Decision::Adopt(invoice) => {
                let is_paid = invoice.status.is_paid();
                let standing = if is_paid { Standing::Paid } else { Standing::Good };
                Outcome::Adopted(invoice.id, standing)
            }
            Decision::Absent => Outcome::Absent,
            Decision::ExpireFirst { invoice_id } => {
                return (Outcome::ExpireFirst, vec![invoice_id]);
            }
            Decision::Dead { reason, .. } => Outcome::FoundDead(reason.code().to_owned()),
        };
        (outcome, verdict.surplus)
    }

    /// Returns what a list tells of the bill; nothing where it lacks the invoice that the bill has.
    fn verdict(&self, grant: &Grant) -> Option<Verdict> {
        let list = self.provider.list(BILL);
        let is_listed = |id: &String| list.iter().any(|invoice| invoice.id == *id);
        let is_believed = grant.bill.recorded.as_ref().is_none_or(is_listed);
        is_believed.then(|| identify(&grant.bill, &list, true))
    }

    fn follow_up_answer(&mut self, grant: &Grant, fate: Fate) -> AfterFollowUp {
        let mut after = AfterFollowUp {
            outcome: FollowUpOutcome::Done,
            wait: Duration::ZERO,
            quota: Quota::default(),
            surplus: None,
            relink: None,
            is_to_be_audited: false,
            is_paid: false,
        };
        if grant.request == NextRequest::Expire {
            let is_done = fate != Fate::LostFailed && self.provider.expire(&grant.invoice);
            after.is_to_be_audited = fate == Fate::Good && !is_done;
        }
        if fate != Fate::Good {
            return AfterFollowUp { outcome: FollowUpOutcome::LookUpFailed, ..after };
        }
        if grant.request == NextRequest::Expire {
            return after;
        }
        let Some(verdict) = self.verdict(grant) else {
            return AfterFollowUp { outcome: FollowUpOutcome::LookUpFailed, ..after };
        };
        if let Decision::Adopt(invoice) = verdict.decision {
            after.is_paid = invoice.status.is_paid();
            after.surplus = verdict.surplus.first().cloned();
            after.relink =
                (grant.bill.recorded.as_ref() != Some(&invoice.id)).then_some(invoice.id);
        }
        after
    }

    pub(super) fn give_back(&mut self, worker: usize) {
        let Hand::Granted(grant) = std::mem::replace(&mut self.hands[worker], Hand::Free) else {
            return;
        };
        let granted = granted(&grant, worker);
        self.before = None;
        self.model.give_back(&granted, "key", Returned::Stopping);
    }

    pub(super) fn freeze(&mut self, worker: usize) {
        if let Hand::Awaits(awaited) = &mut self.hands[worker] {
            awaited.is_frozen = true;
        }
    }

    pub(super) fn answer(&mut self, worker: usize) {
        let Hand::Awaits(awaited) = std::mem::replace(&mut self.hands[worker], Hand::Free) else {
            return;
        };
        let before = self.model.clone();
        match awaited.answer {
            Some(Reply::Job(answer)) => self.finish(worker, &awaited.grant, answer),
            Some(Reply::FollowUp(after)) => {
                self.model.finish_follow_up(&granted(&awaited.grant, worker), &after);
            }
            Some(Reply::Probe) => {
                let shown = Shown {
                    outcome: "seen",
                    user_id: "user",
                    mode: "test",
                    wait: Duration::ZERO,
                    quota: Quota::default(),
                };
                self.model.finish_probe("key", &granted(&awaited.grant, worker), &shown);
            }
            None => {}
        }
        self.remember(before);
    }

    /// Only creates stay without an answer here: a look-up that is not answered is one that failed.
    pub(super) fn time_out(&mut self, worker: usize) {
        let Hand::Awaits(awaited) = std::mem::replace(&mut self.hands[worker], Hand::Free) else {
            return;
        };
        let before = self.model.clone();
        let unanswered = answer(Outcome::Ambiguous(Reading::Unanswered), Vec::new());
        self.finish(worker, &awaited.grant, unanswered);
        self.remember(before);
    }

    fn finish(&mut self, worker: usize, grant: &Grant, mut answer: Answer) {
        let closed = &self.model.bills[BILL].closed_invoices;
        let is_closed = |id: &str| closed.split_whitespace().any(|known| known == id);
        if let Outcome::Created(id, standing) | Outcome::Adopted(id, standing) = &mut answer.outcome
            && *standing != Standing::Paid
            && is_closed(id)
        {
            *standing = Standing::Closed;
        }
        if answer.outcome == Outcome::ExpireFirst {
            self.to_expire.insert(grant.id.clone(), answer.surplus.remove(0));
        }
        let reply = self.model.finish(&granted(grant, worker), &answer);
        if let Outcome::Created(id, _) | Outcome::Adopted(id, _) = answer.outcome
            && reply == machine::Reply::Waiting
        {
            self.to_expire.insert(grant.id.clone(), id);
        }
    }
}

fn granted(grant: &Grant, worker: usize) -> Granted<'_> {
    Granted {
        id: &grant.id,
        claim_token: &grant.claim_token,
        external_id: BILL,
        worker: WORKERS[worker],
    }
}

fn answer(outcome: Outcome, surplus: Vec<String>) -> Answer {
    let code = match &outcome {
        Outcome::Rejected(code) | Outcome::FoundDead(code) => code.clone(),
        _ => "code".to_owned(),
    };
    Answer {
        outcome,
        code,
        wait: Duration::from_secs(1),
        quota: Quota::default(),
        expires_at: String::new(),
        surplus,
    }
}

fn ms(duration: Duration) -> u64 {
    u64::try_from(duration.as_millis()).unwrap()
}
