//! How a server is reached: its address, the user, and the certificates.

use std::fmt;

use redis::{
    Client, ClientTlsConfig, ConnectionAddr, ConnectionInfo, IntoConnectionInfo, TlsCertificates,
    TlsMode,
    sentinel::{SentinelClientBuilder, SentinelServerType},
};

use super::{
    Place,
    cluster::Cluster,
    endpoint::{Endpoint, Sentinels},
    node::Node,
};
use crate::StoreError;

const PORT: u16 = 6379;
const SENTINEL_PORT: u16 = 26379;

/// How a server is reached. Nothing of it is ever shown.
#[derive(Clone, Default, PartialEq, Eq)]
pub struct Access {
    /// `redis://`, `rediss://` for TLS, `redis+unix://` for a socket, or
    /// `redis-sentinel://user:password@HOST:26379,HOST:26379/0?master=NAME`, or
    /// `redis-cluster://user:password@HOST:6379,HOST:6379`. These two with `rediss-` for TLS.
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
        let kind = scheme.trim_end_matches("-sentinel").trim_end_matches("-cluster");
        matches!(kind, "rediss" | "valkeys")
    }

    /// Returns whether Sentinels say where the server is.
    pub fn has_sentinels(&self) -> bool {
        is_one_of(&scheme_of(&self.url), "-sentinel")
    }

    /// Returns whether the nodes of a cluster say where an account is.
    pub fn has_cluster(&self) -> bool {
        is_one_of(&scheme_of(&self.url), "-cluster")
    }

    pub(super) fn place(&self) -> Result<Place, StoreError> {
        self.check()?;
        let made = if self.has_cluster() {
            self.cluster().map(|cluster| Place::Cluster(cluster, None))
        } else if self.has_sentinels() {
            self.sentinels().map(|sentinels| Place::Server(Node::new(0, sentinels)))
        } else {
            self.single().map(|single| Place::Server(Node::new(0, single)))
        };
        made.map_err(|error| StoreError::url(&error))
    }

    fn check(&self) -> Result<(), StoreError> {
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
        Ok(())
    }

    fn single(&self) -> redis::RedisResult<Endpoint> {
        Ok(Endpoint::Single(Box::new(self.info(&self.url)?)))
    }

    fn info(&self, url: &str) -> redis::RedisResult<ConnectionInfo> {
        let info = self.with_user(url.into_connection_info()?);
        let client = match self.certificates().filter(|_| self.has_tls()) {
            Some(certificates) => Client::build_with_tls(info, certificates)?,
            None => Client::open(info)?,
        };
        Ok(client.get_connection_info().clone())
    }

    fn cluster(&self) -> redis::RedisResult<Cluster> {
        let parts = HostsUrl::of(&self.url, PORT).ok_or_else(|| fault(NO_CLUSTER))?;
        let scheme = if self.has_tls() { "rediss" } else { "redis" };
        let info = self.info(&parts.of_one(scheme))?;
        if info.redis_settings().db() != 0 {
            return Err(fault("a cluster has but database 0: remove the number behind the hosts"));
        }
        Ok(Cluster::new(parts.hosts, Dialer(info)))
    }

    /// Of a URL with several hosts, the library reads one with the first of them.
    fn sentinels(&self) -> redis::RedisResult<Endpoint> {
        let parts = HostsUrl::of(&self.url, SENTINEL_PORT).ok_or_else(|| fault(NO_SENTINELS))?;
        let name = parts.query.split('&').find_map(|pair| pair.strip_prefix("master="));
        let name = name.filter(|name| !name.is_empty()).ok_or_else(|| {
            fault("it does not say which primary: add ?master=NAME, as in sentinel.conf")
        })?;
        let info = self.with_user(parts.of_one("redis").as_str().into_connection_info()?);
        let settings = info.redis_settings();
        let has_tls = self.has_tls();
        let address = |(host, port)| {
            if has_tls {
                ConnectionAddr::TcpTls { host, port, insecure: false, tls_params: None }
            } else {
                ConnectionAddr::Tcp(host, port)
            }
        };
        let hosts = parts.hosts.iter().cloned().map(address);
        let mut builder = SentinelClientBuilder::new(hosts, name, SentinelServerType::Master)?
            .set_client_to_redis_db(settings.db());
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
        let mut settings = info.redis_settings().clone();
        if let Some(username) = &self.username {
            settings = settings.set_username(username);
        }
        if let Some(password) = &self.password {
            settings = settings.set_password(password);
        }
        info.set_redis_settings(settings)
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

/// How one node of a cluster is reached: as all of them, but for the address.
pub(super) struct Dialer(ConnectionInfo);

impl Dialer {
    pub(super) fn at(&self, host: String, port: u16) -> Endpoint {
        let address = if let ConnectionAddr::TcpTls { insecure, tls_params, .. } = self.0.addr() {
            let (insecure, tls_params) = (*insecure, tls_params.clone());
            ConnectionAddr::TcpTls { host, port, insecure, tls_params }
        } else {
            ConnectionAddr::Tcp(host, port)
        };
        Endpoint::Single(Box::new(self.0.clone().set_addr(address)))
    }
}

/// `scheme://user:password@host:port,host:port/0?query`.
struct HostsUrl<'a> {
    user: &'a str,
    hosts: Vec<(String, u16)>,
    database: &'a str,
    query: &'a str,
}

impl<'a> HostsUrl<'a> {
    fn of(url: &'a str, port: u16) -> Option<Self> {
        let rest = url.split_once("://").map_or(url, |(_scheme, rest)| rest);
        let (before, query) = rest.split_once('?').unwrap_or((rest, ""));
        let (address, database) = before.split_once('/').unwrap_or((before, ""));
        let (user, hosts) = address.rsplit_once('@').unwrap_or(("", address));
        let hosts =
            hosts.split(',').map(|text| host_and_port(text, port)).collect::<Option<_>>()?;
        Some(Self { user, hosts, database, query })
    }

    /// The same as of one server.
    fn of_one(&self, scheme: &str) -> String {
        let user = if self.user.is_empty() { String::new() } else { format!("{}@", self.user) };
        format!("{scheme}://{user}host/{}", self.database)
    }
}

fn host_and_port(text: &str, port: u16) -> Option<(String, u16)> {
    let (host, port) = match text.rsplit_once(':').filter(|(_host, port)| !port.ends_with(']')) {
        Some((host, port)) => (host, port.parse().ok()?),
        None => (text, port),
    };
    let host = host.trim_start_matches('[').trim_end_matches(']');
    (!host.is_empty()).then(|| (host.to_owned(), port))
}

const NO_SENTINELS: &str = "its Sentinels are no list of hosts: write redis-sentinel://HOST:26379,HOST:26379/0?master=NAME";
const NO_CLUSTER: &str =
    "its nodes are no list of hosts: write redis-cluster://HOST:6379,HOST:6379";

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

fn is_one_of(scheme: &str, kind: &str) -> bool {
    let server = scheme.strip_suffix(kind).unwrap_or_default();
    matches!(server, "redis" | "rediss" | "valkey" | "valkeys")
}
