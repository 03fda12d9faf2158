//! The neighbours: what each is called, what it did to version 0.1.0, and how it plays.

mod egress;
mod jobs;
mod keys;
mod processes;
mod redis;
mod servers;

use std::path::PathBuf;

use futures_util::future::LocalBoxFuture;

use super::row::Row;

/// Jobs that the producer keeps waiting: three seconds' worth.
const BACKLOG: u64 = 60;

/// One neighbour.
#[derive(Debug, Clone, Copy)]
pub struct Scenario {
    /// For the command line.
    pub name: &'static str,
    /// For the table.
    pub title: &'static str,
    /// What it did to version 0.1.0, measured then.
    pub before: &'static str,
    /// Plays it with this program.
    pub play: fn(PathBuf) -> LocalBoxFuture<'static, anyhow::Result<Row>>,
}

macro_rules! scenario {
    ($name:literal, $title:literal, $before:literal, $play:expr) => {
        Scenario {
            name: $name,
            title: $title,
            before: $before,
            play: |binary| Box::pin($play(binary)),
        }
    };
}

/// All of them, in the order of the table.
#[rustfmt::skip]
pub const ALL: [Scenario; 19] = [
    scenario!("nobody", "nobody: two healthy workers", "the same", jobs::nobody),
    scenario!("foreign-key", "a worker with a key of another Xendit account", "3–4 of 60 bills payable twice, at two accounts", keys::foreign_key),
    scenario!("other-mode", "a worker with a key of the other mode", "20 of 20 bills payable twice when submitted again", keys::other_mode),
    scenario!("revoked-key", "one of two keys revoked", "0 of 100 jobs in 60 s on the healthy worker", keys::revoked_key),
    scenario!("egress-502", "one of two behind a proxy that answers 502", "7–9 of 100 jobs in 80 s", egress::bad_gateway),
    scenario!("egress-502-post", "one of two behind a proxy that answers POST with 502", "not measured; every failure counted against all workers", egress::bad_gateway_for_creates),
    scenario!("egress-hang", "one of two whose requests hang", "not measured; every failure counted against all workers", egress::silence),
    scenario!("lying-429", "429 to every create of one of two, the invoice made all the same", "payable twice if the job was refused or cancelled then", egress::lying_429),
    scenario!("password", "all workers' Redis password wrong for 8 s", "not one job in 100 s after it was right", redis::password),
    scenario!("acl", "all workers' Redis rights gone for 8 s", "not one job in 100 s after they were back", redis::rights),
    scenario!("readonly", "the address moves to the promoted replica, old connections live", "0 of 5 jobs in 60 s", servers::readonly),
    scenario!("fail-over-auto", "fail-over that workers do not hear of, replica known", "9 of 9 bills of the gap payable twice", servers::fail_over_auto),
    scenario!("fail-over-local", "the same with durability = local", "9 of 9 bills of the gap payable twice", servers::fail_over_local),
    scenario!("stale-replica", "a replica that is 20 s behind is promoted, durability = local", "198 of 400 bills payable twice", servers::stale_replica),
    scenario!("poison-3", "3 bills whose look-up always answers 403", "6 of 60 good jobs in 40 s, no end", jobs::three_poisonous),
    scenario!("poison-8", "8 bills whose look-up always answers 403", "1 of 60 good jobs in 40 s, no end", jobs::eight_poisonous),
    scenario!("random-bytes", "20 inbox entries of random bytes a second", "one entry stops intake of all accounts for ever", jobs::random_bytes),
    scenario!("mixed-answers", "a proxy that swaps 5 % of all answers for another invoice", "the other's link delivered as done", egress::mixed_answers),
    scenario!("killed", "the only worker killed 4 times, each time when its lost jobs run again", "5 of 60 innocent jobs dead", processes::killed_four_times),
];
