//! The schedule: which fault comes when, all from one seed.

use std::time::Duration;

use antre_testkit::Direction;
use rand::rngs::StdRng;
use rand::seq::index::sample;
use rand::{Rng, SeedableRng};

use super::incident::{Kind, Planned};

/// How likely each kind is, relative to the others.
pub type Weights = &'static [(Kind, u32)];

/// Faults under which nothing that was acknowledged may be lost.
pub const LOSSLESS: Weights = &[
    (Kind::WorkersKilled, 60),
    (Kind::WorkerStopped, 7),
    (Kind::RedisKilled, 3),
    (Kind::RedisRestarted, 1),
    (Kind::RedisSilent, 2),
    (Kind::ScriptsForgotten, 2),
    (Kind::RedisLinkCut, 5),
    (Kind::RedisLinkStalled, 5),
    (Kind::XenditLinkCut, 4),
    (Kind::XenditLinkStalled, 4),
    (Kind::XenditResets, 4),
    (Kind::XenditHangs, 4),
    (Kind::XenditFails, 4),
    (Kind::XenditActsLate, 3),
    (Kind::ListLags, 3),
    (Kind::XenditDown, 1),
    (Kind::XenditLimits, 1),
    (Kind::AccessLost, 2),
    (Kind::ReadOnly, 2),
    (Kind::RandomEntries, 2),
    (Kind::MixedUp, 2),
    (Kind::SickEgress, 2),
];

/// What others do on an ordinary day, and now and then a crash.
pub const NEIGHBOURS: Weights = &[
    (Kind::WorkersKilled, 6),
    (Kind::RedisRestarted, 1),
    (Kind::ForeignKey, 4),
    (Kind::OtherMode, 3),
    (Kind::KeyRevoked, 4),
    (Kind::SickEgress, 8),
    (Kind::AccessLost, 4),
    (Kind::ReadOnly, 4),
    (Kind::RandomEntries, 4),
    (Kind::PoisonLookUps, 4),
    (Kind::MixedUp, 5),
    (Kind::LimitLies, 2),
    (Kind::ExpiredByHand, 5),
    (Kind::XenditActsLate, 1),
];

/// Faults by which Redis may lose its last moments.
pub const LOSSY: Weights = &[
    (Kind::WorkersKilled, 6),
    (Kind::WorkerStopped, 1),
    (Kind::RedisKilled, 4),
    (Kind::ReplicaPromoted, 3),
    (Kind::StalePromoted, 3),
    (Kind::ForeignKey, 1),
    (Kind::XenditHangs, 1),
    (Kind::RedisLinkStalled, 1),
];

/// Workers that are told to end, as at every new version.
pub const ORDERLY: Weights = &[(Kind::WorkerEnded, 1)];

/// Draws faults, for ever.
#[derive(Debug)]
pub struct Schedule {
    random: StdRng,
    weights: Weights,
    workers: usize,
    pause_max: Duration,
}

impl Schedule {
    /// Returns the schedule of `seed` for so many workers; faults begin up to `pause_max` apart.
    pub fn new(seed: u64, weights: Weights, workers: usize, pause_max: Duration) -> Self {
        Self { random: StdRng::seed_from_u64(seed), weights, workers, pause_max }
    }

    /// Returns the next fault.
    pub fn draw(&mut self) -> Planned {
        let kind = self.draw_kind();
        let most = if kind == Kind::WorkersKilled { self.workers.min(3) } else { 1 };
        let hit = self.random.random_range(1..=most);
        let workers = sample(&mut self.random, self.workers, hit).into_vec();
        let (least_ms, most_ms) = lasts_ms(kind);
        let pause_min = self.pause_max / 6;
        Planned {
            kind,
            after: self.random.random_range(pause_min..=self.pause_max),
            lasts: Duration::from_millis(self.random.random_range(least_ms..=most_ms)),
            workers,
            direction: if self.random.random() { Direction::ToServer } else { Direction::ToClient },
            after_creation: self.random.random(),
            variant: self.random.random(),
        }
    }

    fn draw_kind(&mut self) -> Kind {
        let total: u32 = self.weights.iter().map(|(_, weight)| weight).sum();
        let mut drawn = self.random.random_range(0..total.max(1));
        for (kind, weight) in self.weights {
            if drawn < *weight {
                return *kind;
            }
            drawn -= weight;
        }
        Kind::WorkersKilled
    }
}

/// Returns how long a fault lasts, in milliseconds. Nothing holds a request longer than it may still act.
fn lasts_ms(kind: Kind) -> (u64, u64) {
    match kind {
        Kind::WorkersKilled
        | Kind::WorkerEnded
        | Kind::ScriptsForgotten
        | Kind::RedisRestarted
        | Kind::RandomEntries
        | Kind::ExpiredByHand => (0, 0),
        Kind::ForeignKey | Kind::OtherMode | Kind::KeyRevoked | Kind::SickEgress => (2_000, 4_000),
        Kind::AccessLost | Kind::PoisonLookUps => (1_000, 4_000),
        Kind::StalePromoted => (3_000, 6_000),
        Kind::WorkerStopped => (1_800, 3_500),
        Kind::RedisKilled | Kind::ReplicaPromoted => (0, 800),
        Kind::RedisSilent => (500, 2_600),
        Kind::XenditDown => (500, 2_000),
        Kind::XenditLinkStalled => (300, 2_500),
        Kind::RedisLinkCut
        | Kind::RedisLinkStalled
        | Kind::XenditLinkCut
        | Kind::XenditResets
        | Kind::XenditHangs
        | Kind::XenditFails
        | Kind::XenditActsLate
        | Kind::ListLags
        | Kind::XenditLimits
        | Kind::ReadOnly
        | Kind::MixedUp
        | Kind::LimitLies => (300, 3_000),
    }
}
