//! The errors in a test's surroundings, sorted by the remedy.

use std::error::Error as _;
use std::fmt;
use std::io;
use std::path::PathBuf;
use std::process::ExitStatus;
use std::time::Duration;

/// The result of everything fallible here.
pub type Result<T> = std::result::Result<T, Error>;

/// A fault of the test's surroundings, not of what is tested.
#[derive(thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// `redis-server` cannot be started; a test without it fails, it is never skipped.
    #[error(transparent)]
    Server(#[from] antre_redis_server::Error),
    /// A binary of this workspace is not built.
    #[error("{} is not built: run `cargo build --bin {}`", path.display(), path.file_name().unwrap_or_default().display())]
    BinaryMissing {
        /// Where it was looked for.
        path: PathBuf,
    },
    /// A binary of this workspace is older than its sources, or another checkout's.
    #[error(
        "{} was not built from {} as it is now: run `cargo build --bin {}`",
        path.display(), source_file.display(), path.file_name().unwrap_or_default().display()
    )]
    BinaryOutdated {
        /// The binary.
        path: PathBuf,
        /// What it was not built from.
        source_file: PathBuf,
    },
    /// A program could not be started.
    #[error("cannot start `{program}`")]
    Spawn {
        /// The path that was tried.
        program: String,
        /// The system's reason.
        #[source]
        source: io::Error,
    },
    /// A child ended although it was needed.
    #[error("`{program}` ended with {status}; its last output:\n{output}")]
    Exited {
        /// The program's path.
        program: String,
        /// How it ended.
        status: ExitStatus,
        /// The end of what it wrote, at most 64 KiB; empty where nobody kept it.
        output: String,
    },
    /// A condition did not come true in time.
    #[error("not within {limit:?}: {what}{}", last.as_ref().map(|last| format!("; last: {last}")).unwrap_or_default())]
    NotInTime {
        /// The condition, as the test worded it.
        what: String,
        /// How long it was waited for.
        limit: Duration,
        /// What the last look found, where it said something.
        last: Option<String>,
    },
    /// Another process than the child answers on the child's socket.
    #[error("process {found} answers in place of the child {expected}")]
    NotThisChild {
        /// The child's process id.
        expected: u32,
        /// What answered.
        found: String,
    },
    /// A TCP address was asked of a server that has none.
    #[error("this Redis has no TCP port: start it with `RedisServer::builder().tcp()`")]
    NoTcp,
    /// A child could not be signalled or waited for.
    #[error("cannot control process {id}")]
    Process {
        /// The child's process id.
        id: u32,
        /// The system's reason.
        #[source]
        source: io::Error,
    },
    /// The test's own files or sockets could not be made or read.
    #[error("cannot use the test's own files or sockets")]
    Io(#[from] io::Error),
    /// Redis refused a command or the connection.
    #[error("Redis answered with an error")]
    Redis(#[from] redis::RedisError),
}

/// The text with its causes, so that a test's `unwrap` says what to do.
impl fmt::Debug for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{self}")?;
        let mut cause = self.source();
        while let Some(error) = cause {
            write!(f, ": {error}")?;
            cause = error.source();
        }
        Ok(())
    }
}
