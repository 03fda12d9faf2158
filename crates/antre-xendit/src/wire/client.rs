//! An account's access to Xendit: address, key and time-outs, checked once.

use std::net::IpAddr;
use std::sync::Arc;
use std::time::Duration;

use antre_core::mode::Mode;
use http::header::InvalidHeaderValue;
use rustls::pki_types::{InvalidDnsNameError, ServerName};
use rustls::{ClientConfig, RootCertStore};
use url::Url;

use crate::api::outcome::NotSent;
use crate::key::SecretKey;
use crate::key::fingerprint;
use crate::wire::connection::Connection;
use crate::wire::dial::Target;
use crate::wire::request::RequestForm;

/// How to reach Xendit for one account.
#[derive(Clone, Debug)]
pub struct Settings {
    /// The address before `/v2/invoices`, for example `https://api.xendit.co`.
    pub base_url: String,
    /// The account's secret key.
    pub key: SecretKey,
    /// The business id of a sub-account, for which all requests are made; nothing for the key's own.
    pub for_user_id: Option<String>,
    /// From a request's first byte to the end of its answer; also how long written bytes may stay
    /// unacknowledged.
    pub request_timeout: Duration,
    /// For opening a connection: name, socket and encryption together.
    pub connect_timeout: Duration,
}

/// What is wrong with [`Settings`].
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum ClientError {
    /// The base address is no URL.
    #[error("the base URL {text:?} is not a URL")]
    InvalidUrl {
        /// What was given.
        text: String,
        /// Why it is none.
        #[source]
        source: url::ParseError,
    },
    /// The base address is neither `http` nor `https`.
    #[error("the base URL's scheme {scheme:?} is neither https nor http")]
    UnsupportedScheme {
        /// The scheme.
        scheme: String,
    },
    /// The base address has no host.
    #[error("the base URL has no host")]
    WithoutHost,
    /// The base address carries a user name or password; the key belongs into its own setting.
    #[error("the base URL must not carry a user name or password")]
    UserInfo,
    /// The base address has something after its path.
    #[error("the base URL must not have a query or fragment")]
    QueryOrFragment,
    /// A live key would cross the network unencrypted.
    #[error("a live key is sent to {host:?} only over https")]
    LiveKeyUnencrypted {
        /// The host.
        host: String,
    },
    /// The id of the sub-account is none.
    #[error("for_user_id must have 1 to 128 letters, digits, - or _")]
    ForUserId,
    /// A time-out is zero.
    #[error("the time-outs must be greater than zero")]
    ZeroTimeout,
    /// The host cannot be named in a certificate.
    #[error("the base URL's host cannot be verified")]
    UnverifiableHost(#[source] InvalidDnsNameError),
    /// The host cannot be named in a request.
    #[error("the base URL's host cannot be written in a header")]
    UnusableHost(#[source] InvalidHeaderValue),
    /// Encryption could not be set up.
    #[error("TLS could not be set up")]
    Tls(#[source] rustls::Error),
    /// The fingerprint could not be made.
    #[error("the account's fingerprint could not be made")]
    Fingerprint(#[source] hmac::digest::InvalidLength),
}

/// Returns whether the text can be a business id of Xendit's.
fn is_business_id(text: &str) -> bool {
    let is_taken = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_');
    (1..=128).contains(&text.len()) && text.bytes().all(is_taken)
}

/// An account's access to Xendit.
#[derive(Clone, Debug)]
pub struct Client {
    target: Target,
    form: Arc<RequestForm>,
    request_timeout: Duration,
    mode: Mode,
    fingerprint: String,
}

impl Client {
    /// Returns the client for these settings; nothing is connected yet.
    ///
    /// Certificates are verified against Mozilla's roots as compiled in, whatever the system trusts.
    ///
    /// # Errors
    /// Every variant of [`ClientError`].
    ///
    /// # Examples
    /// ```
    /// use std::time::Duration;
    ///
    /// use antre_xendit::{Client, SecretKey, Settings};
    ///
    /// let client = Client::new(Settings {
    ///     base_url: "https://api.xendit.co".to_owned(),
    ///     key: SecretKey::new("xnd_development_example")?,
    ///     for_user_id: None,
    ///     request_timeout: Duration::from_secs(15),
    ///     connect_timeout: Duration::from_secs(5),
    /// })?;
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn new(settings: Settings) -> Result<Self, ClientError> {
        let roots = RootCertStore { roots: webpki_roots::TLS_SERVER_ROOTS.to_vec() };
        Self::with_roots(settings, roots)
    }

    pub(crate) fn with_roots(
        settings: Settings,
        roots: RootCertStore,
    ) -> Result<Self, ClientError> {
        let Settings { base_url, key, for_user_id, request_timeout, connect_timeout } = settings;
        let for_user_id = for_user_id.as_deref();
        if !for_user_id.is_none_or(is_business_id) {
            return Err(ClientError::ForUserId);
        }
        if request_timeout.is_zero() || connect_timeout.is_zero() {
            return Err(ClientError::ZeroTimeout);
        }
        let url = parse_base_url(&base_url)?;
        let mode = key.mode();
        let fingerprint =
            fingerprint::of(&key, mode, &url, for_user_id).map_err(ClientError::Fingerprint)?;
        let host = url.host_str().ok_or(ClientError::WithoutHost)?;
        let bare_host = host.trim_start_matches('[').trim_end_matches(']');
        let tls = if url.scheme() == "https" {
            let name = ServerName::try_from(bare_host.to_owned());
            Some((name.map_err(ClientError::UnverifiableHost)?, tls_config(roots)?))
        } else if mode == Mode::Live && !is_loopback(bare_host) {
            return Err(ClientError::LiveKeyUnencrypted { host: host.to_owned() });
        } else {
            None
        };
        let authority = url.port().map_or_else(|| host.to_owned(), |port| format!("{host}:{port}"));
        let form = RequestForm::new(&authority, url.path(), &key, for_user_id);
        let target = Target {
            host: bare_host.to_owned(),
            port: url.port_or_known_default().ok_or(ClientError::WithoutHost)?,
            tls,
            connect_timeout,
            unacknowledged_timeout: request_timeout,
        };
        let form = Arc::new(form.map_err(ClientError::UnusableHost)?);
        Ok(Self { target, form, request_timeout, mode, fingerprint })
    }

    /// Returns whether the key's invoices are real.
    pub fn mode(&self) -> Mode {
        self.mode
    }

    /// Returns 32 hex digits that tell this access (key, mode and base URL) from any other.
    ///
    /// They are the beginning of an HMAC-SHA-256 with the key as its key, so they may be stored and shown: they
    /// cannot be turned back into the key, and only somebody who has a key already can tell that they are its own.
    /// Another key of the same Xendit account has another fingerprint.
    pub fn fingerprint(&self) -> String {
        self.fingerprint.clone()
    }

    /// Opens a connection, encrypted if the address says so; to be done before a grant is asked for.
    ///
    /// # Errors
    /// [`NotSent`] with what prevented it.
    pub async fn connect(&self) -> Result<Connection, NotSent> {
        let dialled = self.target.dial().await?;
        Connection::open(dialled, self.form.clone(), self.request_timeout).await
    }
}

fn parse_base_url(text: &str) -> Result<Url, ClientError> {
    let url = Url::parse(text);
    let url = url.map_err(|source| ClientError::InvalidUrl { text: shown(text), source })?;
    if !matches!(url.scheme(), "http" | "https") {
        return Err(ClientError::UnsupportedScheme { scheme: url.scheme().to_owned() });
    }
    if !url.username().is_empty() || url.password().is_some() {
        return Err(ClientError::UserInfo);
    }
    if url.query().is_some() || url.fragment().is_some() {
        return Err(ClientError::QueryOrFragment);
    }
    Ok(url)
}

/// Returns the text unless it looks as if it held a password or key.
fn shown(text: &str) -> String {
    if text.contains('@') || text.contains("xnd_") { "…".to_owned() } else { text.to_owned() }
}

fn is_loopback(host: &str) -> bool {
    host == "localhost" || host.parse::<IpAddr>().is_ok_and(|address| address.is_loopback())
}

fn tls_config(roots: RootCertStore) -> Result<Arc<ClientConfig>, ClientError> {
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let builder = ClientConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .map_err(ClientError::Tls)?;
    let mut config = builder.with_root_certificates(roots).with_no_client_auth();
    config.alpn_protocols = vec![b"http/1.1".to_vec()];
    Ok(Arc::new(config))
}

#[cfg(test)]
mod tests;
