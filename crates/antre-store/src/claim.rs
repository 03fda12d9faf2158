//! Claiming: the token and the best job in one decision.

use std::{sync::Arc, time::Duration};

use antre_core::mode::Mode;
use redis::{Value, aio::MultiplexedConnection};

pub use self::grant::{ClaimedBill, ClaimedJob, Grant, GrantKind, Granted};
pub use crate::status::{Unused, WaitReason};
use crate::{
    Queue, StoreError,
    decode::{Reply, unexpected},
    script::{CLAIM_NEXT, GIVE_BACK, PROBE},
    settings::Settings,
};

mod grant;

/// What a claim brought; `G` is one grant, or what one claim of several brought.
#[derive(Debug)]
pub enum Claim<G = Box<Grant>> {
    /// So many requests may leave now.
    Granted(G),
    /// Work is ready, but no request may leave before this wait is over.
    Wait {
        /// How long.
        wait: Duration,
        /// What for.
        reason: WaitReason,
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

/// What a worker could send now.
#[derive(Debug, Clone, Copy)]
pub struct Wish<'a> {
    /// One for each request that is asked for; fresh and unguessable.
    pub claim_tokens: &'a [String],
    /// Claims that the worker has already.
    pub held: usize,
    /// Whether it could send one more, for which it will ask next.
    pub has_room: bool,
}

/// When a claim counts as kept.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Durability {
    /// When the server has it.
    #[default]
    Local,
    /// When one replica has it as well, confirmed inside the send deadline.
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

/// What became of a claim that was given back.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum GivenBack {
    /// It is where it was.
    Returned,
    /// It belongs to somebody else by now.
    LeaseLost,
}

impl Claimant {
    /// Claims the best jobs whose requests may leave now.
    ///
    /// # Errors
    /// Any [`StoreError`]; nothing is granted then, or the leases run out by themselves.
    pub async fn claim(
        &mut self,
        wish: &Wish<'_>,
        durability: Durability,
    ) -> Result<Claim<Granted>, StoreError> {
        match durability {
            Durability::Local | Durability::Auto => self.queue.claim(wish, &self.worker).await,
            Durability::Replicated => {
                let claim = self.claim_replicated(wish).await;
                claim.map_err(|error| {
                    self.own = Own(None);
                    self.queue.redis().met(error)
                })
            }
        }
    }

    async fn claim_replicated(&mut self, wish: &Wish<'_>) -> Result<Claim<Granted>, StoreError> {
        let generation = self.queue.redis().generation();
        let mut connection = match self.own.0.take() {
            Some((connection, opened)) if opened == generation => connection,
            _ => self.queue.redis().blocking(Duration::ZERO).await?,
        };
        let prefix = self.queue.keys().prefix();
        let arguments = claim_arguments(wish, &self.worker);
        let redis = self.queue.redis();
        let items = CLAIM_NEXT.call(redis, &mut connection, prefix, &arguments).await?;
        let claim = decode_claim(items, &self.worker)?;
        let Claim::Granted(granted) = claim else {
            self.own = Own(Some((connection, generation)));
            return Ok(claim);
        };
        // A wait that takes longer than the deadline would only make the grant too late.
        let send_within = granted.grants.first().map(|grant| grant.send_within).unwrap_or_default();
        let wait_ms = u64::try_from(send_within.as_millis()).unwrap_or(u64::MAX).max(1);
        let replicas: u32 =
            redis::cmd("WAIT").arg(1).arg(wait_ms).query_async(&mut connection).await?;
        self.own = Own(Some((connection, generation)));
        if replicas >= 1 {
            return Ok(Claim::Granted(granted));
        }
        for grant in &granted.grants {
            self.queue.give_back(grant, Unused::Unreplicated).await?;
        }
        Ok(Claim::Wait { wait: UNREPLICATED_WAIT, reason: WaitReason::Replica })
    }
}

impl Queue {
    /// Returns what claims for `worker`.
    pub fn claimant(&self, worker: Arc<WorkerIdentity>) -> Claimant {
        Claimant { queue: self.clone(), worker, own: Own::default() }
    }

    /// Claims the best jobs whose requests may leave now, kept by this server. See [`Claimant::claim`].
    ///
    /// # Errors
    /// Any [`StoreError`]; nothing is granted then, or the leases run out by themselves.
    pub async fn claim(
        &self,
        wish: &Wish<'_>,
        worker: &Arc<WorkerIdentity>,
    ) -> Result<Claim<Granted>, StoreError> {
        let items = self.run(&CLAIM_NEXT, &claim_arguments(wish, worker)).await?;
        decode_claim(items, worker)
    }

    /// Claims the best job if one request may leave now.
    ///
    /// # Errors
    /// Any [`StoreError`]; nothing is granted then, or the lease runs out by itself.
    pub async fn claim_next(
        &self,
        claim_token: &str,
        worker: &Arc<WorkerIdentity>,
        held: usize,
    ) -> Result<Claim, StoreError> {
        let claim_tokens = &[claim_token.to_owned()];
        only(self.claim(&Wish { claim_tokens, held, has_room: false }, worker).await?)
    }

    /// Asks for one request for the newest invoice, within the account's limits and a person's pause: whoever wants to
    /// try a key out sends it and need not finish it. No job is claimed, and the key is not judged by it. `settings`
    /// set the pace of an account that no worker has served yet. `claim_token` must be fresh.
    ///
    /// Returns [`Claim::Granted`] with a [`GrantKind::Probe`], or [`Claim::Wait`].
    ///
    /// # Errors
    /// Any [`StoreError`]; a grant may have been taken and is lost then.
    pub async fn grant_probe(
        &self,
        claim_token: &str,
        asker: &Arc<WorkerIdentity>,
        settings: &Settings,
    ) -> Result<Claim, StoreError> {
        let arguments = [claim_token.to_owned(), settings.to_json()?];
        only(decode_claim(self.run(&PROBE, &arguments).await?, asker)?)
    }

    /// Gives a claim back whose request did not leave, and its grant with it.
    ///
    /// # Errors
    /// Any [`StoreError`]; the lease runs out by itself then.
    pub async fn give_back(&self, grant: &Grant, why: Unused) -> Result<GivenBack, StoreError> {
        let reason = why.as_str();
        let WorkerIdentity { name, fingerprint, .. } = &*grant.worker;
        let arguments = [
            grant.kind.as_str(),
            &grant.id,
            &grant.claim_token,
            reason,
            name.as_str(),
            fingerprint,
        ];
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

fn claim_arguments(wish: &Wish<'_>, worker: &WorkerIdentity) -> Vec<String> {
    let WorkerIdentity { name, fingerprint, mode } = worker;
    let has_room = if wish.has_room { "1" } else { "" };
    let mut arguments = vec![name.clone(), fingerprint.clone(), mode.to_string()];
    arguments.extend([wish.held.to_string(), has_room.to_owned()]);
    arguments.extend_from_slice(wish.claim_tokens);
    arguments
}

/// Returns a claim of one request as such.
fn only(claim: Claim<Granted>) -> Result<Claim, StoreError> {
    Ok(match claim {
        Claim::Granted(granted) => {
            let grant = granted.grants.into_iter().next();
            let grant = grant.ok_or_else(|| StoreError::reply("claim", "no grant"))?;
            Claim::Granted(Box::new(grant))
        }
        Claim::Wait { wait, reason } => Claim::Wait { wait, reason },
        Claim::Stranger { wait, reason } => Claim::Stranger { wait, reason },
        Claim::Idle { due } => Claim::Idle { due },
        Claim::Again => Claim::Again,
        Claim::Unconfigured => Claim::Unconfigured,
    })
}

fn decode_claim(
    items: Vec<Value>,
    worker: &Arc<WorkerIdentity>,
) -> Result<Claim<Granted>, StoreError> {
    let mut reply = Reply::new("claim", items);
    match reply.next::<String>()?.as_str() {
        "claimed" => grant::decode(reply, worker).map(Claim::Granted),
        "stranger" => Ok(Claim::Stranger {
            wait: Duration::from_micros(reply.parse()?),
            reason: reply.next()?,
        }),
        "wait" => {
            Ok(Claim::Wait { wait: Duration::from_micros(reply.parse()?), reason: reply.word()? })
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
