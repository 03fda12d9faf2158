//! What may happen in a run, chosen at random beforehand, so that a run can be repeated and cut.

use std::time::Duration;

use antre_core::{command::CommandKind, priority::Priority};
use antre_model::pacer::Returned;
use rand::{Rng, SeedableRng, rngs::StdRng};

/// One thing that happens. Numbers choose among what there is by then.
#[derive(Clone, Debug)]
pub(crate) enum Operation {
    Accept(Submitted),
    /// A job that no worker has taken in yet.
    Submit(Submitted),
    /// A command, taken in at once or not yet.
    Command(Asked, bool),
    /// A worker takes in one of those that were submitted, in whichever order.
    TakeIn(usize),
    /// One claim by the worker with this number.
    Claim(usize),
    /// Claims and lets the time pass that each answer names, until something is granted.
    ClaimPatiently(usize),
    GiveBack(Pick, Returned),
    Finish(Pick, Roll),
    /// Programs ask so many things, each of which is waited for so long.
    Ask {
        count: usize,
        number: usize,
        wait: Duration,
    },
    Renew,
    Pass(Duration),
    StepBack(Duration),
    Cancel(usize),
    Retry(usize),
    Discard(usize),
    Pause(Option<Duration>),
    Resume,
    OtherServer,
    /// A person says that invoices may exist which Redis does not know.
    Recheck(Duration),
    /// A person says that a key is the account's, or that of another account from now on.
    AcceptKey(bool),
    /// Follow-ups and look-ups have failed so often that the next failure is their last.
    Tire,
}

/// Which claim: one that nobody has answered yet, if there is one, or any.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Pick {
    Open(usize),
    Any(usize),
}

/// Which answer.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Roll {
    /// Whether Xendit works.
    pub(crate) is_good: bool,
    pub(crate) choice: usize,
    pub(crate) detail: u32,
}

/// A command as a program sends it.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Asked {
    pub(crate) kind: CommandKind,
    pub(crate) expire: bool,
    /// Which of the ways to name jobs.
    pub(crate) way: usize,
    /// Which job, bill or batch.
    pub(crate) number: usize,
}

/// A job as its producer sends it.
#[derive(Clone, Debug)]
pub(crate) struct Submitted {
    pub(crate) bill: u8,
    pub(crate) has_other_amount: bool,
    pub(crate) priority: Priority,
    pub(crate) run_in: Option<Duration>,
    pub(crate) batch: u8,
    pub(crate) is_check_first: bool,
    pub(crate) attempts_max: u32,
    pub(crate) is_valid: bool,
}

/// Returns the operations of the run with this seed, and which settings it runs under.
pub(crate) fn run(seed: u64, length: usize) -> (usize, Vec<Operation>) {
    let mut random = StdRng::seed_from_u64(seed);
    let settings = random.random_range(0..3);
    let mood = [0.97, 0.85, 0.6, 0.2][random.random_range(0..4)];
    let bills = random.random_range(1..=12);
    let next = |_| operation(&mut random, mood, bills);
    (settings, (0..length).map(next).collect())
}

fn operation(random: &mut StdRng, mood: f64, bills: u8) -> Operation {
    let number = random.random_range(0..1000);
    match random.random_range(0..100) {
        0..10 => Operation::Accept(submitted(random, bills)),
        10..12 => Operation::Submit(submitted(random, bills)),
        12 => Operation::TakeIn(number),
        13 => Operation::Command(asked(random), random.random_bool(0.6)),
        14..16 => Operation::Command(asked(random), true),
        16..20 => Operation::Claim(worker(random)),
        20..46 => Operation::ClaimPatiently(worker(random)),
        46..49 => Operation::Ask {
            count: if random.random_bool(0.05) { 20 } else { random.random_range(1..4) },
            number,
            wait: [Duration::from_secs(2), Duration::from_secs(20)][random.random_range(0..2)],
        },
        49..52 => Operation::GiveBack(pick(random), returned(random)),
        52..80 => Operation::Finish(pick(random), roll(random, mood)),
        80..82 => Operation::Renew,
        82..89 => Operation::Pass(span(random, &[20, 2_000, 20_000, 400_000])),
        89..91 => Operation::StepBack(span(random, &[1_100, 1_100, 5_000, 700_000])),
        91 => Operation::Cancel(number),
        92..95 => Operation::Tire,
        95 => Operation::Retry(number),
        96 => Operation::Discard(number),
        97 => Operation::Pause(random.random_bool(0.9).then(|| span(random, &[5_000, 60_000]))),
        98 if random.random_bool(0.2) => Operation::Recheck(span(random, &[100_000])),
        98 if random.random_bool(0.3) => Operation::AcceptKey(random.random_bool(0.5)),
        98 => Operation::Resume,
        _ => Operation::OtherServer,
    }
}

fn submitted(random: &mut StdRng, bills: u8) -> Submitted {
    Submitted {
        bill: random.random_range(0..bills),
        has_other_amount: random.random_bool(0.1),
        priority: [Priority::High, Priority::Normal, Priority::Low][random.random_range(0..3)],
        run_in: random.random_bool(0.15).then(|| span(random, &[500, 10_000, 300_000])),
        batch: random.random_range(0..3),
        is_check_first: random.random_bool(0.1),
        attempts_max: random.random_range(1..=3),
        is_valid: random.random_bool(0.95),
    }
}

fn asked(random: &mut StdRng) -> Asked {
    let is_cancel = random.random_bool(0.75);
    Asked {
        kind: if is_cancel { CommandKind::Cancel } else { CommandKind::Retry },
        expire: is_cancel && random.random_bool(0.75),
        way: random.random_range(0..if is_cancel { 6 } else { 7 }),
        number: random.random_range(0..1000),
    }
}

fn pick(random: &mut StdRng) -> Pick {
    let number = random.random_range(0..1000);
    if random.random_bool(0.85) { Pick::Open(number) } else { Pick::Any(number) }
}

fn returned(random: &mut StdRng) -> Returned {
    [Returned::TooLate, Returned::TooLate, Returned::Unreplicated, Returned::Stopping]
        [random.random_range(0..4)]
}

/// Mostly one of two workers that have the account's key.
fn worker(random: &mut StdRng) -> usize {
    if random.random_bool(0.9) { random.random_range(0..2) } else { random.random_range(2..5) }
}

fn roll(random: &mut StdRng, mood: f64) -> Roll {
    let is_good = random.random_bool(mood);
    Roll { is_good, choice: random.random_range(0..1000), detail: random.random() }
}

/// Returns a time up to one of these, in milliseconds, to the microsecond.
fn span(random: &mut StdRng, most_ms: &[u64]) -> Duration {
    let most_ms = most_ms[random.random_range(0..most_ms.len())];
    Duration::from_micros(random.random_range(0..most_ms * 1000))
}
