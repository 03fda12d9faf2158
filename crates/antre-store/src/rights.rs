//! The rights that Antre needs of its Redis users, and those that are missing: tried without changing anything.

use std::time::Duration;

use antre_core::account::AccountName;
use futures_util::StreamExt;

use crate::{
    Queue, Redis, StoreError,
    connection::listening::in_time,
    error::words::{Right, lacking, not_known},
    inbox_listener::InboxListener,
    keys::{ACCOUNTS, Keys},
    script::{NO_ARGUMENTS, TRY_RIGHTS, TRY_WRITE},
    wake::WakeListener,
};

pub use role::Role;

mod role;

/// Long enough to be a read that blocks.
const BLOCK: Duration = Duration::from_millis(10);

/// Every command that a worker cannot do without, once, with arguments that would do little. `{key}`, `{accounts}` and
/// `{wake}` stand for keys and the channel of the account.
const COMMANDS: [&str; 50] = [
    "blmove {key} {key} LEFT LEFT 1",
    "del {key}",
    "eval 0 1 {key}",
    "eval_ro 0 1 {key}",
    "evalsha 0 1 {key}",
    "evalsha_ro 0 1 {key}",
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
    "set {key} v",
    "smembers {accounts}",
    "subscribe {wake}",
    "time",
    "type {key}",
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

/// What a worker does without where it must: `INFO` tells what kind of server it is, and, where there are no functions,
/// whether it is still the same one; `WAIT` asks for replicas, functions cost less than scripts, and `antre check` looks for
/// inboxes of other accounts with `SCAN`.
const OF_USE: [&str; 5] = ["fcall f 0", "function load f", "info", "scan 0", "wait 0 1"];

/// The rights that a user lacks.
#[derive(Debug, Default)]
struct Lacking {
    needed: Vec<Right>,
    of_use: Vec<Right>,
}

impl Redis {
    /// Answers once the server would take everything that a worker of these accounts asks, and changes nothing.
    ///
    /// # Errors
    /// As [`Redis::can_write`]; [`StoreError::Denied`] names every right that the user lacks, and
    /// [`StoreError::Unsuitable`] what the server does not know.
    pub async fn can_serve(&self, accounts: &[AccountName]) -> Result<(), StoreError> {
        let mut needed = self.lacking(accounts).await?.needed;
        if needed.is_empty() {
            return Ok(());
        }
        let is_channel = |right: &Right| matches!(right, Right::Channels(_));
        // Of `SUBSCRIBE`, no script hears whether the command or the channel is denied.
        if needed.iter().any(is_channel) {
            needed.retain(|right| *right != Right::Command("subscribe".to_owned()));
        }
        Err(StoreError::denied(&needed))
    }

    /// Returns what the user may not do that a worker of these accounts can do without, and what to add to its ACL.
    ///
    /// # Errors
    /// As [`Redis::can_serve`].
    pub async fn lacks_of_use(
        &self,
        accounts: &[AccountName],
    ) -> Result<Option<String>, StoreError> {
        let of_use = self.lacking(accounts).await?.of_use;
        Ok((!of_use.is_empty()).then(|| lacking(&of_use)))
    }

    async fn lacking(&self, accounts: &[AccountName]) -> Result<Lacking, StoreError> {
        // A question of many words is answered with other words by a server that wants a password first.
        self.can_write().await?;
        let mut all = Lacking::default();
        for account in accounts {
            self.add_lacking(account, &mut all).await?;
        }
        // Without functions nothing but `INFO` tells that the server was restarted.
        let is_function = |it: &Right| matches!(it, Right::Command(name) if name.starts_with('f'));
        let info = Right::Command("info".to_owned());
        if all.of_use.contains(&info) && all.of_use.iter().any(is_function) {
            all.needed.push(info);
        }
        Ok(all)
    }

    async fn add_lacking(
        &self,
        account: &AccountName,
        all: &mut Lacking,
    ) -> Result<(), StoreError> {
        let queue = self.queue(account.clone());
        let keys = queue.keys();
        let commands = COMMANDS.iter().chain(&OF_USE);
        let wishes: Vec<String> = commands.clone().map(|command| filled(command, keys)).collect();
        let replies: Vec<String> = queue.run(&TRY_RIGHTS, &wishes).await?;
        for (reply, command) in replies.iter().zip(commands) {
            let name = name(command);
            let is_of_use = OF_USE.contains(command);
            let right = match reply.as_str() {
                "denied_keys" if command.contains("{accounts}") => Right::Keys(ACCOUNTS.to_owned()),
                "denied_keys" => Right::Keys(keys.named("*")),
                "denied_channels" => Right::Channels(keys.wake()),
                "denied" => Right::Command(name),
                "unknown" if is_of_use => Right::Command(name),
                "unknown" => return Err(StoreError::unsuitable(not_known(&name))),
                _ => continue,
            };
            let list = if is_of_use { &mut all.of_use } else { &mut all.needed };
            if !list.contains(&right) {
                list.push(right);
            }
        }
        Ok(())
    }

    /// Answers if replicas can be asked whether they have what was written.
    ///
    /// # Errors
    /// [`StoreError::Denied`] or [`StoreError::Unsuitable`] where `WAIT` is refused; any other.
    pub async fn can_ask_replicas(&self) -> Result<(), StoreError> {
        let mut connection = self.calls();
        Ok(redis::cmd("WAIT").arg(0).arg(1).exec_async(&mut connection).await?)
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

fn filled(command: &str, keys: &Keys) -> String {
    let command = command.replace("{key}", &keys.named("trial")).replace("{wake}", &keys.wake());
    command.replace("{accounts}", ACCOUNTS)
}

/// Returns a command's name as the ACL spells it.
fn name(command: &str) -> String {
    let mut words = command.split(' ');
    let first = words.next().unwrap_or_default();
    match (first, words.next()) {
        ("function" | "xinfo", Some(second)) => format!("{first}|{second}"),
        _ => first.to_owned(),
    }
}

#[cfg(test)]
mod tests;
