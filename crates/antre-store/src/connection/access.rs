//! How a server is reached: its address, the user, and the certificates.

use std::{fmt, time::Duration};

use redis::{
    Client, ClientTlsConfig, ConnectionAddr, ConnectionInfo, IntoConnectionInfo, TlsCertificates,
    TlsMode,
    io::tcp::{TcpSettings, socket2::TcpKeepalive},
    sentinel::{SentinelClientBuilder, SentinelServerType},
};

use super::endpoint::{Endpoint, Sentinels};
use crate::StoreError;

const SENTINEL_PORT: u16 = 26379;
/// After this time without a word the system asks whether the other side is still there.
const KEEPALIVE: Duration = Duration::from_secs(15);

/// How a server is reached. Nothing of it is ever shown.
#[derive(Clone, Default, PartialEq, Eq)]
pub struct Access {
    /// `redis://`, `rediss://` for TLS, `redis+unix://` for a socket, or
    /// `redis-sentinel://user:password@HOST:26379,HOST:26379/0?master=NAME`, `rediss-sentinel://` for TLS.
    pub url: String,
    /// The user, in place of the URL's.
    pub username: Option<String>,
    /// The password, in place of the URL's.
    pub password: Option<String>,
    /// The user at the Sentinels.
    pub sentinel_username: Option<String>,
    /// The password at the Sentinels.
    pub sentinel_password: Option<String>,
    /// Certificates of a private authority (PEM). No other authority is believed then.
    pub authority: Option<String>,
    /// The certificate (PEM) that the server asks of its clients.
    pub certificate: Option<Certificate>,
}

/// A client's certificate and its private key, both in PEM form.
#[derive(Clone, PartialEq, Eq)]
pub struct Certificate {
    /// The certificate, and those between it and the authority's.
    pub chain: String,
    /// The private key.
    pub key: String,
}

impl fmt::Debug for Access {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Access").finish_non_exhaustive()
    }
}

impl fmt::Debug for Certificate {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Certificate").finish_non_exhaustive()
    }
}

impl Access {
    /// Returns the access by a URL that says all.
    pub fn at(url: &str) -> Self {
        Self { url: url.to_owned(), ..Self::default() }
    }

    /// Returns whether the connections are encrypted.
    pub fn has_tls(&self) -> bool {
        let scheme = scheme_of(&self.url);
        let kind = scheme.strip_suffix("-sentinel").unwrap_or(&scheme);
        matches!(kind, "rediss" | "valkeys")
    }

    /// Returns whether Sentinels say where the server is.
    pub fn has_sentinels(&self) -> bool {
        is_sentinel(&scheme_of(&self.url))
    }

    pub(crate) fn endpoint(&self) -> Result<Endpoint, StoreError> {
        if self.url.contains('#') {
            // What follows would be ignored: a part of a password, say, and with it the host.
            return Err(StoreError::fragment());
        }
        if let Some(authority) = &self.authority {
            must_be_pem(authority, "CERTIFICATE", "redis_ca_file")?;
        }
        if let Some(Certificate { chain, key }) = &self.certificate {
            must_be_pem(chain, "CERTIFICATE", "redis_client_cert_file")?;
            must_be_pem(key, "PRIVATE KEY", "redis_client_key_file")?;
        }
        let made = if self.has_sentinels() { self.sentinels() } else { self.single() };
        made.map_err(|error| StoreError::url(&error))
    }

    fn single(&self) -> redis::RedisResult<Endpoint> {
        let info = self.with_user(self.url.as_str().into_connection_info()?);
        let client = match self.certificates().filter(|_| self.has_tls()) {
            Some(certificates) => Client::build_with_tls(info, certificates)?,
            None => Client::open(info)?,
        };
        Ok(Endpoint::Single(Box::new(client)))
    }

    /// Of a URL with several hosts, the library reads one with the first of them.
    fn sentinels(&self) -> redis::RedisResult<Endpoint> {
        let parts = SentinelUrl::of(&self.url)?;
        let info = self.with_user(parts.of_one.as_str().into_connection_info()?);
        let settings = info.redis_settings();
        let has_tls = self.has_tls();
        let address = |(host, port)| {
            if has_tls {
                ConnectionAddr::TcpTls { host, port, insecure: false, tls_params: None }
            } else {
                ConnectionAddr::Tcp(host, port)
            }
        };
        let hosts = parts.hosts.into_iter().map(address);
        let mut builder =
            SentinelClientBuilder::new(hosts, parts.name, SentinelServerType::Master)?
                .set_client_to_redis_db(settings.db())
                .set_client_to_redis_tcp_settings(tcp_settings())
                .set_client_to_sentinel_tcp_settings(tcp_settings());
        if let Some(username) = settings.username() {
            builder = builder.set_client_to_redis_username(username);
        }
        if let Some(password) = settings.password() {
            builder = builder.set_client_to_redis_password(password);
        }
        if let Some(username) = &self.sentinel_username {
            builder = builder.set_client_to_sentinel_username(username);
        }
        if let Some(password) = &self.sentinel_password {
            builder = builder.set_client_to_sentinel_password(password);
        }
        if has_tls {
            builder = builder
                .set_client_to_redis_tls_mode(TlsMode::Secure)
                .set_client_to_sentinel_tls_mode(TlsMode::Secure);
            if let Some(certificates) = self.certificates() {
                builder = builder
                    .set_client_to_redis_certificates(certificates.clone())
                    .set_client_to_sentinel_certificates(certificates);
            }
        }
        Ok(Endpoint::Sentinels(Sentinels::new(builder.build()?, settings.db())))
    }

    fn with_user(&self, info: ConnectionInfo) -> ConnectionInfo {
        // A user need not have the right to `CLIENT`.
        let mut settings = info.redis_settings().clone().set_skip_set_lib_name();
        if let Some(username) = &self.username {
            settings = settings.set_username(username);
        }
        if let Some(password) = &self.password {
            settings = settings.set_password(password);
        }
        info.set_redis_settings(settings).set_tcp_settings(tcp_settings())
    }

    fn certificates(&self) -> Option<TlsCertificates> {
        let client_tls = self.certificate.as_ref().map(|own| ClientTlsConfig {
            client_cert: own.chain.clone().into_bytes(),
            client_key: own.key.clone().into_bytes(),
        });
        let root_cert = self.authority.as_ref().map(|text| text.clone().into_bytes());
        (client_tls.is_some() || root_cert.is_some())
            .then_some(TlsCertificates { client_tls, root_cert })
    }
}

/// Nothing waits for a fuller packet. What nobody answers any more is noticed, also on a connection that only listens, and
/// a balancer on the way sees that the connection is used.
fn tcp_settings() -> TcpSettings {
    let keepalive = TcpKeepalive::new().with_time(KEEPALIVE).with_interval(KEEPALIVE / 3);
    TcpSettings::default().set_nodelay(true).set_keepalive(keepalive)
}

/// `redis-sentinel://user:password@host:port,host:port/0?master=name`.
struct SentinelUrl {
    hosts: Vec<(String, u16)>,
    name: String,
    /// The same with the first host only, as of a server.
    of_one: String,
}

impl SentinelUrl {
    fn of(url: &str) -> redis::RedisResult<Self> {
        let rest = url.split_once("://").map_or(url, |(_scheme, rest)| rest);
        let (before, query) = rest.split_once('?').unwrap_or((rest, ""));
        let name = query.split('&').find_map(|pair| pair.strip_prefix("master="));
        let name = name.filter(|name| !name.is_empty()).ok_or_else(|| {
            fault("it does not say which primary: add ?master=NAME, as in sentinel.conf")
        })?;
        let (address, database) = before.split_once('/').unwrap_or((before, ""));
        let (user, hosts) = address.rsplit_once('@').unwrap_or(("", address));
        let hosts = hosts.split(',').map(host_and_port).collect::<redis::RedisResult<Vec<_>>>()?;
        let user = if user.is_empty() { String::new() } else { format!("{user}@") };
        Ok(Self {
            hosts,
            name: name.to_owned(),
            of_one: format!("redis://{user}sentinel/{database}"),
        })
    }
}

fn host_and_port(text: &str) -> redis::RedisResult<(String, u16)> {
    let (host, port) = match text.rsplit_once(':').filter(|(_host, port)| !port.ends_with(']')) {
        Some((host, port)) => (host, port.parse().ok()),
        None => (text, Some(SENTINEL_PORT)),
    };
    let host = host.trim_start_matches('[').trim_end_matches(']');
    let port = port.filter(|_| !host.is_empty());
    port.map(|port| (host.to_owned(), port)).ok_or_else(|| {
        fault("its Sentinels are no list of hosts: write redis-sentinel://HOST:26379,HOST:26379/0?master=NAME")
    })
}

fn fault(text: &'static str) -> redis::RedisError {
    (redis::ErrorKind::InvalidClientConfig, text).into()
}

fn must_be_pem(text: &str, what: &str, option: &str) -> Result<(), StoreError> {
    let is_pem = text.contains("-----BEGIN ") && text.contains(&format!("{what}-----"));
    if is_pem { Ok(()) } else { Err(StoreError::no_pem(what, option)) }
}

fn scheme_of(url: &str) -> String {
    url.split_once("://")
        .map(|(scheme, _rest)| scheme.to_lowercase().replace('+', "-"))
        .unwrap_or_default()
}

fn is_sentinel(scheme: &str) -> bool {
    matches!(scheme, "redis-sentinel" | "rediss-sentinel" | "valkey-sentinel" | "valkeys-sentinel")
}
