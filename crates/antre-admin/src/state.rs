//! What the routes need from the process that serves them.

use std::{fmt, sync::Arc};

use antre_protocol::AccountName;
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
    pub(crate) known_hosts: Arc<[String]>,
    pub(crate) render_metrics: RenderMetrics,
    pub(crate) tell_readiness: TellReadiness,
}

impl AdminState {
    /// Returns the state of routes for these accounts: without a token, for loopback names only, always
    /// ready, without metrics of the process.
    pub fn new(redis: Redis, accounts: Vec<AccountName>) -> Self {
        Self {
            redis,
            accounts: accounts.into(),
            token: None,
            known_hosts: Arc::default(),
            render_metrics: Arc::new(String::new),
            tell_readiness: Arc::new(|| None),
        }
    }

    /// Demands this token (`Authorization: Bearer …`) on every route that changes something.
    ///
    /// Reading routes and probes never need it. Whoever lets others than loopback reach the routes must
    /// set one.
    #[must_use]
    pub fn with_token(mut self, token: Token) -> Self {
        self.token = Some(token);
        self
    }

    /// Sets the names by which the routes are reached, besides those of loopback; a port is ignored.
    ///
    /// A web page in an operator's browser can send requests to loopback under a name of its own, so
    /// changing routes answer to known names only.
    #[must_use]
    pub fn with_known_hosts(mut self, hosts: impl IntoIterator<Item = String>) -> Self {
        self.known_hosts = hosts.into_iter().map(|host| host::name(&host)).collect();
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
}

impl fmt::Debug for AdminState {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("AdminState")
            .field("accounts", &self.accounts)
            .field("token", &self.token)
            .field("known_hosts", &self.known_hosts)
            .finish_non_exhaustive()
    }
}
