//! Where HTTP is served, and who may read and change something over it.

use std::net::SocketAddr;

use antre_admin::Token;

use super::environment::Environment;
use super::fault::Origin;
use super::options::{self, HTTP_TOKEN_VARIABLE};
use super::reader::Reader;
use super::{Purpose, secret};

/// Who may read `/metrics` where other machines can ask.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) enum MetricsAccess {
    /// Who has the token.
    #[default]
    Token,
    /// Everybody, under any name.
    Open,
}

/// How HTTP is served.
#[derive(Clone, Debug, Default)]
pub(crate) struct Http {
    /// Absent: not at all.
    pub(crate) listen: Option<SocketAddr>,
    pub(crate) token: Option<Token>,
    /// Names that `Host` may have besides loopback's.
    pub(crate) hosts: Vec<String>,
    pub(crate) metrics: MetricsAccess,
}

impl Http {
    /// Tells whether machines other than this one can connect.
    pub(crate) fn is_reachable_from_elsewhere(&self) -> bool {
        self.listen.is_some_and(|address| !address.ip().is_loopback())
    }
}

/// Reads how HTTP is served; what only a server needs is left alone otherwise.
pub(super) fn read(environment: &Environment, purpose: Purpose, reader: &mut Reader<'_>) -> Http {
    let listen = reader.read(&options::HTTP_LISTEN, |it| match it.word()?.as_str() {
        "off" => Ok(None),
        text => text.parse().map(Some).map_err(|_invalid| {
            format!("{text:?} is no address and port; write 127.0.0.1:8080 or off")
        }),
    });
    let hosts = reader
        .read(&options::HTTP_HOSTS, |it| Ok(it.texts()?.into_iter().map(str::to_owned).collect()));
    let metrics = reader.word(&options::HTTP_METRICS, |word| match word {
        "token" => Some(MetricsAccess::Token),
        "open" => Some(MetricsAccess::Open),
        _ => None,
    });
    let mut http = Http { listen, token: None, hosts, metrics };
    if purpose == Purpose::Queue {
        return http;
    }
    http.token = token(environment, reader);
    let is_given = environment.get(HTTP_TOKEN_VARIABLE).is_some()
        || reader.written(&options::HTTP_TOKEN_FILE).is_some();
    if http.is_reachable_from_elsewhere() && !is_given {
        let message = format!(
            "is reachable from other machines and needs a token; set {HTTP_TOKEN_VARIABLE} or \
             http_token_file, or write 127.0.0.1:8080"
        );
        reader.fault(&options::HTTP_LISTEN, message);
    }
    http
}

/// Returns the token in the variable, else the one in the file.
fn token(environment: &Environment, reader: &mut Reader<'_>) -> Option<Token> {
    if let Some(text) = environment.get_plain(HTTP_TOKEN_VARIABLE) {
        let token = Token::new(text.trim());
        let origin = Origin::Variable(HTTP_TOKEN_VARIABLE.into());
        return token.map_err(|error| reader.faults.add(origin, "", error.to_string())).ok();
    }
    reader.read_written(&options::HTTP_TOKEN_FILE, |it| {
        let text = secret::read_file(it.text()?)?;
        Token::new(&text).map_err(|error| error.to_string())
    })
}
