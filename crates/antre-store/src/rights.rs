//! The rights that a worker needs of its Redis user, and those that are missing: tried without changing anything.
//!
//! docs/production.md has the lines for the ACL of a worker, a producer and a reader.

use std::time::Duration;

use antre_core::account::AccountName;
use futures_util::StreamExt;

use crate::{
    Queue, Redis, StoreError,
    connection::listening::in_time,
    error::words::{Right, not_known},
    inbox_listener::InboxListener,
    keys::{ACCOUNTS, Keys},
    script::{TRY_RIGHTS, TRY_WRITE},
    wake::WakeListener,
};

const NO_ARGUMENTS: &[&str] = &[];
/// Long enough to be a read that blocks.
const BLOCK: Duration = Duration::from_millis(10);

/// Every command of a worker, once, with arguments that would do little. `{key}` and `{wake}` stand for a key and
/// the channel of the account. `SCAN` is not among them: only `antre check` looks for inboxes of other accounts.
const COMMANDS: [&str; 50] = [
    "blmove {key} {key} LEFT LEFT 1",
    "del {key}",
    "evalsha 0 1 {key}",
    "exists {key}",
    "expire {key} 1",
    "get {key}",
    "hdel {key} f",
    "hexists {key} f",
    "hget {key} f",
    "hgetall {key}",
    "hincrby {key} f 1",
    "hkeys {key}",
    "hlen {key}",
    "hmget {key} f",
    "hset {key} f v",
    "hvals {key}",
    "incr {key}",
    "info",
    "lindex {key} 0",
    "llen {key}",
    "lrange {key} 0 0",
    "ltrim {key} 0 0",
    "persist {key}",
    "pexpire {key} 1",
    "ping",
    "publish {wake} 1",
    "rpush {key} v",
    "sadd {accounts} m",
    "script load 0",
    "set {key} v",
    "smembers {accounts}",
    "subscribe {wake}",
    "time",
    "type {key}",
    "wait 0 1",
    "xadd {key} * f v",
    "xdel {key} 0",
    "xinfo stream {key}",
    "xlen {key}",
    "xrange {key} - +",
    "xread block 1 streams {key} 0",
    "xtrim {key} maxlen 0",
    "zadd {key} 1 m",
    "zcard {key}",
    "zcount {key} 0 0",
    "zrange {key} 0 0",
    "zrem {key} m",
    "zremrangebyrank {key} 0 0",
    "zrevrange {key} 0 0",
    "zscore {key} m",
];

impl Redis {
    /// Answers once the server would take everything that a worker of these accounts asks, and changes nothing.
    ///
    /// # Errors
    /// As [`Redis::can_write`]; [`StoreError::Denied`] names every right that the user lacks, and
    /// [`StoreError::Unsuitable`] what the server does not know.
    pub async fn can_serve(&self, accounts: &[AccountName]) -> Result<(), StoreError> {
        // A question of many words is answered with other words by a server that wants a password first.
        self.can_write().await?;
        let mut missing = Vec::new();
        for account in accounts {
            for right in self.rights_missing(account).await? {
                if !missing.contains(&right) {
                    missing.push(right);
                }
            }
        }
        if missing.is_empty() { Ok(()) } else { Err(StoreError::denied(&missing)) }
    }

    /// Returns the rights that the user lacks for serving `account`.
    async fn rights_missing(&self, account: &AccountName) -> Result<Vec<Right>, StoreError> {
        let queue = self.queue(account.clone());
        let replies: Vec<String> = queue.run(&TRY_RIGHTS, &wishes(queue.keys())).await?;
        let mut missing = Vec::new();
        for (reply, command) in replies.iter().zip(COMMANDS) {
            let name = name(command);
            match reply.as_str() {
                "denied_keys" => missing.push(Right::Keys),
                "denied_channels" => missing.push(Right::Channels),
                "denied" => missing.push(Right::Command(name)),
                "unknown" => return Err(StoreError::unsuitable(not_known(&name))),
                _ => {}
            }
        }
        // Of `SUBSCRIBE`, no script hears whether the command or the channel is denied.
        if missing.contains(&Right::Channels) {
            missing.retain(|right| *right != Right::Command("subscribe".to_owned()));
        }
        Ok(missing)
    }
}

impl Queue {
    /// Does once what a worker of this account does all the time: listens, runs a script that writes and publishes,
    /// hears it, and waits at the inbox without taking anything.
    ///
    /// # Errors
    /// Any [`StoreError`].
    pub async fn try_out(&self) -> Result<(), StoreError> {
        let account = [self.account().clone()];
        let mut wakes = WakeListener::subscribe(self.redis(), &account).await?;
        let _one: u32 = self.run(&TRY_WRITE, NO_ARGUMENTS).await?;
        in_time(async {
            let heard = wakes.next().await;
            heard.map(drop).ok_or_else(|| StoreError::reply("SUBSCRIBE", "it ended by itself"))
        })
        .await?;
        let mut inbox_listener = InboxListener::open(self.redis(), &account, BLOCK).await?;
        match inbox_listener.rung(1).await {
            // Both are the account's own, and told where its inbox is looked at.
            Ok(_) | Err(StoreError::WrongType(_) | StoreError::Oversized { .. }) => Ok(()),
            Err(error) => Err(error),
        }
    }
}

fn wishes(keys: &Keys) -> Vec<String> {
    let fill = |command: &str| {
        let command =
            command.replace("{key}", &keys.named("trial")).replace("{wake}", &keys.wake());
        command.replace("{accounts}", ACCOUNTS)
    };
    COMMANDS.map(fill).to_vec()
}

/// Returns a command's name as the ACL spells it.
fn name(command: &str) -> String {
    let mut words = command.split(' ');
    let first = words.next().unwrap_or_default();
    match (first, words.next()) {
        ("script" | "xinfo", Some(second)) => format!("{first}|{second}"),
        _ => first.to_owned(),
    }
}

#[cfg(test)]
mod tests;
