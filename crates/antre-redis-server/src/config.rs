//! The configuration file.

use std::path::Path;

use crate::{Error, socket_path};

/// Names in the server's directory.
pub(crate) const SOCKET: &str = "redis.sock";
const CONFIG: &str = "redis.conf";

/// `sun_path` holds 104 bytes on macOS and 108 on Linux, the last of them a NUL.
const SOCKET_PATH_BYTES_MAX: usize = 103;

/// When the append-only file reaches the disk, as in Redis' `appendfsync`.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum AppendFsync {
    /// Before each answer.
    Always,
    /// Once a second.
    EverySecond,
    /// When the system likes.
    Never,
}

/// What a server is told. By default: a Unix socket and no port, nothing is kept, nothing is evicted.
#[derive(Clone, Debug, Default)]
#[must_use]
pub struct ServerConfig {
    port: Option<u16>,
    append_fsync: Option<AppendFsync>,
    lines: Vec<String>,
}

impl ServerConfig {
    /// Also listens on this loopback port.
    pub fn port(mut self, port: Option<u16>) -> Self {
        self.port = port;
        self
    }

    /// Keeps an append-only file.
    pub fn append_only(mut self, append_fsync: AppendFsync) -> Self {
        self.append_fsync = Some(append_fsync);
        self
    }

    /// Adds a line, after all others and so in force over them.
    pub fn line(mut self, line: impl Into<String>) -> Self {
        self.lines.push(line.into());
        self
    }

    /// Writes the file into the server's directory, and returns the server's one argument there.
    ///
    /// # Errors
    /// [`Error::SocketPathTooLong`] under a deep directory, [`Error::NotWritten`].
    pub fn write(&self, directory: &Path) -> Result<&'static str, Error> {
        let socket = socket_path(directory);
        if socket.as_os_str().len() > SOCKET_PATH_BYTES_MAX {
            return Err(Error::SocketPathTooLong { path: socket });
        }
        let path = directory.join(CONFIG);
        match std::fs::write(&path, self.text()) {
            Ok(()) => Ok(CONFIG),
            Err(source) => Err(Error::NotWritten { path, source }),
        }
    }

    /// Paths are relative to the server's working directory.
    fn text(&self) -> String {
        let mut lines = vec![
            format!("port {}", self.port.unwrap_or(0)),
            "bind 127.0.0.1".to_owned(),
            format!("unixsocket {SOCKET}"),
            "unixsocketperm 700".to_owned(),
            "save \"\"".to_owned(),
            "maxmemory-policy noeviction".to_owned(),
        ];
        if let Some(append_fsync) = self.append_fsync {
            let word = match append_fsync {
                AppendFsync::Always => "always",
                AppendFsync::EverySecond => "everysec",
                AppendFsync::Never => "no",
            };
            lines.push("appendonly yes".to_owned());
            lines.push(format!("appendfsync {word}"));
        }
        lines.extend(self.lines.iter().cloned());
        lines.push(String::new());
        lines.join("\n")
    }
}

#[cfg(test)]
mod tests;
