//! What the server is and whether it keeps its promise.

use redis::InfoDict;

use crate::{Redis, StoreError};

/// What `INFO` says of the things that durability hangs on.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Server {
    /// `redis_version`.
    pub version: String,
    /// `run_id`: another one means that the server was restarted or is another one.
    pub run_id: String,
    /// `role`: `master` or `slave`.
    pub role: String,
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
        let mut connection = self.shared();
        let info: InfoDict = redis::cmd("INFO").query_async(&mut connection).await?;
        let text = |name: &str| info.get::<String>(name).unwrap_or_default();
        Ok(Server {
            version: text("redis_version"),
            run_id: text("run_id"),
            role: text("role"),
            has_append_only_file: text("aof_enabled") == "1",
            is_append_only_file_healthy: text("aof_last_write_status") != "err",
            eviction: text("maxmemory_policy"),
            replicas: text("connected_slaves").parse().unwrap_or_default(),
            memory_max_bytes: text("maxmemory").parse().unwrap_or_default(),
            memory_used_bytes: text("used_memory").parse().unwrap_or_default(),
        })
    }

    /// Returns the server's clock, Unix microseconds.
    ///
    /// # Errors
    /// Any [`StoreError`].
    pub async fn time_us(&self) -> Result<u64, StoreError> {
        let mut connection = self.shared();
        let (seconds, micros): (u64, u64) = redis::cmd("TIME").query_async(&mut connection).await?;
        Ok(seconds * 1_000_000 + micros)
    }
}
