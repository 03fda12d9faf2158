//! Faults as the schedule draws them, and what became of each.

use std::ops::Range;
use std::time::Duration;

use antre_testkit::Direction;

/// A kind of fault: a row of the table.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Kind {
    /// SIGKILL to one to three workers, which are started again at once.
    WorkersKilled,
    /// SIGTERM to a worker, which ends in order and is started again.
    WorkerEnded,
    /// SIGSTOP to a worker for longer than its lease, then SIGCONT.
    WorkerStopped,
    /// SIGKILL to Redis, then a start.
    RedisKilled,
    /// SIGTERM to Redis, then a start.
    RedisRestarted,
    /// SIGSTOP to Redis: it accepts connections and never answers.
    RedisSilent,
    /// SIGKILL to the primary, and its replica put in its place.
    ReplicaPromoted,
    /// SCRIPT FLUSH.
    ScriptsForgotten,
    /// One worker's connections to Redis reset.
    RedisLinkCut,
    /// One direction between a worker and Redis held up.
    RedisLinkStalled,
    /// One worker's connections to Xendit reset.
    XenditLinkCut,
    /// One direction between a worker and Xendit held up.
    XenditLinkStalled,
    /// Xendit resets connections instead of answering, before or after it acted.
    XenditResets,
    /// Xendit never answers, before or after it acted.
    XenditHangs,
    /// Xendit answers errors, nonsense or half of the truth, before or after it acted.
    XenditFails,
    /// Xendit answers an error and acts later.
    XenditActsLate,
    /// New invoices are missing in Xendit's list for a while.
    ListLags,
    /// Nobody listens at Xendit's address.
    XenditDown,
    /// Xendit answers 429.
    XenditLimits,
    /// A worker with a key of another account at Xendit.
    ForeignKey,
    /// A worker with a live key of the same account.
    OtherMode,
    /// One worker's key is revoked, and put right.
    KeyRevoked,
    /// One worker reaches Xendit through a proxy that is out of order.
    SickEgress,
    /// Redis asks for another password, or takes the right to run scripts away.
    AccessLost,
    /// Redis is a replica for a moment, with living connections.
    ReadOnly,
    /// Entries of random bytes in the inbox.
    RandomEntries,
    /// The look-ups of some bills are refused (403).
    PoisonLookUps,
    /// Answers and lists are those of other requests now and then.
    MixedUp,
    /// Xendit answers 429 and creates all the same.
    LimitLies,
    /// A person expires an invoice and has the bill sent again.
    ExpiredByHand,
    /// SIGKILL to the primary after its replica has heard nothing for seconds.
    StalePromoted,
}

impl Kind {
    /// Returns the row's name.
    pub fn text(self) -> &'static str {
        match self {
            Self::WorkersKilled => "worker killed (SIGKILL)",
            Self::WorkerEnded => "worker ended in order (SIGTERM)",
            Self::WorkerStopped => "worker stopped beyond its lease (SIGSTOP)",
            Self::RedisKilled => "Redis killed (SIGKILL) and started",
            Self::RedisRestarted => "Redis restarted in order",
            Self::RedisSilent => "Redis silent (SIGSTOP)",
            Self::ReplicaPromoted => "Redis killed, its replica promoted",
            Self::ScriptsForgotten => "SCRIPT FLUSH",
            Self::RedisLinkCut => "link to Redis cut",
            Self::RedisLinkStalled => "link to Redis stalled, one way",
            Self::XenditLinkCut => "link to Xendit cut",
            Self::XenditLinkStalled => "link to Xendit stalled, one way",
            Self::XenditResets => "Xendit resets, before or after creation",
            Self::XenditHangs => "Xendit hangs, before or after creation",
            Self::XenditFails => "Xendit fails, before or after creation",
            Self::XenditActsLate => "Xendit answers 500 and creates later",
            Self::ListLags => "Xendit's list lags",
            Self::XenditDown => "Xendit refuses connections",
            Self::XenditLimits => "Xendit answers 429",
            Self::ForeignKey => "worker with a foreign key",
            Self::OtherMode => "worker with a key of the other mode",
            Self::KeyRevoked => "key of one worker revoked",
            Self::SickEgress => "sick egress of one worker",
            Self::AccessLost => "password or ACL of Redis wrong",
            Self::ReadOnly => "Redis read-only for a moment",
            Self::RandomEntries => "random bytes in the inbox",
            Self::PoisonLookUps => "look-ups of some bills refused",
            Self::MixedUp => "answers and lists mixed up",
            Self::LimitLies => "Xendit answers 429 and creates",
            Self::ExpiredByHand => "invoice expired by hand",
            Self::StalePromoted => "Redis killed, a stale replica promoted",
        }
    }
}

/// A fault as it was drawn.
#[derive(Debug, Clone)]
pub struct Planned {
    /// What.
    pub kind: Kind,
    /// How long after the one before it.
    pub after: Duration,
    /// How long it lasts.
    pub lasts: Duration,
    /// Which workers, for faults of workers and their links; the first only, unless it is a kill.
    pub workers: Vec<usize>,
    /// Which way, for stalls.
    pub direction: Direction,
    /// Whether Xendit acts before it fails.
    pub after_creation: bool,
    /// Picks among the ways to fail.
    pub variant: u32,
}

/// A fault that was injected, in the clock of the simulator's ledger.
#[derive(Debug, Clone)]
pub struct Incident {
    /// What.
    pub kind: Kind,
    /// Processes killed by it.
    pub kills: u64,
    /// Processes that were to be killed and had ended by themselves.
    pub deaths: u64,
    /// From its first effect to its end.
    pub lasted_us: Range<u64>,
    /// When arrivals do not tell when they were sent.
    pub blur: Option<Range<u64>>,
    /// What a bad neighbour left behind.
    pub neighbour: Neighbour,
}

/// What a bad neighbour left behind.
#[derive(Debug, Clone, Default)]
pub struct Neighbour {
    /// How long until `status` named the cause; for those that it must name.
    pub named: Option<Naming>,
    /// Requests of the sick worker while it was sick, and those of all.
    pub share: Option<(usize, usize)>,
    /// Invoices that a person expired.
    pub expired_by_hand: Vec<String>,
}

/// Whether `status` named the cause.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Naming {
    /// So many microseconds after the beginning.
    After(u64),
    /// Not while it was awaited.
    Never,
}
