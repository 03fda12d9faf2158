//! The server: its kind, and whether it keeps its promise.

use std::time::Duration;

use redis::InfoDict;

use crate::{Redis, StoreError, error::words::SENTINEL};

const MAJOR_MIN: u32 = 7;
/// A primary says something to its replicas at least each 10 s.
const PRIMARY_SILENT: Duration = Duration::from_secs(15);

/// What `INFO` says of the things that durability hangs on.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Server {
    /// `redis_version`.
    pub version: String,
    /// `run_id`: another one means that the server was restarted or is another one.
    pub run_id: String,
    /// `redis_mode`: `standalone`, `sentinel` or `cluster`.
    pub mode: String,
    /// `role`: `master` or `slave`.
    pub role: String,
    /// Whether it is a replica that hears its primary, so that its role will not change by itself.
    pub is_steady_replica: bool,
    /// Whether the append-only file is on.
    pub has_append_only_file: bool,
    /// Whether the last write of the append-only file succeeded.
    pub is_append_only_file_healthy: bool,
    /// `maxmemory_policy`; `noeviction` keeps everything.
    pub eviction: String,
    /// `connected_slaves`.
    pub replicas: u32,
    /// `maxmemory` in bytes; 0 for no bound.
    pub memory_max_bytes: u64,
    /// `used_memory` in bytes.
    pub memory_used_bytes: u64,
}

impl Server {
    /// Answers if Antre can use a server of this kind and version, whatever its role.
    ///
    /// # Errors
    /// [`StoreError::Unsuitable`].
    pub fn check_kind(&self) -> Result<(), StoreError> {
        if self.mode == "sentinel" {
            return Err(StoreError::unsuitable(SENTINEL));
        }
        let major = self.version.split('.').next().and_then(|major| major.parse::<u32>().ok());
        if major.is_some_and(|major| major < MAJOR_MIN) {
            let text = format!(
                "its version is {}: Antre needs Redis {MAJOR_MIN}.0 or newer",
                self.version
            );
            return Err(StoreError::unsuitable(text));
        }
        Ok(())
    }

    /// Returns what could make this server lose what it acknowledged, each with the line that mends it.
    pub fn durability_faults(&self) -> Vec<&'static str> {
        let mut faults = Vec::new();
        if !self.has_append_only_file {
            faults.push("the append-only file is off: add `appendonly yes` to redis.conf");
        } else if !self.is_append_only_file_healthy {
            faults
                .push("the append-only file cannot be written: free the disk of the redis server");
        }
        if self.eviction != "noeviction" {
            faults.push("redis may evict jobs: add `maxmemory-policy noeviction` to redis.conf");
        }
        faults
    }
}

impl Redis {
    /// Asks the server what it is.
    ///
    /// # Errors
    /// Any [`StoreError`].
    pub async fn server(&self) -> Result<Server, StoreError> {
        let mut connection = self.calls();
        let info: InfoDict = redis::cmd("INFO").query_async(&mut connection).await?;
        let text = |name: &str| info.get::<String>(name).unwrap_or_default();
        let silent_s = text("master_last_io_seconds_ago").parse().unwrap_or(u64::MAX);
        Ok(Server {
            version: text("redis_version"),
            run_id: text("run_id"),
            mode: text("redis_mode"),
            role: text("role"),
            is_steady_replica: text("master_link_status") == "up"
                && silent_s < PRIMARY_SILENT.as_secs(),
            has_append_only_file: text("aof_enabled") == "1",
            is_append_only_file_healthy: text("aof_last_write_status") != "err",
            eviction: text("maxmemory_policy"),
            replicas: text("connected_slaves").parse().unwrap_or_default(),
            memory_max_bytes: text("maxmemory").parse().unwrap_or_default(),
            memory_used_bytes: text("used_memory").parse().unwrap_or_default(),
        })
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
