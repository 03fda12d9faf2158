//! The errors between a caller and the queue.

use redis::{ErrorKind, RedisError};

pub use cause::Cause;
use words::Class;

mod cause;
#[cfg(test)]
mod tests;
pub(crate) mod words;

/// Why the queue could not do what was asked.
///
/// No text of it holds anything that was stored or sent: jobs carry personal data, and errors go into logs.
#[derive(Debug, Clone, thiserror::Error)]
#[non_exhaustive]
pub enum StoreError {
    /// Redis cannot be reached, does not answer in time, is loading or changes its role.
    #[error("redis is unavailable: {0}")]
    Unavailable(#[source] Cause),
    /// Redis has no memory left (`maxmemory` with `noeviction`): nothing was written.
    #[error("redis is out of memory: raise maxmemory or remove other data")]
    Full(#[source] Cause),
    /// This server takes no writes: a replica, or one that cannot write its append-only file.
    #[error("redis refuses writes: {0}")]
    ReadOnly(#[source] Cause),
    /// The user or password is wrong, or the user lacks a right.
    #[error("{0}")]
    Denied(#[source] Cause),
    /// No server that Antre can use is at this address: a Sentinel, a node of a cluster, a version too old.
    #[error("redis cannot be used: {0}")]
    Unsuitable(#[source] Cause),
    /// The address is no Redis URL.
    #[error("invalid redis url: {0}")]
    Url(#[source] Cause),
    /// A key holds another type than it should: another program wrote it.
    #[error("a key has another type than it should: {0}")]
    WrongType(#[source] Cause),
    /// A script or command failed: a defect, or data that another program wrote.
    #[error("redis refused a command: {0}")]
    Command(#[source] Cause),
    /// A script cannot be put together: a defect of this version.
    #[error("a script is broken: {0}; install another version")]
    Script(String),
    /// A reply does not have the form that this version expects.
    #[error("unexpected reply of {what}: {detail}")]
    Reply {
        /// The script or command.
        what: &'static str,
        /// What was expected and did not come. Never what came instead.
        detail: String,
    },
    /// An outcome was told of another kind of grant than its own: a defect of the caller.
    #[error("`{word}` is no outcome of a {granted}")]
    Misplaced {
        /// What was granted.
        granted: &'static str,
        /// The outcome's word.
        word: &'static str,
    },
    /// A reply is larger than the reader takes.
    #[error("the reply of {what} is larger than {bytes_max} bytes")]
    Oversized {
        /// The command.
        what: &'static str,
        /// What is taken at most.
        bytes_max: usize,
    },
    /// The account's data was written by an Antre with another data format.
    #[error("the data has format {found} and this version has {known}: {}", if found > known { "upgrade this worker" }
        else { "use the version that wrote it, or delete the account's keys if nothing in them is needed" })]
    OtherFormat {
        /// The number found in Redis.
        found: u32,
        /// The number that this version writes.
        known: u32,
    },
}

impl StoreError {
    /// Returns whether the same call may succeed later without anybody's help or with Redis' recovery.
    pub fn is_passing(&self) -> bool {
        matches!(self, Self::Unavailable(_) | Self::Full(_) | Self::ReadOnly(_))
    }

    /// Returns whether every other call would fail as well: the server, the way to it or the user is at
    /// fault, not this account's data. A worker waits for it, also for a password that is put right.
    pub fn concerns_server(&self) -> bool {
        self.is_passing() || matches!(self, Self::Denied(_) | Self::Unsuitable(_))
    }

    /// Returns whether a node of a Redis Cluster that is down said so.
    pub fn is_of_cluster(&self) -> bool {
        matches!(self, Self::Unavailable(cause) if cause.code() == Some("CLUSTERDOWN"))
    }

    /// In a cluster, a node that has lost an account is no mistake in the address, but news.
    pub(crate) fn in_cluster(self) -> Self {
        let has_moved = matches!(&self, Self::Unsuitable(cause) if matches!(cause.code(), Some("MOVED" | "ASK")));
        if has_moved {
            return Self::Unavailable(Cause::found("MOVED", words::ON_THE_WAY.to_owned()));
        }
        self
    }

    pub(crate) fn reply(what: &'static str, detail: impl Into<String>) -> Self {
        Self::Reply { what, detail: detail.into() }
    }

    #[cfg(feature = "worker")]
    pub(crate) fn denied(rights: &[words::Right]) -> Self {
        Self::Denied(Cause::found("NOPERM", words::lacking(rights)))
    }

    pub(crate) fn unsuitable(text: impl Into<String>) -> Self {
        Self::Unsuitable(Cause::found("UNSUITABLE", text.into()))
    }

    pub(crate) fn fragment() -> Self {
        let text = "it has a #: write %23 for one in the user or password, and remove what stands behind it otherwise";
        Self::Url(Cause::found("URL", text.to_owned()))
    }

    pub(crate) fn no_pem(what: &str, option: &str) -> Self {
        let text = format!("{option} holds nothing in PEM form with a line -----BEGIN {what}-----");
        Self::Url(Cause::found("TLS", text))
    }

    /// Returns the error that a script reports for one of several things.
    #[cfg(feature = "worker")]
    pub(crate) fn told(text: &str) -> Self {
        let line = format!("-{}\r\n", text.replace(['\r', '\n'], " "));
        let told = redis::parse_redis_value(line.as_bytes());
        match told.and_then(redis::Value::extract_error) {
            Err(error) => Self::from(error),
            Ok(_) => Self::reply("finish", "a failure that is none"),
        }
    }

    pub(crate) fn url(error: &RedisError) -> Self {
        Self::Url(Cause::of(error))
    }
}

impl From<RedisError> for StoreError {
    fn from(error: RedisError) -> Self {
        let (class, cause) = Cause::classified(&error);
        match class {
            Class::Unavailable => Self::Unavailable(cause),
            Class::Full => Self::Full(cause),
            Class::ReadOnly => Self::ReadOnly(cause),
            Class::Denied => Self::Denied(cause),
            Class::Unsuitable => Self::Unsuitable(cause),
            Class::WrongType => Self::WrongType(cause),
            Class::Other => by_kind(&error, cause),
        }
    }
}

fn by_kind(error: &RedisError, cause: Cause) -> StoreError {
    let kind = error.kind();
    if kind == ErrorKind::InvalidClientConfig {
        StoreError::Url(cause)
    } else if matches!(kind, ErrorKind::Parse | ErrorKind::UnexpectedReturnType) {
        StoreError::reply("a command", "it is of another type than expected")
    } else {
        StoreError::Command(cause)
    }
}
