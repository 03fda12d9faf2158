//! A script's text, called by its hash. One that the server does not know is sent whole, and known from then on: so
//! nobody needs the right to load scripts. One that only reads is called as such: so who may only read can call it.

use redis::{
    Cmd, ErrorKind, FromRedisValue, RedisResult, ServerErrorKind, ToRedisArgs, aio::ConnectionLike,
};

/// The flag in the first line of one that only reads.
const READING: &str = "no-writes";

/// What Redis runs.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Text {
    whole: String,
    hash: String,
    is_reading: bool,
}

impl Text {
    pub(crate) fn new(text: impl Into<String>) -> Self {
        let text = text.into();
        let hash = redis::Script::new(&text).get_hash().to_owned();
        let is_reading = text.lines().next().is_some_and(|shebang| shebang.contains(READING));
        Self { whole: text, hash, is_reading }
    }

    pub(crate) async fn call<T: FromRedisValue>(
        &self,
        connection: &mut impl ConnectionLike,
        keys: &[&str],
        arguments: &[impl ToRedisArgs + Sync],
    ) -> RedisResult<T> {
        let (by_hash, whole) =
            if self.is_reading { ("EVALSHA_RO", "EVAL_RO") } else { ("EVALSHA", "EVAL") };
        let by_hash = call(by_hash, &self.hash, keys, arguments);
        match by_hash.query_async(connection).await {
            Err(error) if error.kind() == ErrorKind::Server(ServerErrorKind::NoScript) => {
                call(whole, &self.whole, keys, arguments).query_async(connection).await
            }
            other => other,
        }
    }

    #[cfg(all(test, feature = "worker"))]
    pub(crate) fn as_str(&self) -> &str {
        &self.whole
    }
}

fn call(command: &str, script: &str, keys: &[&str], arguments: &[impl ToRedisArgs]) -> Cmd {
    let mut call = redis::cmd(command);
    call.arg(script).arg(keys.len()).arg(keys);
    for argument in arguments {
        call.arg(argument);
    }
    call
}
