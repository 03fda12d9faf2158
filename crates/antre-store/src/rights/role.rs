//! The users that a Redis needs for Antre, as lines of its ACL: each may do what it must, and nothing else.

use std::collections::BTreeSet;

use antre_core::account::AccountName;

use super::{COMMANDS, OF_USE, name};
use crate::keys::ACCOUNTS;

/// More accounts than this share one pattern: Redis compares each key with each of a user's patterns.
const PATTERNS_MAX: usize = 5;

/// What a user of Redis is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Role {
    /// Workers, `antre check`, and all commands that change something.
    Worker,
    /// Programs that submit jobs and read results, `antre enqueue`.
    Producer,
    /// People and pages that only look: `antre status`, `antre job`, `antre dead list`, `antre serve`.
    Reader,
}

/// What a producer asks, in any language. Each has a reason in PROTOCOL.md, in `antre enqueue` or in `clients/`.
const OF_PRODUCERS: [&str; 19] = [
    "blmove",
    "exists",
    "get",
    "hget",
    "hgetall",
    "hmget",
    "lindex",
    "ping",
    "time",
    "xack",
    "xadd",
    "xautoclaim",
    "xgroup|create",
    "xlen",
    "xrange",
    "xread",
    "xreadgroup",
    "zcard",
    "zcount",
];

/// What is asked by those who only look.
const OF_READERS: [&str; 16] = [
    "eval",
    "eval_ro",
    "evalsha",
    "evalsha_ro",
    "get",
    "hget",
    "hgetall",
    "lindex",
    "ping",
    "smembers",
    "time",
    "xlen",
    "zcard",
    "zcount",
    "zrange",
    "zrevrange",
];

impl Role {
    /// All of them.
    pub const ALL: [Self; 3] = [Self::Worker, Self::Producer, Self::Reader];

    /// Returns the user's name in this project's pages.
    pub fn user(self) -> &'static str {
        match self {
            Self::Worker => "antre-worker",
            Self::Producer => "antre-producer",
            Self::Reader => "antre-reader",
        }
    }

    /// Returns the line of redis.conf that makes such a user, for these accounts. `SECRET` stands for its password.
    pub fn acl_line(self, accounts: &[AccountName]) -> String {
        let rights = self.rights(accounts).join(" ");
        format!("user {} on >SECRET resetchannels -@all {rights}", self.user())
    }

    /// Returns each right that such a user needs, as the ACL spells it.
    pub fn rights(self, accounts: &[AccountName]) -> Vec<String> {
        let mut rights = self.patterns(accounts);
        rights.extend(self.commands().into_iter().map(|command| format!("+{command}")));
        rights
    }

    fn patterns(self, accounts: &[AccountName]) -> Vec<String> {
        let any = ["*".to_owned()];
        let names: Vec<String> = accounts.iter().map(ToString::to_string).collect();
        let names = if names.len() > PATTERNS_MAX { &any[..] } else { &names };
        let of_each = |patterns: &[&str]| -> Vec<String> {
            let filled =
                names.iter().flat_map(|name| patterns.iter().map(|it| it.replace('A', name)));
            filled.collect()
        };
        let all = match self {
            Self::Worker => of_each(&["~antre:{A}:*", "&antre:{A}:wake"]),
            Self::Producer => of_each(&[
                "~antre:{A}:inbox",
                "~antre:{A}:result:*",
                "~antre:{A}:ended",
                "%R~antre:{A}:*",
            ]),
            Self::Reader => of_each(&["%R~antre:{A}:*"]),
        };
        let shared = match self {
            Self::Worker => vec![format!("~{ACCOUNTS}")],
            Self::Producer => Vec::new(),
            Self::Reader => vec![format!("%R~{ACCOUNTS}")],
        };
        shared.into_iter().chain(all).collect()
    }

    fn commands(self) -> BTreeSet<String> {
        let plain = |commands: &[&str]| commands.iter().map(|it| (*it).to_owned()).collect();
        match self {
            Self::Worker => COMMANDS.iter().chain(&OF_USE).map(|command| name(command)).collect(),
            Self::Producer => plain(&OF_PRODUCERS),
            Self::Reader => plain(&OF_READERS),
        }
    }
}
