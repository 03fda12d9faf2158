//! The process that serves the routes hands them this.

use std::{fmt, sync::Arc};

use antre_core::AccountName;
use antre_store::Redis;

use crate::{Token, host};

/// Renders the process's own metrics as Prometheus text.
pub type RenderMetrics = Arc<dyn Fn() -> String + Send + Sync>;
/// Tells why the worker does not serve its accounts, in plain words without secrets; `None` when it does.
pub type TellReadiness = Arc<dyn Fn() -> Option<String> + Send + Sync>;

/// What the routes work on. Cheap to clone.
#[derive(Clone)]
pub struct AdminState {
    pub(crate) redis: Redis,
    pub(crate) accounts: Arc<[AccountName]>,
    pub(crate) token: Option<Token>,
    /// Reading needs the token as well.
    pub(crate) is_reading_guarded: bool,
    /// `/metrics` needs neither token nor a known name.
    pub(crate) are_metrics_open: bool,
    pub(crate) known_hosts: Arc<[String]>,
    /// The worker that serves the routes; absent: `/metrics` always has the fleet's metrics.
    pub(crate) worker: Option<Arc<str>>,
    pub(crate) render_metrics: RenderMetrics,
    pub(crate) tell_readiness: TellReadiness,
    /// `/readyz` asks whether Redis takes writes, and not only whether it answers.
    pub(crate) must_write: bool,
}

impl AdminState {
    /// Returns the state of routes for these accounts: without a token, for loopback names only, always
    /// ready, without metrics of the process.
    pub fn new(redis: Redis, accounts: Vec<AccountName>) -> Self {
        Self {
            redis,
            accounts: accounts.into(),
            token: None,
            is_reading_guarded: false,
            are_metrics_open: false,
            known_hosts: Arc::default(),
            worker: None,
            render_metrics: Arc::new(String::new),
            tell_readiness: Arc::new(|| None),
            must_write: true,
        }
    }

    /// Demands this token (`Authorization: Bearer …`) on every route that changes something.
    ///
    /// Probes never need it, and reading routes only after [`AdminState::with_guarded_reading`]. Where
    /// other machines can ask, set both.
    #[must_use]
    pub fn with_token(mut self, token: Token) -> Self {
        self.token = Some(token);
        self
    }

    /// Demands the token on reading routes and `/metrics`, too; without one, nobody can read them.
    #[must_use]
    pub fn with_guarded_reading(mut self) -> Self {
        self.is_reading_guarded = true;
        self
    }

    /// Lets everybody read `/metrics`: without the token, and under any name.
    #[must_use]
    pub fn with_open_metrics(mut self) -> Self {
        self.are_metrics_open = true;
        self
    }

    /// Sets the names by which the routes are reached, besides those of loopback; a port is ignored.
    ///
    /// A web page in an operator's browser can send requests to loopback under a name of its own and read
    /// the answers, so all routes but probes answer to known names only. A reading request that carries
    /// the token may use any name.
    #[must_use]
    pub fn with_known_hosts(mut self, hosts: impl IntoIterator<Item = String>) -> Self {
        self.known_hosts = hosts.into_iter().map(|host| host::name(&host)).collect();
        self
    }

    /// Names the worker that serves the routes. Of all workers of an account, `/metrics` has the fleet's metrics
    /// in one only ([`antre_operating::is_reporter`]), so that sums over workers are right.
    #[must_use]
    pub fn with_worker(mut self, name: &str) -> Self {
        self.worker = Some(name.into());
        self
    }

    /// Puts the process's own metrics in front of the fleet's. Their names must differ from those of
    /// the fleet (`antre_jobs`, `antre_inbox`, …), because Prometheus takes each name once.
    #[must_use]
    pub fn with_metrics(mut self, render: RenderMetrics) -> Self {
        self.render_metrics = render;
        self
    }

    /// Sets what `/readyz` asks besides Redis.
    #[must_use]
    pub fn with_readiness(mut self, tell: TellReadiness) -> Self {
        self.tell_readiness = tell;
        self
    }

    /// Is ready while Redis answers, also when it takes no writes: for a process that only tells what is there. It is
    /// wanted most when Redis is full or a replica.
    #[must_use]
    pub fn with_reading_only(mut self) -> Self {
        self.must_write = false;
        self
    }
}

impl fmt::Debug for AdminState {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("AdminState")
            .field("accounts", &self.accounts)
            .field("token", &self.token)
            .field("is_reading_guarded", &self.is_reading_guarded)
            .field("are_metrics_open", &self.are_metrics_open)
            .field("known_hosts", &self.known_hosts)
            .finish_non_exhaustive()
    }
}
