//! What becomes of claims.

use antre_core::job_outcome::Outcome;
use antre_model::{machine::Reply, pacer::Returned};
use antre_store::{
    claim::{GivenBack, Grant, GrantKind, Unused},
    finish::Finished,
    lease::Heartbeat,
};

use super::{Course, Fault, Held, same};
use crate::{
    answers::{Subject, chore_answer, job_answer, probe_answer, probed},
    guarantees::Request,
    operation::{Pick, Roll},
    world::{Granted, Renewed},
};

impl Course {
    pub(super) async fn give_back(&mut self, pick: Pick, why: Returned) -> Result<(), Fault> {
        let Some(index) = self.pick(pick) else { return Ok(()) };
        self.held[index].is_answered = true;
        let grant = self.held[index].grant.clone();
        let unused = match why {
            Returned::Void => Unused::Void,
            Returned::Unreplicated => Unused::Unreplicated,
            Returned::Stopping => Unused::Stopping,
        };
        let given_back =
            self.queue.give_back(&grant, unused).await.map_err(|error| error.to_string())?;
        self.guarantees.returned(&grant.fence);
        let is_held = self.world.give_back(&granted(&grant), &grant.worker.fingerprint, why);
        let expected = if is_held { GivenBack::Returned } else { GivenBack::LeaseLost };
        same("give back", &given_back, &expected)
    }

    pub(super) async fn finish(&mut self, pick: Pick, roll: Roll) -> Result<(), Fault> {
        let Some(index) = self.pick(pick) else { return Ok(()) };
        self.held[index].is_answered = true;
        let held = self.held[index].clone();
        match held.grant.kind {
            GrantKind::Job => self.finish_job(&held, roll).await,
            GrantKind::Chore => self.finish_chore(&held, roll).await,
            GrantKind::Probe => self.finish_probe(&held, roll).await,
        }
    }

    async fn finish_probe(&mut self, held: &Held, roll: Roll) -> Result<(), Fault> {
        let grant = &held.grant;
        let shown = probe_answer(roll, &grant.worker);
        let finished = self.queue.finish(grant, &Outcome::Probe(probed(&shown)), shown.quota).await;
        let finished = finished.map_err(|error| format!("{shown:?}: {error}"))?;
        self.census.count(&format!("probe {}", shown.outcome));
        let fingerprint = grant.worker.fingerprint.clone();
        let stranger = self.world.finish_probe(&fingerprint, &granted(grant), &shown);
        let expected = if stranger.is_some() { Finished::Stranger } else { Finished::Ours };
        same("probe", &finished, &expected)
    }

    async fn finish_job(&mut self, held: &Held, roll: Roll) -> Result<(), Fault> {
        let grant = &held.grant;
        let made =
            self.held.iter().filter(|other| other.grant.external_id() == grant.external_id());
        let past = self.world.bills[grant.external_id()].past.clone();
        let subject = Subject {
            step: grant.step,
            fence: &grant.fence,
            external_id: grant.external_id(),
            invoices: made.map(|other| format!("invoice-{}", other.grant.fence)).collect(),
            past: &past,
            now_ms: self.world.clock.unix_ms(),
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
                fence: &grant.fence,
                external_id: grant.external_id(),
            };
            self.guarantees.answered(self.true_now, &request, &answer.outcome);
        }
        self.census.count(&format!("answer {}", answer.code));
        if finished == Finished::Raced {
            self.census.count("raced");
        }
        let reply = self.world.finish(&granted(grant), &answer);
        same(&format!("{:?} of {}", answer.outcome, grant.id), &Some(finished), &finished_by(reply))
    }

    async fn finish_chore(&mut self, held: &Held, roll: Roll) -> Result<(), Fault> {
        let grant = &held.grant;
        let (answer, for_store) = chore_answer(roll, &grant.fence);
        let for_store = Outcome::Chore(for_store);
        let finished = self.queue.finish(grant, &for_store, answer.quota).await;
        let finished = finished.map_err(|error| format!("{answer:?}: {error}"))?;
        for invoice in answer.surplus.iter().chain(&answer.relink) {
            self.guarantees.reported(invoice);
        }
        self.census.count(&format!("chore {}", for_store.word()));
        let expected = match self.world.finish_chore(&granted(grant), &answer) {
            None => Finished::LeaseLost,
            Some(true) => Finished::Done,
            Some(false) => Finished::Scheduled,
        };
        same(&format!("{:?} of {}", answer.outcome, grant.id), &finished, &expected)
    }

    /// One heartbeat for all claims that nobody has answered.
    pub(super) async fn renew(&mut self) -> Result<(), Fault> {
        let is_renewed = |held: &&Held| !held.is_answered && held.grant.kind != GrantKind::Probe;
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
        self.world.breaker.serves(&worker);
        let lost = renewed.lost;
        let mut expected = Vec::new();
        for grant in open {
            if self.world.renew(&grant.id, &grant.fence) == Renewed::Lost {
                expected.push(grant.id);
            }
        }
        same("renew", &lost, &expected)
    }
}

fn granted(grant: &Grant) -> Granted<'_> {
    Granted {
        id: &grant.id,
        fence: &grant.fence,
        external_id: grant.external_id(),
        worker: &grant.worker.name,
    }
}

fn finished_by(reply: Reply) -> Option<Finished> {
    Some(match reply {
        Reply::Done => Finished::Done,
        Reply::Dead => Finished::Dead,
        Reply::Waiting => Finished::Waiting,
        Reply::Scheduled => Finished::Scheduled,
        Reply::Surplus => Finished::Surplus,
        Reply::Same => Finished::Same,
        Reply::Raced => Finished::Raced,
        Reply::LeaseLost => Finished::LeaseLost,
        _ => return None,
    })
}
