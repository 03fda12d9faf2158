//! The name in a `Host` header.

use std::net::Ipv4Addr;

/// Returns the name without port and in lower case: `Localhost:8080` is `localhost`, `[::1]:80` is `[::1]`.
pub(crate) fn name(host: &str) -> String {
    let host = host.trim();
    let without_port = match host.rsplit_once(':') {
        Some((name, port))
            if port.bytes().all(|byte| byte.is_ascii_digit()) && !is_inside(name) =>
        {
            name
        }
        _ => host,
    };
    without_port.trim_end_matches('.').to_ascii_lowercase()
}

/// Tells whether the colon after `name` belongs to an IPv6 address.
fn is_inside(name: &str) -> bool {
    name.contains(':') && !name.ends_with(']')
}

/// Tells whether the name can only mean this machine.
pub(crate) fn is_loopback(name: &str) -> bool {
    name == "localhost"
        || name == "[::1]"
        || name.parse::<Ipv4Addr>().is_ok_and(|address| address.is_loopback())
}

#[cfg(test)]
mod tests;
