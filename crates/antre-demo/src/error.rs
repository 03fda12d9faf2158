//! Why a demo cannot go on, by what failed.

use std::io;
use std::process::ExitStatus;
use std::time::Duration;

use antre_store::StoreError;

/// The result of everything fallible here.
pub type Result<T> = std::result::Result<T, DemoError>;

/// A demo that cannot go on.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum DemoError {
    /// The `redis-server` cannot be started.
    #[error(transparent)]
    Server(#[from] antre_redis_server::Error),
    /// The simulated Xendit cannot be started.
    #[error("cannot start the simulated Xendit")]
    Simulator(#[from] xendit_sim::StartError),
    /// A process cannot be started.
    #[error("cannot start {name}")]
    NotStarted {
        /// What it is called here.
        name: String,
        /// The system's reason.
        #[source]
        source: io::Error,
    },
    /// A process ended although it was needed.
    #[error("{name} has ended ({status}); its log:\n{log}")]
    Ended {
        /// What it is called here.
        name: String,
        /// How it ended.
        status: ExitStatus,
        /// The end of its log.
        log: String,
    },
    /// A process is not ready in time.
    #[error("{what} not ready within {limit:?}")]
    NotReady {
        /// What was waited for.
        what: String,
        /// For how long.
        limit: Duration,
    },
    /// The simulated Xendit said something else than where it listens.
    #[error("the simulator said {line:?} and not where it listens")]
    NoAddress {
        /// What it said.
        line: String,
    },
    /// Somebody else has the port.
    #[error(
        "cannot listen on 127.0.0.1:{port}: {source}; choose another port with {option}, or leave {option} out for a \
         free one"
    )]
    PortTaken {
        /// The port.
        port: u16,
        /// The option that names it.
        option: &'static str,
        /// The system's reason.
        source: io::Error,
    },
    /// The queue does not work.
    #[error("the queue does not work")]
    Queue(#[from] StoreError),
    /// The sample invoices were not taken.
    #[error("the sample invoices cannot be enqueued")]
    Producer(#[from] antre_producer::Error),
    /// The simulated Xendit does not tell what arrived.
    #[error("the simulated Xendit does not tell what arrived")]
    Summary(#[from] reqwest::Error),
    /// A process, a file or the output cannot be used.
    #[error(transparent)]
    Io(#[from] io::Error),
}
