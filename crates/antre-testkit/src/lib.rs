//! Tools for tests: Redis servers, a queue on one, child processes, bad networks, patience.
//!
//! Everything started here belongs to one test, lives in that test's own temporary directory or on
//! a port that the system chose, and is killed by its own process id when its value is dropped.
//! Only [`queue`] knows anything of Antre. The crate is only ever a dev-dependency.

mod built_binary;
mod child_process;
mod error;
mod eventually;
mod fault_proxy;
mod owned_process;
mod redis_server;

pub mod queue;

pub use built_binary::built_binary;
pub use child_process::ChildProcess;
pub use error::{Error, Result};
pub use eventually::{Answer, eventually};
pub use fault_proxy::{Counts, Direction, FaultProxy, Flow, Upstream};
pub use redis_server::{AppendFsync, RedisBuilder, RedisServer, free_port};
