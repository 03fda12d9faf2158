//! What can go wrong between a caller and the queue.

use redis::{ErrorKind, RedisError};

pub use cause::Cause;

mod cause;
#[cfg(test)]
mod tests;

/// Why the queue could not do what was asked.
///
/// No text of it holds anything that was stored or sent: jobs carry personal data, and errors go into logs.
#[derive(Debug, thiserror::Error)]
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
    /// The user or password is wrong, or a command is not permitted.
    #[error("redis refuses the user or password: {0}")]
    Denied(#[source] Cause),
    /// The address is no Redis URL.
    #[error("invalid redis url: {0}")]
    Url(#[source] Cause),
    /// A key holds another type than it should: another program wrote it.
    #[error("a key has another type than it should: {0}")]
    WrongType(#[source] Cause),
    /// A script or command failed: a defect, or data that another program wrote.
    #[error("redis refused a command: {0}")]
    Command(#[source] Cause),
    /// A reply does not have the form that this version expects.
    #[error("unexpected reply of {what}: {detail}")]
    Reply {
        /// The script or command.
        what: &'static str,
        /// What was expected and did not come. Never what came instead.
        detail: String,
    },
    /// A reply is larger than the reader takes.
    #[error("the reply of {what} is larger than {bytes_max} bytes")]
    Oversized {
        /// The command.
        what: &'static str,
        /// What is taken at most.
        bytes_max: usize,
    },
    /// The account's data was written by a newer Antre.
    #[error("the data has format {found}, newer than {known}: upgrade this worker")]
    NewerFormat {
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
        self.is_passing() || matches!(self, Self::Denied(_))
    }

    pub(crate) fn reply(what: &'static str, detail: impl Into<String>) -> Self {
        Self::Reply { what, detail: detail.into() }
    }

    pub(crate) fn url(error: &RedisError) -> Self {
        Self::Url(Cause::of(error))
    }
}

impl From<RedisError> for StoreError {
    fn from(error: RedisError) -> Self {
        let cause = Cause::of(&error);
        match cause.code() {
            Some("OOM") => Self::Full(cause),
            Some("READONLY" | "MISCONF" | "NOREPLICAS") => Self::ReadOnly(cause),
            Some("NOAUTH" | "WRONGPASS" | "NOPERM") => Self::Denied(cause),
            Some("MASTERDOWN" | "LOADING" | "BUSY" | "TRYAGAIN" | "CLUSTERDOWN" | "UNBLOCKED") => {
                Self::Unavailable(cause)
            }
            Some("WRONGTYPE") => Self::WrongType(cause),
            _ => by_kind(&error, cause),
        }
    }
}

fn by_kind(error: &RedisError, cause: Cause) -> StoreError {
    let kind = error.kind();
    if kind == ErrorKind::Io {
        StoreError::Unavailable(cause)
    } else if kind == ErrorKind::AuthenticationFailed {
        StoreError::Denied(cause)
    } else if kind == ErrorKind::InvalidClientConfig {
        StoreError::Url(cause)
    } else if matches!(kind, ErrorKind::Parse | ErrorKind::UnexpectedReturnType) {
        StoreError::reply("a command", "it is of another type than expected")
    } else if error.to_string().contains("OOM ") {
        // A script that ran out of memory half-way reports it inside its own error.
        StoreError::Full(cause)
    } else {
        StoreError::Command(cause)
    }
}
