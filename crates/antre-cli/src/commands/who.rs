//! Names of people and processes, as pauses and heartbeats show them.

use crate::config::Environment;

/// Returns who sits at this machine: `ops@billing-1`.
pub(crate) fn person(environment: &Environment) -> String {
    let user = ["SUDO_USER", "USER", "LOGNAME"].into_iter().find_map(|name| environment.get(name));
    format!("{}@{}", user.unwrap_or("somebody"), host())
}

/// Returns a name that no other worker has: host, process and a random number.
pub(crate) fn worker() -> String {
    let random: u32 = rand::random();
    format!("{}-{}-{random:08x}", host(), std::process::id())
}

/// Returns what `antre check` calls itself where it asks for a request.
pub(crate) fn checker() -> String {
    format!("check@{}", host())
}

fn host() -> String {
    rustix::system::uname().nodename().to_string_lossy().into_owned()
}
