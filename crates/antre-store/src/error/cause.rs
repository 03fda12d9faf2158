//! The words of Redis, the network or the library, without any data that was sent or stored.

use redis::{ErrorKind, RedisError};

use super::words::{self, Class};

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
        Self::classified(error).1
    }

    /// Returns the cause with whose fault it is.
    pub(super) fn classified(error: &RedisError) -> (Class, Self) {
        if matches!(error.kind(), ErrorKind::Parse | ErrorKind::UnexpectedReturnType) {
            // The library prints the value that it could not convert.
            let text = "a reply of another type than expected".to_owned();
            return (Class::Other, Self { code: None, text });
        }
        // A failed pipeline has no code of its own, but those of its commands.
        let server_error = error.clone().into_server_errors().and_then(|it| it.first().cloned());
        let ((class, text), code) = match &server_error {
            Some((_, error)) => {
                let meaning = words::of_server(error.code(), error.details().unwrap_or_default());
                (meaning, Some(error.code().to_owned()))
            }
            None => (words::of_client(error), error.code().map(str::to_owned)),
        };
        (class, Self { code, text })
    }

    /// Returns a cause that Antre found itself.
    pub(crate) fn found(code: &str, text: String) -> Self {
        Self { code: Some(code.to_owned()), text }
    }

    /// Returns Redis' word for it: `READONLY`, `WRONGTYPE`, …
    pub fn code(&self) -> Option<&str> {
        self.code.as_deref()
    }
}

/// Redis repeats the arguments of a command that it does not know.
pub(super) fn shortened(text: &str) -> String {
    let text = text.split("with args beginning with").next().unwrap_or_default();
    text.chars().take(CHARS_MAX).map(|it| if it.is_control() { ' ' } else { it }).collect()
}
