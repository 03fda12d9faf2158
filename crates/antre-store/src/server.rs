//! The server: its kind, and whether it keeps its promise.

use std::{borrow::Cow, collections::HashMap, pin::Pin, time::Duration};

use redis::{InfoDict, Value};

use crate::{
    Redis, StoreError,
    error::words::{NEEDED, SENTINEL},
};

/// The servers that Antre runs on, and their oldest major version. docs/redis.md says which were tried.
const SUPPORTED: [(&str, u32); 2] = [("redis", 7), ("valkey", 7)];
/// A primary says something to its replicas at least each 10 s.
const PRIMARY_SILENT: Duration = Duration::from_secs(15);
/// How long a replica may take to say that it has what was written, where only that tells that there is one.
const REPLICA_HEARD: Duration = Duration::from_secs(1);

/// What a server says of itself: in `INFO`, or less of it in `HELLO` where it refuses that.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Server {
    /// `redis`, `valkey`, or the name of another.
    pub name: String,
    /// Its own version. Others than Redis tell as `redis_version` the one that they resemble.
    pub version: String,
    /// `run_id`: another one means that the server was restarted or is another one. Empty where it does not say.
    pub run_id: String,
    /// `standalone`, `sentinel` or `cluster`.
    pub mode: String,
    /// `master`, or `slave` for a replica.
    pub role: String,
    /// Whether it is a replica that hears its primary, so that its role will not change by itself.
    pub is_steady_replica: bool,
    /// Whether the append-only file is on; `None` where the server does not say.
    pub has_append_only_file: Option<bool>,
    /// Whether the last write of the append-only file succeeded.
    pub is_append_only_file_healthy: bool,
    /// `maxmemory_policy`; `noeviction` keeps everything. Empty where the server does not say.
    pub eviction: String,
    /// How many replicas are connected.
    pub replicas: u32,
    /// `maxmemory` in bytes; 0 for no bound.
    pub memory_max_bytes: u64,
    /// `used_memory` in bytes.
    pub memory_used_bytes: u64,
    /// Why it refuses `INFO`, if it does.
    pub refusal: Option<String>,
}

impl Server {
    fn of_info(info: &InfoDict) -> Self {
        let text = |name: &str| info.get::<String>(name).unwrap_or_default();
        let either = |one: &str, other: &str| {
            Some(text(one)).filter(|it| !it.is_empty()).unwrap_or_else(|| text(other))
        };
        let name = info.get("server_name").unwrap_or_else(|| "redis".to_owned());
        let silent_s = text("master_last_io_seconds_ago").parse().unwrap_or(u64::MAX);
        Self {
            version: either(&format!("{name}_version"), "redis_version"),
            name,
            run_id: text("run_id"),
            mode: either("redis_mode", "server_mode"),
            role: text("role"),
            is_steady_replica: text("master_link_status") == "up"
                && silent_s < PRIMARY_SILENT.as_secs(),
            has_append_only_file: info.get::<String>("aof_enabled").map(|it| it == "1"),
            is_append_only_file_healthy: text("aof_last_write_status") != "err",
            eviction: text("maxmemory_policy"),
            replicas: text("connected_slaves").parse().unwrap_or_default(),
            memory_max_bytes: text("maxmemory").parse().unwrap_or_default(),
            memory_used_bytes: text("used_memory").parse().unwrap_or_default(),
            refusal: None,
        }
    }

    fn of_greeting(greeting: &HashMap<String, Value>, replicas: u32, refusal: String) -> Self {
        let text = |name: &str| {
            let value = greeting.get(name).cloned();
            value.and_then(|it| redis::from_redis_value::<String>(it).ok()).unwrap_or_default()
        };
        let role = if text("role") == "replica" { "slave".to_owned() } else { text("role") };
        Self {
            name: text("server"),
            version: text("version"),
            mode: text("mode"),
            role,
            is_append_only_file_healthy: true,
            replicas,
            refusal: Some(refusal),
            ..Self::default()
        }
    }

    /// Answers if Antre can use a server of this kind and version, whatever its role.
    ///
    /// # Errors
    /// [`StoreError::Unsuitable`].
    pub fn check_kind(&self) -> Result<(), StoreError> {
        if self.mode == "sentinel" {
            return Err(StoreError::unsuitable(SENTINEL));
        }
        let major = self.version.split('.').next().and_then(|major| major.parse::<u32>().ok());
        let oldest = SUPPORTED.iter().find(|(name, _)| *name == self.name);
        if let (Some(major), Some((_, oldest))) = (major, oldest)
            && major < *oldest
        {
            let text = format!("its version is {}: {NEEDED}", self.version);
            return Err(StoreError::unsuitable(text));
        }
        Ok(())
    }

    /// Returns what could make this server lose what it acknowledged, each with what mends it.
    pub fn durability_faults(&self) -> Vec<Cow<'static, str>> {
        if let Some(refusal) = &self.refusal {
            return vec![format!("it is not known whether redis keeps its data: {refusal}").into()];
        }
        let mut faults = Vec::new();
        match self.has_append_only_file {
            None => faults.push(
                "redis does not say whether it writes an append-only file (its INFO has no aof_enabled): see its \
                 provider's pages"
                    .into(),
            ),
            Some(false) => faults
                .push("the append-only file is off: add `appendonly yes` to redis.conf".into()),
            Some(true) if !self.is_append_only_file_healthy => faults.push(
                "the append-only file cannot be written: free the disk of the redis server".into(),
            ),
            Some(true) => {}
        }
        match self.eviction.as_str() {
            "noeviction" => {}
            "" => faults.push(
                "redis does not say what it does when its memory is full (its INFO has no maxmemory_policy): see its \
                 provider's pages"
                    .into(),
            ),
            _ => faults.push(
                "redis may evict jobs: add `maxmemory-policy noeviction` to redis.conf".into(),
            ),
        }
        faults
    }
}

impl Redis {
    /// Asks the server what it is. One that refuses `INFO` is asked for less with `HELLO` and `WAIT`.
    ///
    /// # Errors
    /// Any [`StoreError`].
    pub async fn server(&self) -> Result<Server, StoreError> {
        let mut connection = self.calls();
        let asked = redis::cmd("INFO").query_async::<InfoDict>(&mut connection).await;
        match asked.map_err(StoreError::from) {
            Ok(info) => Ok(Server::of_info(&info)),
            Err(refusal @ (StoreError::Denied(_) | StoreError::Unsuitable(_))) => {
                let greeting = redis::cmd("HELLO").query_async(&mut connection).await;
                let Ok(greeting) = greeting else { return Err(refusal) };
                let replicas: Pin<Box<dyn Future<Output = _> + Send>> = Box::pin(self.replicas());
                let replicas = replicas.await?;
                Ok(Server::of_greeting(&greeting, replicas, refusal.to_string()))
            }
            Err(error) => Err(error),
        }
    }

    /// Returns how many replicas are connected and keep up, as `WAIT` counts them: some, if one has within
    /// [`REPLICA_HEARD`] what was written before this question.
    ///
    /// # Errors
    /// Any [`StoreError`].
    async fn replicas(&self) -> Result<u32, StoreError> {
        let mut connection = self.blocking(REPLICA_HEARD).await?;
        // A replica tells of itself how far it is once a second, so one that is only counted is behind each write.
        // It is asked only where one confirmation is waited for.
        let wait_ms = REPLICA_HEARD.as_millis().to_string();
        Ok(redis::cmd("WAIT").arg(1).arg(wait_ms).query_async(&mut connection).await?)
    }

    /// Returns a more exact error than one that a server gave which does not know what Antre asks of it: it is a
    /// Sentinel, or of an older version. Any other error comes back as it is.
    pub async fn look_closer(&self, error: StoreError) -> StoreError {
        if !matches!(error, StoreError::Unsuitable(_)) {
            return error;
        }
        let kind = self.server().await.and_then(|server| server.check_kind());
        if let Err(closer @ StoreError::Unsuitable(_)) = kind { closer } else { error }
    }

    /// Returns the server's clock, Unix microseconds.
    ///
    /// # Errors
    /// Any [`StoreError`].
    pub async fn time_us(&self) -> Result<u64, StoreError> {
        let mut connection = self.calls();
        let (seconds, micros): (u64, u64) = redis::cmd("TIME").query_async(&mut connection).await?;
        Ok(seconds * 1_000_000 + micros)
    }
}
