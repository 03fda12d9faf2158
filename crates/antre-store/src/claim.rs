//! Claiming: the token and the best job in one decision.

use std::{sync::Arc, time::Duration};

use antre_core::{mode::Mode, state::Step};
use apalis_redis::queries::CompactTask;
use redis::{Value, aio::MultiplexedConnection};

use crate::{
    Queue, StoreError,
    decode::{Fields, Reply, unexpected},
    script::{CLAIM_NEXT, GIVE_BACK, PROBE},
    settings::Settings,
};

/// What a claim brought.
#[derive(Debug)]
pub enum Claim {
    /// One request may leave now.
    Granted(Box<Grant>),
    /// Work is ready, but no request may leave before this wait is over.
    Wait {
        /// How long.
        wait: Duration,
        /// What for: `pace`, `limit`, `quota`, `limited`, `breaker`, `paused`, `replica`, or `alone`: the next job runs
        /// alone, once this worker holds nothing else.
        reason: String,
    },
    /// The worker's key was not shown to be this account's: nothing is granted to it.
    Stranger {
        /// When to ask again.
        wait: Duration,
        /// Why: `unproven`, `other_account`, `other_mode`, `no_invoices`, `forbidden`, or the code of a failure.
        reason: String,
    },
    /// Nothing is ready.
    Idle {
        /// When something becomes ready by itself.
        due: Option<Duration>,
    },
    /// More was due than one script may move: claim again at once.
    Again,
    /// The account has no settings: nobody configured it, or Redis has lost its data.
    Unconfigured,
}

/// The worker that claims, and the key that it would use.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct WorkerIdentity {
    /// A name that no other worker of the fleet has.
    pub name: String,
    /// The fingerprint of its key and address.
    pub fingerprint: String,
    /// The mode of its key.
    pub mode: Mode,
}

impl WorkerIdentity {
    /// Returns the identity of worker `name` with a key of this fingerprint and mode.
    pub fn new(name: &str, fingerprint: &str, mode: Mode) -> Self {
        Self { name: name.to_owned(), fingerprint: fingerprint.to_owned(), mode }
    }
}

/// When a claim counts as kept.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Durability {
    /// When the server has it.
    #[default]
    Local,
    /// When one replica has it as well, confirmed inside the send fence.
    Replicated,
    /// `Replicated` once the server has been seen with a replica, `Local` before. Whoever claims decides which.
    Auto,
}

/// Claims for one worker. A replicated claim has a connection of its own, because `WAIT` blocks it.
#[derive(Debug)]
pub struct Claimant {
    queue: Queue,
    worker: Arc<WorkerIdentity>,
    own: Own,
}

/// With the generation of the server's connections in which it was opened.
#[derive(Default)]
struct Own(Option<(MultiplexedConnection, u64)>);

impl std::fmt::Debug for Own {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_tuple("Own").field(&self.0.is_some()).finish()
    }
}

/// What a grant is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum GrantKind {
    /// A submitted job.
    Job,
    /// Work that a finish left behind.
    Chore,
    /// The newest invoice is asked for: it shows whose the key is, and whether Xendit answers this worker.
    Probe,
}

impl GrantKind {
    /// Returns the word that scripts use.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Job => "job",
            Self::Chore => "chore",
            Self::Probe => "probe",
        }
    }
}

/// The right to send one request for one job or chore.
#[derive(Debug, Clone)]
pub struct Grant {
    /// Job or chore.
    pub kind: GrantKind,
    /// The job's or chore's id.
    pub id: String,
    /// The random id of this claim; every later call about it must show it.
    pub fence: String,
    /// Who claimed it.
    pub worker: Arc<WorkerIdentity>,
    /// How long the request may take, by the configuration in force.
    pub request_timeout: Duration,
    /// How long after the claim was sent the request's first byte may leave.
    pub send_within: Duration,
    /// Which request.
    pub step: Step,
    /// The job's JSON as it was submitted; of a chore its job's, `{}` when that is gone.
    pub data: Vec<u8>,
    /// The record's fields, and those of the bill with the prefix `bill.`.
    record: Fields,
}

impl Grant {
    /// Returns a field of the record unless it is absent or empty.
    pub fn field(&self, name: &str) -> Option<&str> {
        self.record.get(name).map(String::as_str).filter(|text| !text.is_empty())
    }

    /// Returns whether nothing else may run in the worker at the same time: the job was lost with its worker before.
    pub fn runs_alone(&self) -> bool {
        self.kind == GrantKind::Job && self.field("crashes").is_some_and(|crashes| crashes != "0")
    }

    /// Returns the bill's external id.
    pub fn external_id(&self) -> &str {
        self.field("external_id").unwrap_or_default()
    }

    /// Returns the number of attempts used.
    pub fn attempts(&self) -> u32 {
        self.field("attempts").and_then(|text| text.parse().ok()).unwrap_or_default()
    }
}

/// What became of a claim that was given back.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum GivenBack {
    /// It is where it was.
    Returned,
    /// It belongs to somebody else by now.
    LeaseLost,
}

/// Why a claim is given back.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Unused {
    /// The send fence passed; several in a row widen the fence.
    Void,
    /// No replica confirmed the claim in time.
    Unreplicated,
    /// The worker stops, or had no connection.
    Stopping,
}

impl Claimant {
    /// Claims the best job if a request may leave now. `fence` must be fresh and unguessable; `held` is the
    /// number of claims that the worker has.
    ///
    /// # Errors
    /// Any [`StoreError`]; nothing is granted then, or the lease runs out by itself.
    pub async fn claim_next(
        &mut self,
        fence: &str,
        held: usize,
        durability: Durability,
    ) -> Result<Claim, StoreError> {
        match durability {
            Durability::Local | Durability::Auto => {
                self.queue.claim_next(fence, &self.worker, held).await
            }
            Durability::Replicated => {
                let claim = self.claim_replicated(fence, held).await;
                if claim.is_err() {
                    self.own = Own(None);
                }
                claim
            }
        }
    }

    async fn claim_replicated(&mut self, fence: &str, held: usize) -> Result<Claim, StoreError> {
        let generation = self.queue.redis().generation();
        let mut connection = match self.own.0.take() {
            Some((connection, opened)) if opened == generation => connection,
            _ => self.queue.redis().blocking(Duration::ZERO).await?,
        };
        let prefix = self.queue.keys().prefix();
        let arguments = claim_arguments(fence, &self.worker, held);
        let items = CLAIM_NEXT.run(&mut connection, prefix, &arguments).await?;
        let claim = decode_claim(items, fence, &self.worker)?;
        let Claim::Granted(grant) = claim else {
            self.own = Own(Some((connection, generation)));
            return Ok(claim);
        };
        // A wait that takes longer than the fence would only void the grant.
        let wait_ms = u64::try_from(grant.send_within.as_millis()).unwrap_or(u64::MAX).max(1);
        let replicas: u32 =
            redis::cmd("WAIT").arg(1).arg(wait_ms).query_async(&mut connection).await?;
        self.own = Own(Some((connection, generation)));
        if replicas >= 1 {
            return Ok(Claim::Granted(grant));
        }
        self.queue.give_back(&grant, Unused::Unreplicated).await?;
        Ok(Claim::Wait { wait: UNREPLICATED_WAIT, reason: "replica".to_owned() })
    }
}

impl Queue {
    /// Returns what claims for `worker`.
    pub fn claimant(&self, worker: Arc<WorkerIdentity>) -> Claimant {
        Claimant { queue: self.clone(), worker, own: Own::default() }
    }

    /// Claims the best job if a request may leave now, kept by this server. See [`Claimant::claim_next`].
    ///
    /// # Errors
    /// Any [`StoreError`]; nothing is granted then, or the lease runs out by itself.
    pub async fn claim_next(
        &self,
        fence: &str,
        worker: &Arc<WorkerIdentity>,
        held: usize,
    ) -> Result<Claim, StoreError> {
        let items = self.run(&CLAIM_NEXT, &claim_arguments(fence, worker, held)).await?;
        decode_claim(items, fence, worker)
    }

    /// Asks for one request for the newest invoice, within the account's limits and a person's pause: whoever wants to
    /// try a key out sends it and need not finish it. No job is claimed, and the key is not judged by it. `settings`
    /// set the pace of an account that no worker has served yet. `fence` must be fresh.
    ///
    /// Returns [`Claim::Granted`] with a [`GrantKind::Probe`], or [`Claim::Wait`].
    ///
    /// # Errors
    /// Any [`StoreError`]; a grant may have been taken and is lost then.
    pub async fn grant_probe(
        &self,
        fence: &str,
        asker: &Arc<WorkerIdentity>,
        settings: &Settings,
    ) -> Result<Claim, StoreError> {
        let mut arguments = vec![fence.to_owned()];
        for (field, value) in settings.to_fields() {
            arguments.extend([field.to_owned(), value]);
        }
        decode_claim(self.run(&PROBE, &arguments).await?, fence, asker)
    }

    /// Gives a claim back whose request did not leave, and its grant with it.
    ///
    /// # Errors
    /// Any [`StoreError`]; the lease runs out by itself then.
    pub async fn give_back(&self, grant: &Grant, why: Unused) -> Result<GivenBack, StoreError> {
        let reason = match why {
            Unused::Void => "void",
            Unused::Unreplicated => "unreplicated",
            Unused::Stopping => "stopping",
        };
        let WorkerIdentity { name, fingerprint, .. } = &*grant.worker;
        let arguments =
            [grant.kind.as_str(), &grant.id, &grant.fence, reason, name.as_str(), fingerprint];
        let items: Vec<String> = self.run(&GIVE_BACK, &arguments).await?;
        match items.first().map(String::as_str) {
            Some("given_back") => Ok(GivenBack::Returned),
            Some("lease_lost") => Ok(GivenBack::LeaseLost),
            Some(other) => Err(StoreError::reply("give_back", unexpected(other))),
            None => Err(StoreError::reply("give_back", "it is empty")),
        }
    }
}

/// How long to wait after a claim that no replica confirmed.
const UNREPLICATED_WAIT: Duration = Duration::from_secs(1);

fn claim_arguments(fence: &str, worker: &WorkerIdentity, held: usize) -> [String; 5] {
    let WorkerIdentity { name, fingerprint, mode } = worker;
    [fence.to_owned(), name.clone(), fingerprint.clone(), mode.to_string(), held.to_string()]
}

fn decode_claim(
    items: Vec<Value>,
    fence: &str,
    worker: &Arc<WorkerIdentity>,
) -> Result<Claim, StoreError> {
    let mut reply = Reply::new("claim", items);
    match reply.next::<String>()?.as_str() {
        "claimed" => {
            decode_grant(reply, fence, worker).map(|grant| Claim::Granted(Box::new(grant)))
        }
        "stranger" => Ok(Claim::Stranger {
            wait: Duration::from_micros(reply.parse()?),
            reason: reply.next()?,
        }),
        "wait" => {
            Ok(Claim::Wait { wait: Duration::from_micros(reply.parse()?), reason: reply.next()? })
        }
        "idle" => {
            let due: i64 = reply.parse()?;
            Ok(Claim::Idle { due: u64::try_from(due).ok().map(Duration::from_millis) })
        }
        "again" => Ok(Claim::Again),
        "unconfigured" => Ok(Claim::Unconfigured),
        other => Err(reply.unexpected(other)),
    }
}

fn decode_grant(
    mut reply: Reply,
    fence: &str,
    worker: &Arc<WorkerIdentity>,
) -> Result<Grant, StoreError> {
    let kind = match reply.next::<String>()?.as_str() {
        "job" => GrantKind::Job,
        "chore" => GrantKind::Chore,
        "probe" => GrantKind::Probe,
        other => return Err(reply.fault(format!("unexpected kind `{other}`"))),
    };
    let send_within = Duration::from_micros(reply.parse()?);
    let request_timeout = Duration::from_millis(reply.parse()?);
    let mut tasks = apalis_redis::queries::deserialize_with_meta(reply.rest())?;
    let task = tasks.pop().ok_or_else(|| StoreError::reply("claim", "no record"))?;
    let CompactTask { data, attempts, task_id, mut meta, .. } = task;
    meta.insert("attempts".to_owned(), attempts.to_string());
    let step = match (kind, meta.get("kind").map(String::as_str)) {
        (GrantKind::Chore, Some("expire")) => Step::Expire,
        (GrantKind::Chore | GrantKind::Probe, _) => Step::LookUp,
        (GrantKind::Job, _) => meta
            .get("step")
            .and_then(|step| step.parse().ok())
            .ok_or_else(|| StoreError::reply("claim", "a record without a step"))?,
    };
    let id = task_id.to_string();
    let (fence, worker) = (fence.to_owned(), Arc::clone(worker));
    Ok(Grant { kind, id, fence, worker, request_timeout, send_within, step, data, record: meta })
}
