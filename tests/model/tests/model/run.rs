//! One run of events, on Redis and on the model at once, compared after every step.

use std::{sync::Arc, time::Duration};

use antre_core::{mode::Mode, state::NextRequest};
use antre_model::pacer::Moment;
use antre_store::{
    Queue,
    claim::{Claim, Grant, GrantKind, WorkerIdentity},
    settings::{Configurator, Settings},
};
use redis::{aio::MultiplexedConnection, streams::StreamRangeReply};

use crate::{
    guarantees::Guarantees,
    model::{Claimed, Claimer, Model},
    operation::{Operation, Pick},
    seen::{Names, Seen},
    snapshot::Snapshot,
};

use crate::coverage::Coverage;

use commanding::Submitted;

mod answering;
mod commanding;
mod operating;
mod reading;
mod submitting;

const START: Moment = Moment::from_unix_us(1_700_000_000_000_000);
const CLAIMS_MAX: usize = 8;
const PATIENCE: Duration = Duration::from_secs(6);
const FOREVER: Duration = Duration::from_hours(1);

/// Why a run went wrong.
pub(crate) type Fault = String;

/// A claim that was granted at some time.
#[derive(Clone, Debug)]
struct Held {
    grant: Grant,
    claimed_at: Moment,
    is_answered: bool,
}

/// Both sides of a run.
#[derive(Debug)]
pub(crate) struct Run {
    queue: Queue,
    connection: MultiplexedConnection,
    model: Model,
    guarantees: Guarantees,
    names: Names,
    held: Vec<Held>,
    /// The time that passes outside, whatever the clock says.
    true_now: Moment,
    claims: u32,
    last_id: (u64, u64),
    servers: u32,
    workers: Vec<Arc<WorkerIdentity>>,
    coverage: Coverage,
    /// What is in the inbox.
    inbox: Vec<Submitted>,
    /// What Redis held after the last thing that happened.
    seen: Seen,
}

/// Workers and their keys: two with the account's own, one with a second key of the same account, one of another
/// account, one of the other mode.
const KEYS: [(&str, &str, Mode); 5] = [
    ("worker-0", "own", Mode::Test),
    ("worker-1", "own", Mode::Test),
    ("worker-2", "rotated", Mode::Test),
    ("worker-3", "foreign", Mode::Test),
    ("worker-4", "live", Mode::Live),
];

impl Run {
    pub(crate) async fn start(
        queue: Queue,
        mut connection: MultiplexedConnection,
        settings: &Settings,
    ) -> Self {
        // An inbox whose last id is old: ids follow the stopped clock.
        let inbox = queue.keys().inbox();
        let mut first = redis::pipe();
        first.cmd("XADD").arg(&inbox).arg("1-1").arg("created").arg("1");
        first.cmd("XDEL").arg(&inbox).arg("1-1");
        first.exec_async(&mut connection).await.unwrap();
        let own = WorkerIdentity::new(KEYS[0].0, KEYS[0].1, KEYS[0].2);
        let by = Configurator { worker: &own, has_lost_data: false };
        queue.configure(settings, by).await.unwrap();
        queue.set_clock(Some(START.unix_us())).await.unwrap();
        let run_id = queue.redis().server().await.unwrap().run_id;
        Self {
            model: Model::new(settings, START, &run_id),
            guarantees: Guarantees::new(settings),
            queue,
            connection,
            names: Names {
                workers: KEYS.iter().map(|(name, ..)| (*name).to_owned()).collect(),
                ..Names::default()
            },
            held: Vec::new(),
            true_now: START,
            claims: 0,
            last_id: (0, 0),
            servers: 0,
            workers: Vec::from_iter(KEYS.map(|(name, fingerprint, mode)| {
                let (name, fingerprint) = (name.to_owned(), fingerprint.to_owned());
                Arc::new(WorkerIdentity { name, fingerprint, mode })
            })),
            coverage: Coverage::default(),
            inbox: Vec::new(),
            seen: Seen::default(),
        }
    }

    /// Lets one thing happen on both sides and compares them.
    pub(crate) async fn step(&mut self, operation: &Operation) -> Result<(), Fault> {
        match operation {
            Operation::Accept(submitted) => self.accept(submitted).await?,
            Operation::Submit(submitted) => self.submit(submitted).await,
            Operation::Command(asked, is_at_once) => self.command(*asked, *is_at_once).await?,
            Operation::TakeIn(number) => self.take_in(*number).await?,
            Operation::Claim(worker) => {
                self.claim(*worker).await?;
            }
            Operation::ClaimPatiently(worker) => self.claim_patiently(*worker).await?,
            Operation::GiveBack(pick, why) => self.give_back(*pick, *why).await?,
            Operation::Finish(pick, roll) => self.finish(*pick, *roll).await?,
            Operation::Ask { count, number, wait } => self.ask(*count, *number, *wait).await?,
            Operation::Renew => self.renew().await?,
            Operation::Pass(time) => self.pass(*time).await,
            Operation::StepBack(step) => self.step_back(*step).await,
            Operation::Cancel(number) => self.cancel(*number).await?,
            Operation::Retry(number) => self.retry(*number).await?,
            Operation::Discard(number) => self.discard(*number).await?,
            Operation::Pause(length) => self.pause(*length).await,
            Operation::Resume => self.resume().await?,
            Operation::OtherServer => self.change_server().await,
            Operation::Recheck(new_for) => self.recheck(*new_for).await?,
            Operation::AcceptKey(is_other) => self.accept_key(*is_other).await?,
            Operation::Tire => self.tire().await,
        }
        self.compare().await
    }

    /// Returns how often what happened, also by the events that people can follow.
    pub(crate) async fn coverage(mut self) -> Coverage {
        for (name, count) in &self.model.totals {
            self.coverage.add(name, u64::try_from(*count).unwrap());
        }
        for (code, count) in &self.model.deaths {
            self.coverage.add(&format!("dead {code}"), *count);
        }
        for command in self.model.commands.values() {
            for (word, count) in command.counts.iter().filter(|(_, count)| **count > 0) {
                self.coverage.add(&format!("command {word}"), u64::try_from(*count).unwrap());
            }
        }
        let mut events = redis::cmd("XRANGE");
        events.arg(self.queue.keys().named("events")).arg("-").arg("+");
        let events: StreamRangeReply = events.query_async(&mut self.connection).await.unwrap();
        for entry in &events.ids {
            self.coverage.count(&format!("event {}", entry.get::<String>("event").unwrap()));
        }
        self.coverage
    }

    async fn compare(&mut self) -> Result<(), Fault> {
        self.names.follow_ups.extend(self.model.follow_ups.keys().cloned());
        let seen = Seen::read(&self.queue, &mut self.connection, &self.names).await;
        if let Some(difference) = Snapshot::difference(&seen.snapshot(), &self.model.snapshot()) {
            return Err(format!("redis and the model differ:{difference}"));
        }
        self.guarantees.check(&seen)?;
        self.seen = seen;
        Ok(())
    }

    /// Claims on both sides. Returns how long the answer says to wait, or `None` for a grant.
    async fn claim(&mut self, number: usize) -> Result<Option<Duration>, Fault> {
        self.claims += 1;
        let claim_token = format!("claim-{:04}", self.claims);
        let worker = Arc::clone(&self.workers[number]);
        let is_open = |held: &&Held| !held.is_answered && held.grant.worker == worker;
        let held = self.held.iter().filter(is_open).count();
        let claim = self.queue.claim_next(&claim_token, &worker, held).await;
        let claim = claim.map_err(|error| error.to_string())?;
        let expected = self.model.claim(&Claimer {
            claim_token: &claim_token,
            worker: &worker.name,
            fingerprint: &worker.fingerprint,
            mode: worker.mode.as_str(),
            held,
        });
        let (found, grant) = match claim {
            Claim::Granted(grant) => {
                let Grant { id, request, send_within, .. } = (*grant).clone();
                (Claimed::Granted { id, request, send_within }, Some(*grant))
            }
            Claim::Wait { wait, reason } => {
                (Claimed::Wait { wait, reason: reason.to_string() }, None)
            }
            Claim::Idle { due } => (Claimed::Idle { due }, None),
            Claim::Stranger { wait, reason } => (Claimed::Stranger { wait, reason }, None),
            Claim::Again => (Claimed::Again, None),
            Claim::Unconfigured => return Err("unconfigured".to_owned()),
        };
        same("claim", &found, &expected)?;
        self.coverage.count(&match &found {
            Claimed::Granted { id, .. } if id == "probe" => "claim probe".to_owned(),
            Claimed::Granted { id, .. } if id.starts_with("read-") => "claim read".to_owned(),
            Claimed::Granted { request, .. } => format!("claim {request}"),
            Claimed::Stranger { reason, .. } => format!("stranger {reason}"),
            Claimed::Wait { reason, .. } => format!("wait {reason}"),
            Claimed::Idle { .. } => "idle".to_owned(),
            Claimed::Again => "again".to_owned(),
        });
        if let Some(grant) = grant {
            self.hold(grant)?;
            return Ok(None);
        }
        Ok(Some(match found {
            Claimed::Wait { wait, .. } | Claimed::Stranger { wait, .. } => wait,
            Claimed::Idle { due } => due.unwrap_or(FOREVER),
            Claimed::Granted { .. } | Claimed::Again => Duration::ZERO,
        }))
    }

    fn hold(&mut self, grant: Grant) -> Result<(), Fault> {
        self.guarantees.granted(self.true_now, &grant.claim_token, grant.send_within)?;
        self.guarantees.in_turn(self.model.clock, &grant, &self.seen)?;
        if grant.kind == GrantKind::Job && grant.request == NextRequest::Create {
            let latest = self.true_now + grant.send_within;
            self.guarantees.creating(latest, &grant.claim_token, grant.external_id())?;
        }
        self.held.push(Held { grant, claimed_at: self.true_now, is_answered: false });
        Ok(())
    }

    async fn claim_patiently(&mut self, worker: usize) -> Result<(), Fault> {
        for _ in 0..CLAIMS_MAX {
            // The next that becomes due by itself may be a lease that is still in use.
            let has_open = self.held.iter().any(|held| !held.is_answered);
            let Some(wait) = self.claim(worker).await? else { break };
            if wait >= FOREVER || (has_open && wait >= PATIENCE) {
                break;
            }
            self.pass(wait).await;
            self.compare().await?;
        }
        Ok(())
    }

    async fn pass(&mut self, time: Duration) {
        self.true_now = self.true_now + time;
        self.set_clock(self.model.clock + time).await;
    }

    async fn step_back(&mut self, step: Duration) {
        let step_us = u64::try_from(step.as_micros()).unwrap();
        let clock = Moment::from_unix_us(self.model.clock.unix_us() - step_us);
        self.set_clock(clock).await;
    }

    async fn set_clock(&mut self, clock: Moment) {
        self.model.clock = clock;
        self.guarantees.clock_is(clock);
        self.queue.set_clock(Some(clock.unix_us())).await.unwrap();
    }

    /// Another server, if one was seen: Redis is made to remember a server that it is not.
    async fn change_server(&mut self) {
        if self.claims == 0 {
            return;
        }
        self.servers += 1;
        let other = format!("server-{}", self.servers);
        let mut remember = redis::cmd("HSET");
        remember.arg(self.queue.keys().named("pacer")).arg("run_id").arg(&other);
        remember.exec_async(&mut self.connection).await.unwrap();
        self.model.server = other;
    }

    fn pick(&self, pick: Pick) -> Option<usize> {
        let indices: Vec<usize> = match pick {
            Pick::Any(_) => (0..self.held.len()).collect(),
            Pick::Open(_) => {
                (0..self.held.len()).filter(|index| !self.held[*index].is_answered).collect()
            }
        };
        let (Pick::Open(number) | Pick::Any(number)) = pick;
        (!indices.is_empty()).then(|| indices[number % indices.len()])
    }
}

/// Compares two answers.
fn same<T: PartialEq + std::fmt::Debug>(what: &str, redis: &T, model: &T) -> Result<(), Fault> {
    if redis == model {
        return Ok(());
    }
    Err(format!("{what} answered\n    redis: {redis:?}\n    model: {model:?}"))
}
