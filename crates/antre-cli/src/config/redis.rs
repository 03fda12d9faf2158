//! How Redis is reached.

use std::fmt;

use antre_store::{
    Redis, StoreError,
    connection::{Access, Certificate},
};

use super::{option::Setting, options, reader::Reader, redis_url, secret};

/// How Redis is reached; shown without user and password.
#[derive(Clone, PartialEq, Eq)]
pub(crate) struct RedisAccess(Access);

impl RedisAccess {
    /// Returns the URL with everything in it.
    #[cfg(test)]
    pub(crate) fn url(&self) -> &str {
        &self.0.url
    }

    /// Prepares the connection.
    pub(crate) fn open(&self) -> Result<Redis, StoreError> {
        Redis::open_with(&self.0)
    }

    /// Returns what every user needs where Sentinels or nodes of a cluster say which server to ask.
    pub(crate) fn right_besides(&self) -> Option<&'static str> {
        match (self.0.has_sentinels(), self.0.has_cluster()) {
            (true, _) => Some("+role"),
            (_, true) => Some("+cluster|slots +asking"),
            (false, false) => None,
        }
    }

    /// Returns whether certificates are named that nobody will be asked to show.
    pub(super) fn has_idle_certificates(&self) -> bool {
        (self.0.authority.is_some() || self.0.certificate.is_some()) && !self.0.has_tls()
    }
}

impl fmt::Display for RedisAccess {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&redis_url::without_secrets(&self.0.url))
    }
}

impl fmt::Debug for RedisAccess {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{self}")
    }
}

/// Reads all options of it.
pub(super) fn read(reader: &mut Reader<'_>) -> RedisAccess {
    let authority = file(reader, &options::REDIS_CA_FILE);
    let certificate = certificate(reader);
    let has_tls = authority.is_some() || certificate.is_some();
    let access = Access {
        url: url(reader, has_tls),
        username: text(reader, &options::REDIS_USERNAME),
        password: file(reader, &options::REDIS_PASSWORD_FILE),
        sentinel_username: text(reader, &options::REDIS_SENTINEL_USERNAME),
        sentinel_password: file(reader, &options::REDIS_SENTINEL_PASSWORD_FILE),
        authority,
        certificate,
    };
    let certificates = [
        &options::REDIS_CA_FILE,
        &options::REDIS_CLIENT_CERT_FILE,
        &options::REDIS_CLIENT_KEY_FILE,
    ];
    let is_sound = reader.are_sound(&certificates) && reader.are_sound(&[&options::REDIS_URL]);
    if is_sound
        && has_tls
        && access.has_tls()
        && let Err(error) = Redis::open_with(&access)
    {
        let named = if access.authority.is_some() { certificates[0] } else { certificates[1] };
        reader.fault(named, format!("cannot be used: {error}"));
    }
    RedisAccess(access)
}

/// Returns the address: one that was written, or one made of the Sentinels or nodes that were.
fn url(reader: &mut Reader<'_>, has_tls: bool) -> String {
    let sentinels = hosts(reader, &options::REDIS_SENTINELS, 26379);
    let nodes = hosts(reader, &options::REDIS_CLUSTER, 6379);
    let name = text(reader, &options::REDIS_SENTINEL_MASTER);
    if let (Some(nodes), None) = (&nodes, &sentinels) {
        for other in [&options::REDIS_URL, &options::REDIS_SENTINEL_MASTER] {
            if reader.written(other).is_some() {
                let fault = format!("stands beside {}; keep one of them", other.name);
                reader.fault(&options::REDIS_CLUSTER, fault);
            }
        }
        return format!("{}://{nodes}", if has_tls { "rediss-cluster" } else { "redis-cluster" });
    }
    let Some(hosts) = sentinels else {
        let url = reader.text(&options::REDIS_URL);
        if let Some(fault) = redis_url::fault(&url) {
            reader.fault(&options::REDIS_URL, fault);
        }
        if name.is_some() {
            reader.fault(
                &options::REDIS_SENTINEL_MASTER,
                "stands without redis_sentinels; name them, too",
            );
        }
        return url;
    };
    for other in [&options::REDIS_URL, &options::REDIS_CLUSTER] {
        if reader.written(other).is_some() {
            let fault = format!("stands beside {}; keep one of them", other.name);
            reader.fault(&options::REDIS_SENTINELS, fault);
        }
    }
    let Some(name) = name else {
        reader.fault(
            &options::REDIS_SENTINELS,
            "stands without redis_sentinel_master; add the primary's name",
        );
        return String::new();
    };
    let scheme = if has_tls { "rediss-sentinel" } else { "redis-sentinel" };
    format!("{scheme}://{hosts}/0?master={name}")
}

/// Returns a list of hosts as it stands in a URL.
fn hosts(reader: &mut Reader<'_>, setting: &Setting, port: u16) -> Option<String> {
    reader.read_written(setting, |it| {
        let hosts = it.texts()?;
        let is_host = |host: &&str| !host.is_empty() && !host.contains(['/', '@', '?', '#', ' ']);
        if !hosts.is_empty() && hosts.iter().all(is_host) {
            Ok(hosts.join(","))
        } else {
            Err(format!("is no list of hosts; write [\"HOST:{port}\", \"HOST:{port}\"]"))
        }
    })
}

fn certificate(reader: &mut Reader<'_>) -> Option<Certificate> {
    let (chain, key) = (&options::REDIS_CLIENT_CERT_FILE, &options::REDIS_CLIENT_KEY_FILE);
    for (one, other) in [(chain, key), (key, chain)] {
        if reader.written(one).is_some() && reader.written(other).is_none() {
            reader
                .fault(one, format!("stands without {}; a certificate needs its key", other.name));
        }
    }
    Some(Certificate { chain: file(reader, chain)?, key: file(reader, key)? })
}

fn text(reader: &mut Reader<'_>, setting: &Setting) -> Option<String> {
    reader.read_written(setting, |it| it.text().map(|text| text.trim().to_owned()))
}

fn file(reader: &mut Reader<'_>, setting: &Setting) -> Option<String> {
    reader.read_written(setting, |it| it.text().and_then(secret::read_file))
}
