//! The `redis-server` of a demo: append-only file, nothing evicted, nobody else's.

use std::io::ErrorKind;
use std::path::Path;

use anyhow::bail;
use tokio::process::Command;

const REMEDY: &str = "run `sh deploy/setup.sh`, or install Redis 7 or newer";
const MAJOR_MIN: u32 = 7;
/// `sun_path` holds 104 bytes on macOS and 108 on Linux, the last of them a NUL.
const SOCKET_PATH_BYTES_MAX: usize = 103;

/// Makes sure that there is a `redis-server` and that it is new enough.
pub(super) async fn check_version() -> anyhow::Result<()> {
    let output = Command::new("redis-server").arg("--version").output().await;
    let text = match output {
        Ok(output) => String::from_utf8_lossy(&output.stdout).into_owned(),
        Err(error) if error.kind() == ErrorKind::NotFound => {
            bail!("redis-server was not found: {REMEDY}")
        }
        Err(error) => bail!("redis-server cannot be started: {error}"),
    };
    let version = text.split_whitespace().find_map(|word| word.strip_prefix("v="));
    let major = version.and_then(|version| version.split('.').next()?.parse::<u32>().ok());
    match major {
        Some(major) if major < MAJOR_MIN => {
            bail!("redis-server {} is too old: {REMEDY}", version.unwrap_or_default())
        }
        _ => Ok(()),
    }
}

/// Returns the server's arguments and its URL.
pub(super) fn arguments(
    directory: &Path,
    port: Option<u16>,
) -> anyhow::Result<(Vec<String>, String)> {
    let socket = directory.join("redis.sock");
    if socket.as_os_str().len() > SOCKET_PATH_BYTES_MAX {
        bail!(
            "{} is too long for a Unix socket: set TMPDIR to a shorter directory",
            socket.display()
        );
    }
    let socket = socket.display().to_string();
    let port_text = port.unwrap_or(0).to_string();
    let directory = directory.display().to_string();
    let options = [
        ("--port", port_text.as_str()),
        ("--bind", "127.0.0.1"),
        ("--unixsocket", &socket),
        ("--unixsocketperm", "700"),
        ("--dir", &directory),
        ("--logfile", "redis.log"),
        ("--appendonly", "yes"),
        ("--appendfsync", "everysec"),
        ("--save", ""),
        ("--maxmemory-policy", "noeviction"),
    ];
    let arguments = options.iter().flat_map(|(name, value)| [*name, *value]).map(str::to_owned);
    let url = match port {
        Some(port) => format!("redis://127.0.0.1:{port}"),
        None => format!("redis+unix://{socket}"),
    };
    Ok((arguments.collect(), url))
}
