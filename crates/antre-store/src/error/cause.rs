//! What Redis, the network or the library said, without anything that was sent or stored.

use redis::{ErrorKind, RedisError};

/// Longer texts repeat what was sent.
const CHARS_MAX: usize = 200;

/// What Redis, the network or the library said, without anything that was sent or stored.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{text}")]
pub struct Cause {
    code: Option<String>,
    text: String,
}

impl Cause {
    pub(crate) fn of(error: &RedisError) -> Self {
        if matches!(error.kind(), ErrorKind::Parse | ErrorKind::UnexpectedReturnType) {
            // The library prints the value that it could not convert.
            return Self { code: None, text: "a reply of another type than expected".to_owned() };
        }
        // A failed pipeline has no code of its own, but those of its commands.
        let server_error = error.clone().into_server_errors().and_then(|it| it.first().cloned());
        if let Some((_, error)) = server_error {
            let text = said(error.code(), error.details().unwrap_or_default());
            return Self { code: Some(error.code().to_owned()), text };
        }
        let text = error.to_string();
        let text = of_tls(&text).map_or_else(|| shortened(&text), str::to_owned);
        Self { code: error.code().map(str::to_owned), text }
    }

    /// Returns Redis' word for it: `READONLY`, `WRONGTYPE`, …
    pub fn code(&self) -> Option<&str> {
        self.code.as_deref()
    }
}

fn said(code: &str, details: &str) -> String {
    match code {
        "READONLY" => "this server is a replica; use the address of its primary".to_owned(),
        "UNBLOCKED" => "this server has become a replica".to_owned(),
        _ => shortened(&format!("{code} {details}")),
    }
}

/// Returns what a fault of the encrypted connection means, and what to do. The library names it in a word.
fn of_tls(text: &str) -> Option<&'static str> {
    let means = [
        (
            "UnknownIssuer",
            "its certificate was not issued by an authority that Antre knows, and a private one cannot be configured yet: \
             give the server a certificate of a public authority, or let a TLS proxy beside the worker connect to it",
        ),
        ("NotValidForName", "its certificate is for another host name: use that name in redis_url"),
        ("certificate: Expired", "its certificate has expired: renew it"),
        (
            "InvalidContentType",
            "it does not speak TLS on this port: write redis:// instead of rediss://",
        ),
    ];
    means.into_iter().find(|(word, _)| text.contains(word)).map(|(_, meaning)| meaning)
}

/// Redis repeats the arguments of a command that it does not know.
fn shortened(text: &str) -> String {
    let text = text.split("with args beginning with").next().unwrap_or_default();
    text.chars().take(CHARS_MAX).map(|it| if it.is_control() { ' ' } else { it }).collect()
}
