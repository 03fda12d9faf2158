//! The verdict of an answer on its connection.

use redis::{ErrorKind, RedisError, ServerError, Value};

/// What an answer says of the connection it came over.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Verdict {
    /// It works.
    Fine,
    /// The call failed, the connection did its part.
    Neutral,
    /// The call failed. Only a failure that lasts speaks against the connection.
    Failed(&'static str),
    /// The server answers but does not serve: it lost its role, or the user its rights. Another one may be
    /// at the address by now.
    Unfit(&'static str),
    /// Nothing can be asked over it any more.
    Broken,
}

impl Verdict {
    pub(super) fn of_value(value: &Value) -> Self {
        if let Value::ServerError(error) = value { Self::of_reply(error) } else { Self::Fine }
    }

    /// The worst of them: a pipeline is as good as its commands.
    pub(super) fn of_values(values: &[Value]) -> Self {
        let verdicts = values.iter().map(Self::of_value);
        verdicts.max_by_key(|verdict| verdict.weight()).unwrap_or(Self::Fine)
    }

    pub(super) fn of_error(error: &RedisError) -> Self {
        if matches!(error.kind(), ErrorKind::Io | ErrorKind::Parse) {
            Self::Broken
        } else if error.kind() == ErrorKind::AuthenticationFailed {
            Self::Unfit("the user or password is refused")
        } else {
            error.code().map_or(Self::Failed("an error"), Self::of_code)
        }
    }

    fn of_reply(error: &ServerError) -> Self {
        Self::of_code(error.code())
    }

    fn of_code(code: &str) -> Self {
        match code {
            "OOM" | "NOSCRIPT" | "BUSY" | "MOVED" | "ASK" | "TRYAGAIN" => Self::Neutral,
            "READONLY" => Self::Unfit("a replica takes no writes"),
            "MASTERDOWN" => Self::Unfit("a replica without its primary"),
            "UNBLOCKED" => Self::Unfit("the server changed its role"),
            "NOAUTH" | "WRONGPASS" | "NOPERM" => Self::Unfit("the user or password is refused"),
            _ => Self::Failed("an error"),
        }
    }

    /// Returns whether others than this call should ask what became of the server.
    pub(super) fn concerns_server(self) -> bool {
        matches!(self, Self::Unfit(_) | Self::Broken)
    }

    fn weight(self) -> u8 {
        match self {
            Self::Fine => 0,
            Self::Neutral => 1,
            Self::Failed(_) => 2,
            Self::Unfit(_) => 3,
            Self::Broken => 4,
        }
    }
}
