//! The reasons why a server cannot be started, sorted by the remedy.

use std::io;
use std::path::{Path, PathBuf};

/// A server that cannot be started.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// It is not installed.
    #[error("`{}` was not found: run `sh deploy/setup.sh`, or install Redis 7 or newer", program.display())]
    Missing {
        /// The name or path that was tried.
        program: PathBuf,
    },
    /// It lacks what the scripts need.
    #[error(
        "redis-server {version} is too old: run `sh deploy/setup.sh`, or install Redis 7 or newer"
    )]
    TooOld {
        /// The version, as the server names it.
        version: String,
    },
    /// The system does not start it.
    #[error("cannot start `{}`", program.display())]
    NotStarted {
        /// The name or path that was tried.
        program: PathBuf,
        /// The system's reason.
        #[source]
        source: io::Error,
    },
    /// The directory's path leaves no room for a Unix socket.
    #[error("`{}` is too long for a Unix socket: set TMPDIR to a shorter directory", path.display())]
    SocketPathTooLong {
        /// The socket's path.
        path: PathBuf,
    },
    /// Its configuration cannot be written.
    #[error("cannot write `{}`", path.display())]
    NotWritten {
        /// The configuration file.
        path: PathBuf,
        /// The system's reason.
        #[source]
        source: io::Error,
    },
}

impl Error {
    /// Returns the error for a program that the system did not start, because of `source`.
    pub fn of_start(program: &Path, source: io::Error) -> Self {
        let program = program.to_owned();
        if source.kind() == io::ErrorKind::NotFound {
            Self::Missing { program }
        } else {
            Self::NotStarted { program, source }
        }
    }
}
