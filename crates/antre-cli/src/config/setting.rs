//! Every option: its name, its variable, and what holds when nobody says anything.

/// One option. `deploy/antre.example.toml` explains each of them; `range.rs` says which values are taken.
#[derive(Debug)]
pub(crate) struct Setting {
    /// The name in `antre.toml`.
    pub(crate) name: &'static str,
    /// The variable of the same meaning; for options of an account it applies to `default`.
    pub(crate) variable: &'static str,
    /// A variable that others set, too, read when the first one is not there.
    pub(crate) fallback: Option<&'static str>,
    /// What holds otherwise, as one would write it; empty where there is no such value.
    pub(crate) default: &'static str,
}

const fn setting(name: &'static str, variable: &'static str, default: &'static str) -> Setting {
    Setting { name, variable, fallback: None, default }
}

pub(crate) const REDIS_URL: Setting = Setting {
    name: "redis_url",
    variable: "ANTRE_REDIS_URL",
    fallback: Some("REDIS_URL"),
    default: "redis://127.0.0.1:6379",
};
/// Where the authority's certificate is that has issued a Redis server's own.
pub(crate) const REDIS_CA_FILE: Setting = setting("redis_ca_file", "ANTRE_REDIS_CA_FILE", "");
pub(crate) const HTTP_LISTEN: Setting =
    setting("http_listen", "ANTRE_HTTP_LISTEN", "127.0.0.1:8080");
pub(crate) const HTTP_TOKEN_FILE: Setting = setting("http_token_file", "ANTRE_HTTP_TOKEN_FILE", "");
pub(crate) const HTTP_HOSTS: Setting = setting("http_hosts", "ANTRE_HTTP_HOSTS", "");
/// `/metrics` where other machines can ask.
pub(crate) const HTTP_METRICS: Setting = setting("http_metrics", "ANTRE_HTTP_METRICS", "token");
pub(crate) const DURABILITY: Setting = setting("durability", "ANTRE_DURABILITY", "auto");
pub(crate) const GRACE: Setting = setting("grace", "ANTRE_GRACE", "20s");
pub(crate) const LOG_FORMAT: Setting = setting("log_format", "ANTRE_LOG_FORMAT", "text");

pub(crate) const SECRET_KEY_ENV: Setting = setting("secret_key_env", "ANTRE_SECRET_KEY_ENV", "");
pub(crate) const SECRET_KEY_FILE: Setting = setting("secret_key_file", "ANTRE_SECRET_KEY_FILE", "");
pub(crate) const BASE_URL: Setting = Setting {
    name: "base_url",
    variable: "ANTRE_BASE_URL",
    fallback: Some("XENDIT_BASE_URL"),
    default: "https://api.xendit.co",
};
/// Without it, the limits follow from the key's mode.
pub(crate) const LIMITS: Setting = setting("limits", "ANTRE_LIMITS", "");
pub(crate) const CONCURRENCY: Setting = setting("concurrency", "ANTRE_CONCURRENCY", "5");
pub(crate) const REQUEST_TIMEOUT: Setting =
    setting("request_timeout", "ANTRE_REQUEST_TIMEOUT", "15s");
pub(crate) const CONNECT_TIMEOUT: Setting =
    setting("connect_timeout", "ANTRE_CONNECT_TIMEOUT", "5s");
pub(crate) const LEASE: Setting = setting("lease", "ANTRE_LEASE", "9s");
pub(crate) const SETTLE_ANSWERED: Setting =
    setting("settle_answered", "ANTRE_SETTLE_ANSWERED", "5s");
pub(crate) const SETTLE_UNANSWERED: Setting =
    setting("settle_unanswered", "ANTRE_SETTLE_UNANSWERED", "45s");
pub(crate) const JITTER_ALLOWANCE: Setting =
    setting("jitter_allowance", "ANTRE_JITTER_ALLOWANCE", "5ms");
pub(crate) const SEND_FENCE: Setting = setting("send_fence", "ANTRE_SEND_FENCE", "5ms");
pub(crate) const RETRY_DELAYS: Setting = setting("retry_delays", "ANTRE_RETRY_DELAYS", "1s,2s,4s");
pub(crate) const MAX_RETRIES: Setting = setting("max_retries", "ANTRE_MAX_RETRIES", "3");
pub(crate) const HEAD_START: Setting = setting("head_start", "ANTRE_HEAD_START", "48h,24h");
pub(crate) const BREAKER_PROBE: Setting = setting("breaker_probe", "ANTRE_BREAKER_PROBE", "5s");
pub(crate) const RETENTION_DONE: Setting = setting("retention_done", "ANTRE_RETENTION_DONE", "7d");
pub(crate) const RETENTION_DEAD: Setting = setting("retention_dead", "ANTRE_RETENTION_DEAD", "90d");
pub(crate) const NOTIFY: Setting = setting("notify", "ANTRE_NOTIFY", "available");
pub(crate) const PHONE_REGION: Setting = setting("phone_region", "ANTRE_PHONE_REGION", "ID");
pub(crate) const ACCEPT_VOLATILE_REDIS: Setting =
    setting("accept_volatile_redis", "ANTRE_ACCEPT_VOLATILE_REDIS", "false");

/// Options of the whole process; they stand at the top of the file.
pub(crate) const PROCESS: [&Setting; 9] = [
    &REDIS_URL,
    &REDIS_CA_FILE,
    &HTTP_LISTEN,
    &HTTP_TOKEN_FILE,
    &HTTP_HOSTS,
    &HTTP_METRICS,
    &DURABILITY,
    &GRACE,
    &LOG_FORMAT,
];

/// Options of an account; at the top of the file they hold for every account that says nothing else.
pub(crate) const ACCOUNT: [&Setting; 21] = [
    &SECRET_KEY_ENV,
    &SECRET_KEY_FILE,
    &BASE_URL,
    &LIMITS,
    &CONCURRENCY,
    &REQUEST_TIMEOUT,
    &CONNECT_TIMEOUT,
    &LEASE,
    &SETTLE_ANSWERED,
    &SETTLE_UNANSWERED,
    &JITTER_ALLOWANCE,
    &SEND_FENCE,
    &RETRY_DELAYS,
    &MAX_RETRIES,
    &HEAD_START,
    &BREAKER_PROBE,
    &RETENTION_DONE,
    &RETENTION_DEAD,
    &NOTIFY,
    &PHONE_REGION,
    &ACCEPT_VOLATILE_REDIS,
];

/// The key of the account `default`, unless another place is named for it.
pub(crate) const DEFAULT_KEY_VARIABLE: &str = "XENDIT_SECRET_KEY";
/// What HTTP requests must carry that change something, or come where other machines can ask.
pub(crate) const HTTP_TOKEN_VARIABLE: &str = "ANTRE_HTTP_TOKEN";
/// How much is logged, as in `info` or `antre_worker=debug,warn`.
pub(crate) const LOG_VARIABLE: &str = "ANTRE_LOG";
/// The same for programs of the Rust family.
pub(crate) const LOG_VARIABLE_FALLBACK: &str = "RUST_LOG";

/// Returns the known name that is nearest to `name`, if a third of it at most is mistyped.
pub(crate) fn nearest(
    name: &str,
    known: impl IntoIterator<Item = &'static str>,
) -> Option<&'static str> {
    let name = name.to_lowercase().replace('-', "_");
    known
        .into_iter()
        .map(|known| (strsim::osa_distance(&name, &known.to_lowercase()), known))
        .filter(|(distance, known)| *distance <= (known.len() / 3).max(1))
        .min_by_key(|(distance, _)| *distance)
        .map(|(_, known)| known)
}
