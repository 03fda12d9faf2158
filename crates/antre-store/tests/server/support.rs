//! A server that can be done anything to, and an account on it.

use std::{path::PathBuf, time::Duration};

use antre_store::{Queue, Redis};
use antre_testkit::{
    RedisServer, eventually,
    queue::{configure, quick_settings},
};
use redis::FromRedisValue;

/// Generous: it ends a test that would hang, and is never reached otherwise.
pub(crate) const LIMIT: Duration = Duration::from_secs(30);

/// Runs one command, past Antre.
pub(crate) async fn tell<T: FromRedisValue>(server: &RedisServer, words: &[&str]) -> T {
    let mut connection = server.connect().await.unwrap();
    redis::cmd(words[0]).arg(&words[1..]).query_async(&mut connection).await.unwrap()
}

/// Runs one command with an argument of bytes at its end, past Antre.
pub(crate) async fn tell_bytes(server: &RedisServer, words: &[&str], last: &[&[u8]]) -> String {
    let mut connection = server.connect().await.unwrap();
    redis::cmd(words[0]).arg(&words[1..]).arg(last).query_async(&mut connection).await.unwrap()
}

/// Waits until writes are taken.
pub(crate) async fn until_writable(redis: &Redis) {
    eventually(LIMIT, "redis takes writes again", async || redis.can_write().await.is_ok())
        .await
        .unwrap();
}

/// Returns the configured queue of `account`.
pub(crate) async fn queue(redis: &Redis, account: &str) -> Queue {
    let queue = redis.queue(account.parse().unwrap());
    configure(&queue, &quick_settings()).await;
    queue
}

/// An address behind which another server can take over, while the one before lives on.
pub(crate) struct Address(PathBuf);

impl Address {
    pub(crate) fn of(server: &RedisServer) -> Self {
        let address = Self(server.socket_path().with_file_name("in-charge.sock"));
        address.move_to(server);
        address
    }

    pub(crate) fn move_to(&self, server: &RedisServer) {
        let next = self.0.with_file_name("next.sock");
        std::os::unix::fs::symlink(server.socket_path(), &next).unwrap();
        std::fs::rename(next, &self.0).unwrap();
    }

    pub(crate) fn url(&self) -> String {
        format!("redis+unix://{}", self.0.display())
    }
}
