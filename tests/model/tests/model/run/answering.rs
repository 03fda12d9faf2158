//! What becomes of claims.

use antre_core::job_outcome::Outcome;
use antre_model::{machine::Reply, pacer::Returned};
use antre_store::{
    claim::{GivenBack, Grant, GrantKind, Unused},
    finish::Finished,
    lease::Heartbeat,
};

use super::{Fault, Held, Run, same};
use crate::{
    answers::{Subject, follow_up_answer, job_answer, probe_answer, probed},
    guarantees::Request,
    model::{Granted, Renewed},
    operation::{Pick, Roll},
};

impl Run {
    pub(super) async fn give_back(&mut self, pick: Pick, why: Returned) -> Result<(), Fault> {
        let Some(index) = self.pick(pick) else { return Ok(()) };
        self.held[index].is_answered = true;
        let grant = self.held[index].grant.clone();
        let unused = match why {
            Returned::TooLate => Unused::TooLate,
            Returned::Unreplicated => Unused::Unreplicated,
            Returned::Stopping => Unused::Stopping,
        };
        let given_back =
            self.queue.give_back(&grant, unused).await.map_err(|error| error.to_string())?;
        self.guarantees.returned(&grant.claim_token);
        if grant.kind == GrantKind::Read && given_back == GivenBack::Returned {
            self.guarantees.unsent(&grant.id, self.model.clock);
        }
        let is_held = self.model.give_back(&granted(&grant), &grant.worker.fingerprint, why);
        let expected = if is_held { GivenBack::Returned } else { GivenBack::LeaseLost };
        same("give back", &given_back, &expected)
    }

    pub(super) async fn finish(&mut self, pick: Pick, roll: Roll) -> Result<(), Fault> {
        let Some(index) = self.pick(pick) else { return Ok(()) };
        self.held[index].is_answered = true;
        let held = self.held[index].clone();
        match held.grant.kind {
            GrantKind::Job => self.finish_job(&held, roll).await,
            GrantKind::FollowUp => self.finish_follow_up(&held, roll).await,
            GrantKind::Probe => self.finish_probe(&held, roll).await,
            GrantKind::Read => self.finish_read(&held, roll).await,
        }
    }

    async fn finish_probe(&mut self, held: &Held, roll: Roll) -> Result<(), Fault> {
        let grant = &held.grant;
        let shown = probe_answer(roll, &grant.worker);
        let finished = self.queue.finish(grant, &Outcome::Probe(probed(&shown)), shown.quota).await;
        let finished = finished.map_err(|error| format!("{shown:?}: {error}"))?;
        self.coverage.count(&format!("probe {}", shown.outcome));
        let fingerprint = grant.worker.fingerprint.clone();
        let stranger = self.model.finish_probe(&fingerprint, &granted(grant), &shown);
        let expected = if stranger.is_some() { Finished::Stranger } else { Finished::Ours };
        same("probe", &finished, &expected)
    }

    async fn finish_job(&mut self, held: &Held, roll: Roll) -> Result<(), Fault> {
        let grant = &held.grant;
        let made =
            self.held.iter().filter(|other| other.grant.external_id() == grant.external_id());
        let closed = self.model.bills[grant.external_id()].closed_invoices.clone();
        let subject = Subject {
            request: grant.request,
            claim_token: &grant.claim_token,
            external_id: grant.external_id(),
            invoices: made.map(|other| format!("invoice-{}", other.grant.claim_token)).collect(),
            closed_invoices: &closed,
            now_ms: self.model.clock.unix_ms(),
        };
        let (answer, for_store) = job_answer(roll, &subject);
        let finished = self.queue.finish(grant, &Outcome::Job(for_store), answer.quota).await;
        let finished = finished.map_err(|error| format!("{answer:?}: {error}"))?;
        for invoice in &answer.surplus {
            self.guarantees.reported(invoice);
        }
        if finished != Finished::LeaseLost {
            let request = Request {
                claimed_at: held.claimed_at,
                claim_token: &grant.claim_token,
                external_id: grant.external_id(),
            };
            self.guarantees.answered(self.true_now, &request, &answer.outcome);
        }
        self.coverage.count(&format!("answer {}", answer.code));
        if finished == Finished::Raced {
            self.coverage.count("raced");
        }
        let reply = self.model.finish(&granted(grant), &answer);
        same(&format!("{:?} of {}", answer.outcome, grant.id), &Some(finished), &finished_by(reply))
    }

    async fn finish_follow_up(&mut self, held: &Held, roll: Roll) -> Result<(), Fault> {
        let grant = &held.grant;
        let (answer, for_store) = follow_up_answer(roll, &grant.claim_token);
        let for_store = Outcome::FollowUp(for_store);
        let finished = self.queue.finish(grant, &for_store, answer.quota).await;
        let finished = finished.map_err(|error| format!("{answer:?}: {error}"))?;
        for invoice in answer.surplus.iter().chain(&answer.relink) {
            self.guarantees.reported(invoice);
        }
        self.coverage.count(&format!("follow_up {}", for_store.word()));
        let expected = match self.model.finish_follow_up(&granted(grant), &answer) {
            None => Finished::LeaseLost,
            Some(true) => Finished::Done,
            Some(false) => Finished::Scheduled,
        };
        same(&format!("{:?} of {}", answer.outcome, grant.id), &finished, &expected)
    }

    /// One heartbeat for all claims that nobody has answered.
    pub(super) async fn renew(&mut self) -> Result<(), Fault> {
        let has_lease = |grant: &Grant| !matches!(grant.kind, GrantKind::Probe | GrantKind::Read);
        let is_renewed = |held: &&Held| !held.is_answered && has_lease(&held.grant);
        let open = self.held.iter().filter(is_renewed);
        let open: Vec<_> = open.map(|held| held.grant.clone()).collect();
        let heartbeat = Heartbeat {
            version: Some("0".into()),
            running: Some(open.len()),
            concurrency: Some(5),
            uptime_s: Some(1),
            is_connected: Some(true),
            has_http: true,
            ..Heartbeat::default()
        };
        let worker = self.workers[self.held.len() % self.workers.len()].name.clone();
        let renewed = self.queue.renew(&worker, &heartbeat, &open).await;
        let renewed = renewed.map_err(|error| error.to_string())?;
        self.model.breaker.serves(&worker);
        let lost = renewed.lost;
        let mut expected = Vec::new();
        for grant in open {
            if self.model.renew(&grant.id, &grant.claim_token) == Renewed::Lost {
                expected.push(grant.id);
            }
        }
        same("renew", &lost, &expected)
    }
}

pub(super) fn granted(grant: &Grant) -> Granted<'_> {
    Granted {
        id: &grant.id,
        claim_token: &grant.claim_token,
        external_id: grant.external_id(),
        worker: &grant.worker.name,
    }
}

fn finished_by(reply: Reply) -> Option<Finished> {
    Some(match reply {
        Reply::Done => Finished::Done,
        Reply::Dead => Finished::Dead,
        Reply::Cancelled => Finished::Cancelled,
        Reply::Waiting => Finished::Waiting,
        Reply::Scheduled => Finished::Scheduled,
        Reply::Surplus => Finished::Surplus,
        Reply::Same => Finished::Same,
        Reply::Raced => Finished::Raced,
        Reply::LeaseLost => Finished::LeaseLost,
        _ => return None,
    })
}
