//! A private `redis-server`: its configuration, its socket, and the advice when there is none.
//!
//! Such a server lives in one directory, which is its working directory: configuration, socket and
//! data are there. This crate starts no server, because each caller ends its server in another way:
//! a demo puts a guard in between, a test owns the process.

mod config;
mod error;
mod version;

use std::io;
use std::net::{Ipv4Addr, TcpListener};
use std::path::{Path, PathBuf};

pub use config::{AppendFsync, ServerConfig};
pub use error::Error;
pub use version::check_version;

/// The program, as it is found on the PATH.
pub const PROGRAM: &str = "redis-server";

/// Returns where a server with this directory listens.
pub fn socket_path(directory: &Path) -> PathBuf {
    directory.join(config::SOCKET)
}

/// Returns the URL of a server with this directory: `redis+unix:///…/redis.sock`.
pub fn socket_url(directory: &Path) -> String {
    format!("redis+unix://{}", socket_path(directory).display())
}

/// Returns a loopback port that was free a moment ago.
///
/// # Errors
/// The system's, if it has no port left.
pub fn free_port() -> io::Result<u16> {
    Ok(TcpListener::bind((Ipv4Addr::LOCALHOST, 0))?.local_addr()?.port())
}
