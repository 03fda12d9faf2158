//! Reading our jobs with `apalis_redis::RedisStorage`.
//!
//! Records have apalis-redis' form, so its read side works on our keys: `fetch_by_id`, `list_all_tasks`.
//! Only the result differs: ours is plain JSON for every language in a list of its own, apalis expects `{"Ok": …}` in
//! the record. The connection of this module reads it there, so that `WaitForCompletion` works as well.

use apalis_redis::RedisStorage;
use redis::{Cmd, Pipeline, RedisFuture, Value, aio::ConnectionLike};

use crate::{Queue, connection::Calls};

/// A connection on which a job's `result` is found where apalis looks for it, and as apalis spells it.
#[derive(Clone)]
pub struct ApalisConnection(Calls);

impl std::fmt::Debug for ApalisConnection {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("ApalisConnection").finish_non_exhaustive()
    }
}

impl ConnectionLike for ApalisConnection {
    fn req_packed_command<'a>(&'a mut self, command: &'a Cmd) -> RedisFuture<'a, Value> {
        Box::pin(async move {
            match result_list(command) {
                Some(list) => {
                    let newest = redis::cmd("LINDEX").arg(list).arg(0).clone();
                    self.0.req_packed_command(&newest).await.map(as_apalis_result)
                }
                None => self.0.req_packed_command(command).await,
            }
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

/// Returns the key of the result that the command looks for in a record.
fn result_list(command: &Cmd) -> Option<String> {
    let mut words = command.args_iter().filter_map(|argument| {
        if let redis::Arg::Simple(bytes) = argument { Some(bytes) } else { None }
    });
    let (name, record, field) = (words.next()?, words.next()?, words.next()?);
    let record = std::str::from_utf8(record).ok()?;
    let is_result = name == b"HGET" && field == b"result";
    is_result.then(|| record.replacen(":meta:", ":result:", 1))
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
        RedisStorage::new(ApalisConnection(self.redis().calls())).with_config(self.keys().apalis())
    }
}
