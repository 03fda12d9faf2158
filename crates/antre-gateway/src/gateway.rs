//! The gateway of a process: who may call, how long callers are held, and the accounts' lines.

use std::{
    collections::HashMap,
    sync::{Arc, PoisonError, RwLock},
    time::Duration,
};

use antre_core::{AccountName, Priority};
use antre_store::Redis;
use antre_xendit::body::phone::Region;
use axum::http::HeaderMap;
use tokio::sync::{OwnedSemaphorePermit, Semaphore};
use tokio_util::sync::CancellationToken;

use crate::{
    callers::{self, Caller, KnownCaller, Stranger},
    job_text::Look,
    line::Line,
};

/// How the gateway serves.
#[derive(Debug, Clone)]
pub struct Options {
    /// How long a caller is held that does not say.
    pub wait: Duration,
    /// The most callers that are held at once. A reload does not change it.
    pub waiting_max: usize,
    /// The priority of creates that do not say.
    pub priority: Priority,
    /// Whether the first job of every bill begins with a look-up: its invoice may have been made in another way.
    pub check_first: bool,
}

/// An account that is served.
#[derive(Debug, Clone)]
pub struct Account {
    /// Its name.
    pub name: AccountName,
    /// How its workers read telephone numbers.
    pub region: Region,
    /// The sub-account of a platform that it is, if it is one.
    pub for_user_id: Option<String>,
    /// The programs that may call.
    pub callers: Vec<Caller>,
}

/// The gateway of a process. Cheap to clone.
#[derive(Debug, Clone)]
pub struct Gateway(Arc<Inner>);

#[derive(Debug)]
struct Inner {
    redis: Redis,
    setup: RwLock<Arc<Setup>>,
    places: Arc<Semaphore>,
    waiting_max: usize,
    lines: RwLock<HashMap<AccountName, Arc<Line>>>,
    stopping: CancellationToken,
}

/// What a configuration says; a reload replaces it.
#[derive(Debug)]
pub(crate) struct Setup {
    pub(crate) wait: Duration,
    pub(crate) priority: Priority,
    pub(crate) look: Look,
    callers: Vec<KnownCaller>,
    regions: HashMap<AccountName, Region>,
}

impl Setup {
    fn new(options: &Options, accounts: &[Account]) -> Self {
        let known = |account: &Account| {
            let account_name = account.name.clone();
            let for_user_id: Option<Arc<str>> = account.for_user_id.as_deref().map(Into::into);
            let known = move |caller: &Caller| KnownCaller {
                account: account_name.clone(),
                name: caller.name.as_str().into(),
                key: caller.key,
                priority_max: caller.priority_max,
                has_accounts_key: caller.has_accounts_key,
                for_user_id: for_user_id.clone(),
            };
            account.callers.iter().map(known).collect::<Vec<_>>()
        };
        Self {
            wait: options.wait,
            priority: options.priority,
            look: if options.check_first { Look::First } else { Look::WhenUnclear },
            callers: accounts.iter().flat_map(known).collect(),
            regions: accounts.iter().map(|one| (one.name.clone(), one.region)).collect(),
        }
    }

    pub(crate) fn caller(&self, headers: &HeaderMap) -> Result<KnownCaller, Stranger> {
        callers::find(&self.callers, headers).cloned()
    }

    pub(crate) fn region(&self, account: &AccountName) -> Region {
        self.regions.get(account).copied().unwrap_or_default()
    }
}

impl Gateway {
    /// Returns a gateway that sends nothing until it is called.
    pub fn new(redis: Redis, options: &Options, accounts: &[Account]) -> Self {
        let waiting_max = options.waiting_max.clamp(1, Semaphore::MAX_PERMITS);
        Self(Arc::new(Inner {
            redis,
            setup: RwLock::new(Arc::new(Setup::new(options, accounts))),
            places: Arc::new(Semaphore::new(waiting_max)),
            waiting_max,
            lines: RwLock::default(),
            stopping: CancellationToken::new(),
        }))
    }

    /// Serves with another configuration from now on. Callers that are held go on waiting.
    pub fn replace(&self, options: &Options, accounts: &[Account]) {
        let setup = Arc::new(Setup::new(options, accounts));
        *self.0.setup.write().unwrap_or_else(PoisonError::into_inner) = setup;
    }

    /// Answers all who are held at once, and everybody who still comes.
    pub fn stop(&self) {
        self.0.stopping.cancel();
    }

    /// Returns the most connections that the server below should take at once.
    pub fn connections_max(&self) -> usize {
        self.0.waiting_max.saturating_mul(2)
    }

    pub(crate) fn redis(&self) -> &Redis {
        &self.0.redis
    }

    pub(crate) fn setup(&self) -> Arc<Setup> {
        Arc::clone(&self.0.setup.read().unwrap_or_else(PoisonError::into_inner))
    }

    pub(crate) fn stopping(&self) -> &CancellationToken {
        &self.0.stopping
    }

    /// Returns a place for one more caller that waits, if there is one.
    pub(crate) fn place(&self) -> Option<OwnedSemaphorePermit> {
        Arc::clone(&self.0.places).try_acquire_owned().ok()
    }

    /// Returns the account's line.
    pub(crate) fn line(&self, account: &AccountName) -> Arc<Line> {
        let lines = self.0.lines.read().unwrap_or_else(PoisonError::into_inner);
        if let Some(line) = lines.get(account) {
            return Arc::clone(line);
        }
        drop(lines);
        let mut lines = self.0.lines.write().unwrap_or_else(PoisonError::into_inner);
        let new = || Line::new(self.0.redis.queue(account.clone()));
        Arc::clone(lines.entry(account.clone()).or_insert_with(new))
    }
}
