//! What can go wrong between a caller and the queue.

use redis::{ErrorKind, RedisError};

/// Why the queue could not do what was asked.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum StoreError {
    /// Redis cannot be reached, does not answer in time, is loading or changes its role.
    #[error("redis is unavailable: {0}")]
    Unavailable(#[source] RedisError),
    /// Redis has no memory left (`maxmemory` with `noeviction`): nothing was written.
    #[error("redis is out of memory: raise maxmemory or remove other data")]
    Full(#[source] RedisError),
    /// This server takes no writes: a replica, or one that cannot write its append-only file.
    #[error("redis refuses writes: {0}")]
    ReadOnly(#[source] RedisError),
    /// The user or password is wrong, or a command is not permitted.
    #[error("redis refuses the user or password: {0}")]
    Denied(#[source] RedisError),
    /// The address is no Redis URL.
    #[error("invalid redis url: {0}")]
    Url(#[source] RedisError),
    /// A script or command failed: a defect, or data that another program wrote.
    #[error("redis refused a command: {0}")]
    Command(#[source] RedisError),
    /// A reply does not have the form that this version expects.
    #[error("unexpected reply of {what}: {detail}")]
    Reply {
        /// The script or command.
        what: &'static str,
        /// What was wrong with it.
        detail: String,
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

    pub(crate) fn reply(what: &'static str, detail: impl Into<String>) -> Self {
        Self::Reply { what, detail: detail.into() }
    }
}

impl From<RedisError> for StoreError {
    fn from(error: RedisError) -> Self {
        // A failed pipeline has no code of its own, but those of its commands.
        let of_pipeline = || Some(error.clone().into_server_errors()?.first()?.1.code().to_owned());
        let code = error.code().map(str::to_owned).or_else(of_pipeline);
        let by_code: Option<fn(RedisError) -> Self> = match code.as_deref() {
            Some("OOM") => Some(Self::Full),
            Some("READONLY" | "MISCONF" | "NOREPLICAS") => Some(Self::ReadOnly),
            Some("NOAUTH" | "WRONGPASS" | "NOPERM") => Some(Self::Denied),
            Some("MASTERDOWN" | "LOADING" | "BUSY" | "TRYAGAIN" | "CLUSTERDOWN" | "UNBLOCKED") => {
                Some(Self::Unavailable)
            }
            _ => None,
        };
        let variant = by_code.unwrap_or_else(|| by_kind(&error));
        variant(error)
    }
}

fn by_kind(error: &RedisError) -> fn(RedisError) -> StoreError {
    if error.kind() == ErrorKind::Io {
        StoreError::Unavailable
    } else if error.kind() == ErrorKind::AuthenticationFailed {
        StoreError::Denied
    } else if error.kind() == ErrorKind::InvalidClientConfig {
        StoreError::Url
    } else if error.to_string().contains("OOM ") {
        // A script that ran out of memory half-way reports it inside its own error.
        StoreError::Full
    } else {
        StoreError::Command
    }
}
