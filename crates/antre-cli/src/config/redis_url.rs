//! The address of Redis, and the faults of one that cannot be used.
//!
//! It may hold a password, so nothing of it is ever shown but the scheme.

use antre_store::{Redis, connection::Access};

const SUPPORTED: &str =
    "write redis://127.0.0.1:6379, rediss://… for TLS or redis+unix:///path/redis.sock";
const SENTINEL: &str =
    "write redis-sentinel://HOST:26379,HOST:26379/0?master=NAME, or rediss-sentinel:// for TLS";
const CLUSTER: &str = "write redis-cluster://HOST:6379,HOST:6379, or rediss-cluster:// for TLS";
const ENCODE: &str = "its password has a character that means something else in a URL; encode it: write @ as \
                      %40, : as %3A, / as %2F, # as %23, ? as %3F and % as %25";

/// Returns an address without user and password.
pub(super) fn without_secrets(url: &str) -> String {
    let Some((scheme, rest)) = url.split_once("://") else { return "?".to_owned() };
    // The last one: a password may hold another.
    let address = rest.rsplit_once('@').map_or(rest, |(_secret, address)| address);
    // Unix sockets take their password behind the path.
    let address = address.split_once('?').map_or(address, |(address, _query)| address);
    format!("{scheme}://{address}")
}

/// Returns what is wrong with an address and what to write instead, to stand after the option's name.
pub(super) fn fault(url: &str) -> Option<String> {
    // The client has the last word: it must be able to use the address.
    let of_client = || {
        let access = Access::at(url);
        let remedy = match (access.has_sentinels(), access.has_cluster()) {
            (true, _) => SENTINEL,
            (_, true) => CLUSTER,
            _ => SUPPORTED,
        };
        Redis::open(url).is_err().then(|| remedy.to_owned())
    };
    let cause = of_parts(url).or_else(of_client)?;
    Some(format!("is no Redis URL: {cause}"))
}

fn of_parts(url: &str) -> Option<String> {
    let Some((scheme, rest)) = url.split_once("://") else {
        return Some(format!("it does not begin with redis://; {SUPPORTED}"));
    };
    let scheme = scheme.to_lowercase();
    let is_socket = scheme == "unix" || scheme.ends_with("+unix");
    let access = Access::at(url);
    if access.has_sentinels() || access.has_cluster() {
        return of_hosts(rest, access.has_sentinels());
    }
    of_scheme(&scheme).or_else(|| if is_socket { None } else { of_address(rest) })
}

/// Returns what is wrong behind `redis-sentinel://` or `redis-cluster://`: the same as with one server, for each of the
/// hosts.
fn of_hosts(rest: &str, has_sentinels: bool) -> Option<String> {
    let (address, behind) = rest.split_at(rest.find(['/', '?', '#']).unwrap_or(rest.len()));
    let (user, hosts) = address.rsplit_once('@').unwrap_or(("", address));
    let query = behind.split_once('?').map_or("", |(_path, query)| query);
    let has_name = query
        .split('&')
        .any(|pair| pair.strip_prefix("master=").is_some_and(|name| !name.is_empty()));
    let of_each = hosts.split(',').find_map(|host| of_address(&format!("{user}@{host}{behind}")));
    of_each.or_else(|| {
        (has_sentinels && !has_name).then(|| format!("it does not say which primary; {SENTINEL}"))
    })
}

/// Returns what is wrong with a scheme; other programs have more of them.
fn of_scheme(scheme: &str) -> Option<String> {
    let remedy = match scheme {
        "redis" | "rediss" | "valkey" | "valkeys" | "redis+unix" | "valkey+unix" | "unix" => {
            return None;
        }
        other if other.contains("sentinel") => SENTINEL,
        other if other.contains("cluster") => CLUSTER,
        "tcp" | "redis+tcp" | "http" => "write redis://HOST:6379",
        "tls" | "ssl" | "https" | "rediss+tls" | "redis+tls" | "redis+ssl" => {
            "write rediss://HOST:6379 for TLS"
        }
        _ => SUPPORTED,
    };
    // Only a plain word is repeated: in front of `://` there may be a piece of a password.
    let is_plain = scheme.chars().all(|one| one.is_ascii_alphanumeric() || "+-.".contains(one));
    let named = if is_plain && scheme.len() <= 20 { scheme } else { "in front of it" };
    Some(format!("the scheme {named}:// cannot be used; {remedy}"))
}

/// Returns what is wrong behind `redis://`.
fn of_address(rest: &str) -> Option<String> {
    let end = rest.find(['/', '?', '#']).unwrap_or(rest.len());
    let (authority, behind) = rest.split_at(end);
    // An address ends with the first of those characters. What looks like its end, `@host`, must stand before.
    if behind.contains('@') || has_bare_percent(authority) {
        return Some(ENCODE.to_owned());
    }
    let host = authority.rsplit_once('@').map_or(authority, |(_secret, host)| host);
    if !host.starts_with('[') && host.matches(':').count() > 1 {
        return Some("write an IPv6 address in brackets: redis://[::1]:6379".to_owned());
    }
    if host.is_empty() || host.starts_with(':') {
        return Some("it names no host; write redis://HOST:6379".to_owned());
    }
    let port = host.rsplit_once(':').filter(|(_host, port)| !port.ends_with(']'));
    if port.is_some_and(|(_host, port)| port.parse::<u16>().is_err()) {
        return Some("its port is no number up to 65535; write redis://HOST:6379".to_owned());
    }
    if behind.contains('#') {
        return Some(
            "a # stands behind the address, where nothing is read; remove it and what follows"
                .to_owned(),
        );
    }
    let path = behind.split_once('?').map_or(behind, |(path, _query)| path).trim_matches('/');
    let is_database = path.is_empty() || path.parse::<u32>().is_ok();
    (!is_database).then(|| {
        "the database behind the address is no number; write redis://HOST:6379/0".to_owned()
    })
}

/// Returns whether a `%` stands there that begins no encoded character.
fn has_bare_percent(text: &str) -> bool {
    text.split('%').skip(1).any(|behind| {
        let digits: Vec<char> = behind.chars().take(2).collect();
        digits.len() < 2 || !digits.iter().all(char::is_ascii_hexdigit)
    })
}

#[cfg(test)]
mod tests;
