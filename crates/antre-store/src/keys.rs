//! The names of the keys. Every key of an account carries the hash tag `{account}`, so that an account
//! lives in one slot of a Redis Cluster. PROTOCOL.md lists what each of them holds.

use antre_core::account::AccountName;
#[cfg(feature = "worker")]
use apalis_redis::Config;

/// The set of all accounts that a worker ever served.
pub const ACCOUNTS: &str = "antre:accounts";

/// The key names of one account.
#[derive(Debug, Clone)]
pub struct Keys {
    prefix: String,
}

impl Keys {
    /// Returns the key names of `account`.
    pub fn new(account: &AccountName) -> Self {
        Self { prefix: format!("antre:{{{account}}}:") }
    }

    /// Returns what apalis-redis calls this queue, for reading our records with it.
    #[cfg(feature = "worker")]
    pub fn apalis(&self) -> Config {
        Config::default().queue(self.prefix.trim_end_matches(':'))
    }

    /// Returns the prefix that scripts take as `KEYS[1]`.
    pub fn prefix(&self) -> &str {
        &self.prefix
    }

    /// Returns the hash that holds each job's JSON by id.
    pub fn data(&self) -> String {
        self.named("data")
    }

    /// Returns the hash that holds the record of job `id`.
    pub fn meta(&self, id: &str) -> String {
        format!("{}meta:{id}", self.prefix)
    }

    /// Returns the sorted set of dead jobs.
    pub fn dead(&self) -> String {
        self.named("dead")
    }

    /// Returns the stream of submitted jobs that are not accepted yet.
    pub fn inbox(&self) -> String {
        self.named("inbox")
    }

    /// Returns the list that holds the result of job `id`, as long as its record.
    pub fn result(&self, id: &str) -> String {
        format!("{}result:{id}", self.prefix)
    }

    /// Returns the text that remembers the bill `external_id`, a line for each of its places.
    pub fn bill(&self, external_id: &str) -> String {
        format!("{}external_id:{external_id}", self.prefix)
    }

    /// Returns the text that remembers the body that came with an idempotency key, whose digest this is.
    pub fn caller_key(&self, digest: &str) -> String {
        format!("{}caller_key:{digest}", self.prefix)
    }

    /// Returns the hash that counts what callers of the gateway got in five minutes; `number` counts those of Unix time.
    pub fn gateway_counts(&self, number: u64) -> String {
        format!("{}gateway:{number}", self.prefix)
    }

    /// Returns the text that is written to ask replicas whether they have what was written before.
    pub fn replica_check(&self) -> String {
        self.named("replica_check")
    }

    /// Returns the channel that wakes sleeping workers.
    pub fn wake(&self) -> String {
        self.named("wake")
    }

    /// Returns the hash of a batch's progress.
    pub fn batch(&self, name: &str) -> String {
        format!("{}batch:{name}", self.prefix)
    }

    /// Returns the key `antre:{A}:<name>`.
    pub fn named(&self, name: &str) -> String {
        format!("{}{name}", self.prefix)
    }
}

#[cfg(test)]
#[cfg(feature = "worker")]
mod tests;
