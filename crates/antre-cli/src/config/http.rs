//! Where HTTP is served, and who may change something over it.

use std::net::SocketAddr;

use super::environment::Environment;
use super::reader::Reader;
use super::setting::{self, HTTP_TOKEN_VARIABLE};
use super::{Purpose, secret};

/// How HTTP is served.
#[derive(Clone, Default)]
pub(crate) struct Http {
    /// Absent: not at all.
    pub(crate) listen: Option<SocketAddr>,
    pub(crate) token: Option<String>,
    /// Names that `Host` may have besides loopback's.
    pub(crate) hosts: Vec<String>,
}

impl std::fmt::Debug for Http {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Http").field("listen", &self.listen).finish_non_exhaustive()
    }
}

/// Reads how HTTP is served; what only a server needs is left alone otherwise.
pub(super) fn read(environment: &Environment, purpose: Purpose, reader: &mut Reader<'_>) -> Http {
    let listen = reader.read(&setting::HTTP_LISTEN, |it| match it.text()?.trim() {
        "off" => Ok(None),
        text => text.parse().map(Some).map_err(|_invalid| {
            format!("{text:?} is no address and port; write 127.0.0.1:8080 or off")
        }),
    });
    let hosts = reader
        .read(&setting::HTTP_HOSTS, |it| Ok(it.texts()?.into_iter().map(str::to_owned).collect()));
    if purpose == Purpose::Queue {
        return Http { listen, token: None, hosts };
    }
    let token = environment.get(HTTP_TOKEN_VARIABLE).map(|token| token.trim().to_owned());
    let token = token.or_else(|| {
        reader.read_written(&setting::HTTP_TOKEN_FILE, |it| secret::read_file(it.text()?))
    });
    let is_open = listen.is_some_and(|address: SocketAddr| !address.ip().is_loopback());
    if is_open && token.is_none() {
        let message = format!(
            "is reachable from other machines and needs a token; set {HTTP_TOKEN_VARIABLE} or \
             http_token_file, or write 127.0.0.1:8080"
        );
        reader.fault(&setting::HTTP_LISTEN, message);
    }
    Http { listen, token, hosts }
}
