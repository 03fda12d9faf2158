//! The meaning of an error of Redis, and its remedy, in the words that every page, route and log of Antre uses.
//!
//! The one place for it: `antre status`, `antre check`, `/readyz`, health, the log and a waiting
//! `antre enqueue` show the text of the error and add none of their own.

use std::borrow::Cow;

use redis::{ErrorKind, RedisError};

/// Whose fault an error is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Class {
    Unavailable,
    Full,
    ReadOnly,
    Denied,
    Unsuitable,
    WrongType,
    Other,
}

/// Redis' error codes with their class and meaning; an empty meaning repeats what Redis says.
const CODES: [(&str, Class, &str); 20] = [
    ("OOM", Class::Full, ""),
    ("READONLY", Class::ReadOnly, "this server is a replica; use the address of its primary"),
    (
        "MISCONF",
        Class::ReadOnly,
        "it cannot save its data to disk (MISCONF): free the disk of the redis server and look into its log",
    ),
    (
        "NOREPLICAS",
        Class::ReadOnly,
        "too few replicas are connected (NOREPLICAS): bring a replica back, or lower min-replicas-to-write in redis.conf",
    ),
    ("NOAUTH", Class::Denied, PASSWORD_WANTED),
    (
        "WRONGPASS",
        Class::Denied,
        "redis refuses the user or password (WRONGPASS): put the right ones into the Redis URL",
    ),
    ("NOPERM", Class::Denied, ""),
    (
        "DENIED",
        Class::Denied,
        "redis is in protected mode (DENIED): give its user a password, or let it listen on loopback",
    ),
    (
        "LOADING",
        Class::Unavailable,
        "it is loading its data (LOADING); it serves as soon as it has read all",
    ),
    (
        "BUSY",
        Class::Unavailable,
        "a script of another program runs for too long (BUSY): wait for it, or end it with SCRIPT KILL",
    ),
    (
        "MASTERDOWN",
        Class::Unavailable,
        "this server is a replica without its primary (MASTERDOWN); use the address of the primary",
    ),
    ("UNBLOCKED", Class::Unavailable, "this server has become a replica"),
    ("TRYAGAIN", Class::Unavailable, ON_THE_WAY),
    (
        "CLUSTERDOWN",
        Class::Unavailable,
        "this is a node of a Redis Cluster that is down (CLUSTERDOWN): bring back the nodes that are missing; `redis-cli cluster nodes` names them",
    ),
    ("MOVED", Class::Unsuitable, CLUSTER),
    ("ASK", Class::Unsuitable, CLUSTER),
    ("CROSSSLOT", Class::Unsuitable, CLUSTER),
    ("IDONTKNOW", Class::Unsuitable, SENTINEL),
    ("NOGOODSLAVE", Class::Unsuitable, SENTINEL),
    (
        "NOPROTO",
        Class::Unsuitable,
        "it does not know the protocol that the Redis URL asks for (NOPROTO)",
    ),
];

/// What is said to who has shown no password.
const PASSWORD_WANTED: &str =
    "redis wants a password (NOAUTH): put user and password into the Redis URL";
/// What is said of a server in cluster mode.
const CLUSTER: &str =
    "this is a node of a Redis Cluster: write redis-cluster://HOST:6379,HOST:6379 as the Redis URL";
/// What is said while a cluster hands an account over.
pub(crate) const ON_THE_WAY: &str = "the account's keys are on their way to another node of the cluster; what waits goes on once they are there";
/// What is said of a Sentinel.
pub(crate) const SENTINEL: &str = "this is a Sentinel, which keeps no data: write redis-sentinel://HOST:26379/0?master=NAME, or the address of the primary that it watches (usually port 6379)";
/// What is said of a server that does not understand the scripts.
const TOO_OLD: &str = "it does not understand Antre's scripts: Antre needs Redis 7.0 or newer";

/// Parts of texts without a code of their own, with their class and meaning.
const TEXTS: [(&str, Class, &str); 11] = [
    // So answers a server with a password to a long command.
    ("unauthenticated", Class::Denied, PASSWORD_WANTED),
    ("Error compiling script", Class::Unsuitable, TOO_OLD),
    ("Unexpected engine in script shebang", Class::Unsuitable, TOO_OLD),
    ("do not hash to the same slot", Class::Unsuitable, CLUSTER),
    ("non local key in a cluster node", Class::Unsuitable, CLUSTER),
    (
        "without any password configured",
        Class::Denied,
        "the Redis URL has a password, but the server has none: remove it",
    ),
    (
        "no password is set",
        Class::Denied,
        "the Redis URL has a password, but the server has none: remove it",
    ),
    (
        "max number of clients",
        Class::Unavailable,
        "it takes no more connections: raise maxclients in redis.conf",
    ),
    (
        "DB index is out of range",
        Class::Unsuitable,
        "it has no database of the number in the Redis URL: remove the number",
    ),
    (
        "invalid DB index",
        Class::Unsuitable,
        "it has no database of the number in the Redis URL: remove the number",
    ),
    // A script that ran out of memory half-way reports it inside its own error.
    ("OOM ", Class::Full, ""),
];

/// What is said where a server refuses the client's certificate.
const OTHER_CLIENT: &str = "it does not accept the certificate of redis_client_cert_file: name one for clients that its authority has issued";

/// Faults of the encrypted connection. The library names them in a word.
const TLS: [(&str, &str); 9] = [
    (
        "UnknownIssuer",
        "its certificate was not issued by an authority that Antre knows: name the file with the certificate of its \
         authority in redis_ca_file",
    ),
    (
        "CaUsedAsEndEntity",
        "its certificate is an authority's own: let that authority issue one for the server, and name the file with the \
         authority's in redis_ca_file",
    ),
    ("NotValidForName", "its certificate is for another host name: use that name in redis_url"),
    (
        "CertificateRequired",
        "it asks its clients for a certificate: name the file in redis_client_cert_file, and that of its key in \
         redis_client_key_file",
    ),
    ("alert: UnknownCA", OTHER_CLIENT),
    ("alert: UnsupportedCertificate", OTHER_CLIENT),
    ("certificate: Expired", "its certificate has expired: renew it"),
    (
        "InvalidContentType",
        "it does not speak TLS at this port: write redis:// instead of rediss://",
    ),
    ("corrupt message", "it does not speak TLS at this port: write redis:// instead of rediss://"),
];

/// Returns whose fault an error is that the server sent, and what it means.
pub(super) fn of_server(code: &str, details: &str) -> (Class, String) {
    if let Some(right) = missing_right(code, details) {
        return (Class::Denied, right);
    }
    if code == "WRONGTYPE" {
        return (Class::WrongType, of_other_type(details));
    }
    if let Some(command) = unknown_command(details) {
        return (Class::Unsuitable, not_known(&command));
    }
    let of_code = CODES.iter().find(|(known, ..)| *known == code);
    let of_text = TEXTS.iter().find(|(part, ..)| details.contains(part));
    match of_code.or(of_text) {
        Some((_, class, "")) => (*class, repeated(code, details)),
        Some((_, class, meaning)) => (*class, (*meaning).to_owned()),
        None => (Class::Other, repeated(code, details)),
    }
}

/// Returns whose fault an error is that the library found, and what it means.
pub(super) fn of_client(error: &RedisError) -> (Class, String) {
    let text = super::cause::shortened(&error.to_string());
    if error.kind() == ErrorKind::Io {
        return (Class::Unavailable, of_line(error, text));
    }
    if error.kind() == ErrorKind::AuthenticationFailed {
        let text = "redis refuses the user or password: put the right ones into the Redis URL, or none if it has none";
        return (Class::Denied, text.to_owned());
    }
    // The database of the URL could not be chosen.
    of_server("", &error.to_string())
}

/// What is said of an answer that is no reply. It may hold anything, so nothing of it is repeated.
pub(crate) const NO_REPLY: &str = "what answers at its address does not speak Redis' protocol: correct host and port in the Redis URL";

/// What became of the connection. The library's own words name no remedy.
fn of_line(error: &RedisError, text: String) -> String {
    if error.is_connection_refusal() {
        return format!(
            "nobody listens at its address: start it, or correct the Redis URL ({text})"
        );
    }
    if let Some((_, meaning)) = TLS.iter().find(|(word, _)| text.contains(word)) {
        return (*meaning).to_owned();
    }
    if text.contains("certificate") {
        return format!(
            "its TLS certificate is not accepted: look at the host name and at who signed it ({text})"
        );
    }
    if text.contains("lookup address") {
        return format!(
            "the host in the Redis URL is not known: correct it, or look at the name server ({text})"
        );
    }
    if text.contains("Permission denied") {
        return format!(
            "this program may not open its socket: let it run in the socket's group, and set unixsocketperm 770 ({text})"
        );
    }
    // A server that refuses says why, but its words are lost when it closes the connection at once.
    if error.is_connection_dropped() {
        return "the connection was closed; if it never works: does the port want TLS (rediss://), is redis in \
                protected mode, or are there too many clients (maxclients)?"
            .to_owned();
    }
    if error.is_timeout() {
        return format!(
            "no answer came in time: look at the address, the network and the server; with rediss://, the port may not speak TLS ({text})"
        );
    }
    text
}

/// Returns which right the user lacks, if that is the error. Redis names the command only outside of scripts.
fn missing_right(code: &str, details: &str) -> Option<String> {
    // In a script and while a database is chosen, the code is another one.
    let marks = ["ACL failure in script", "The user executing the script", "no permissions to run"];
    if code != "NOPERM" && !marks.iter().any(|mark| details.contains(mark)) {
        return None;
    }
    let command = if details.contains("to run the") { quoted(details) } else { None };
    let right = if let Some(command) = command {
        Right::Command(command)
    } else if details.contains("channel") {
        Right::Channels
    } else if details.contains("key") {
        Right::Keys
    } else {
        Right::Command(String::new())
    };
    Some(lacking(&[right]))
}

/// A right that a user of Redis may lack.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Right {
    /// To publish and to listen.
    Channels,
    /// To use the keys.
    Keys,
    /// To run a command, in Redis' spelling; empty when Redis does not say which.
    Command(String),
}

/// Says which rights the user lacks, and what to add to its ACL.
pub(crate) fn lacking(rights: &[Right]) -> String {
    let mut lacks = Vec::new();
    let mut remedies = Vec::new();
    for right in rights {
        let (lack, remedy): (Cow<'_, str>, Cow<'_, str>) = match right {
            Right::Channels => ("use the channels of Antre".into(), "&antre:*".into()),
            Right::Keys => ("use the keys of Antre".into(), "~antre:*".into()),
            Right::Command(name) if name.is_empty() => (
                "run a command that Antre's scripts need".into(),
                "+@all -@admin -@dangerous +info".into(),
            ),
            Right::Command(name) => (format!("run `{name}`").into(), format!("+{name}").into()),
        };
        lacks.push(lack);
        remedies.push(remedy);
    }
    format!("the Redis user may not {}: add {} to its ACL", lacks.join(", "), remedies.join(" "))
}

/// Says what to do with a key of another type; only Antre's own scripts name it.
fn of_other_type(details: &str) -> String {
    let key = details.split_whitespace().find(|word| word.starts_with("antre:"));
    match key.map(|key| key.trim_end_matches(':')) {
        Some(key) => format!("another program wrote {key} (WRONGTYPE): rename or delete it"),
        None => "another program wrote one of the keys that begin with antre: (WRONGTYPE): find it with TYPE and delete it"
            .to_owned(),
    }
}

fn unknown_command(details: &str) -> Option<String> {
    let is_unknown = details.contains("nknown command") || details.contains("nknown Redis command");
    is_unknown.then(|| quoted(details).unwrap_or_default().to_lowercase())
}

/// Says what a server is that does not know a command.
pub(crate) fn not_known(command: &str) -> String {
    format!(
        "it does not know the command `{command}`: is this a Sentinel, a server that is no Redis 7, or one whose \
         redis.conf renames the command?"
    )
}

/// Returns what stands between the first quotes, if it can be a command.
fn quoted(text: &str) -> Option<String> {
    let mut parts = text.split(['\'', '`', '"']);
    let word = parts.nth(1)?;
    let is_command = word.len() <= 40
        && word.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"|-._".contains(&byte));
    is_command.then(|| word.to_owned())
}

fn repeated(code: &str, details: &str) -> String {
    super::cause::shortened(format!("{code} {details}").trim())
}
