//! Reading our jobs with `apalis_redis::RedisStorage`.
//!
//! Records have apalis-redis' form, so its read side works on our keys: `fetch_by_id`, `list_all_tasks`.
//! Only the result differs: ours is plain JSON for every language, apalis expects `{"Ok": …}`. The
//! connection of this module adds that while reading, so that `WaitForCompletion` works as well.

use apalis_redis::RedisStorage;
use redis::{Cmd, Pipeline, RedisFuture, Value, aio::ConnectionLike};

use crate::{Queue, shared::Shared};

/// A connection on which a job's `result` reads as apalis spells it.
#[derive(Clone)]
pub struct ApalisConnection(Shared);

impl std::fmt::Debug for ApalisConnection {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("ApalisConnection").finish_non_exhaustive()
    }
}

impl ConnectionLike for ApalisConnection {
    fn req_packed_command<'a>(&'a mut self, command: &'a Cmd) -> RedisFuture<'a, Value> {
        Box::pin(async move {
            let value = self.0.req_packed_command(command).await?;
            Ok(if reads_result(command) { as_apalis_result(value) } else { value })
        })
    }

    fn req_packed_commands<'a>(
        &'a mut self,
        pipeline: &'a Pipeline,
        offset: usize,
        count: usize,
    ) -> RedisFuture<'a, Vec<Value>> {
        self.0.req_packed_commands(pipeline, offset, count)
    }

    fn get_db(&self) -> i64 {
        self.0.get_db()
    }
}

fn reads_result(command: &Cmd) -> bool {
    let mut words = command.args_iter().filter_map(|argument| {
        if let redis::Arg::Simple(bytes) = argument { Some(bytes) } else { None }
    });
    words.next() == Some(b"HGET") && words.nth(1) == Some(b"result")
}

fn as_apalis_result(value: Value) -> Value {
    if let Value::BulkString(json) = value {
        return Value::BulkString([b"{\"Ok\":".as_slice(), &json, b"}"].concat());
    }
    value
}

impl Queue {
    /// Returns apalis-redis' storage over this queue, for reading. Its writing side must not be used.
    pub fn apalis_storage<Args>(&self) -> RedisStorage<Args, ApalisConnection>
    where
        Args: Send + 'static,
    {
        RedisStorage::new(ApalisConnection(self.redis().shared())).with_config(self.keys().apalis())
    }
}
