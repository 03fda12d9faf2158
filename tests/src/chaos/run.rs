//! One part of a run: workers, producers and faults for a while, then peace, then the checker.

use std::path::Path;
use std::time::Duration;

use antre_store::status::Status;
use antre_testkit::AppendFsync;
use futures_util::StreamExt as _;
use futures_util::stream::FuturesUnordered;
use tokio::time::Instant;
use xendit_sim::Arrival;

use super::arena::{Arena, figures};
use super::bills::Submitted;
use super::check::{Promise, Rules, Violation};
use super::conditions::Conditions;
use super::incident::Incident;
use super::inject::{Place, inject};
use super::moment::pass;
use super::producer::Producer;
use super::schedule::{LOSSLESS, LOSSY, ORDERLY, Schedule, Weights};

/// What one part of a run is like.
#[derive(Debug, Clone)]
pub struct Part {
    /// For the table.
    pub name: &'static str,
    /// What workers are told.
    pub conditions: Conditions,
    /// Which faults.
    pub weights: Weights,
    /// How many workers.
    pub workers: usize,
    /// How long faults go on.
    pub lasts: Duration,
    /// How far apart faults begin at most.
    pub pause_max: Duration,
    /// How many jobs wait at most.
    pub backlog_max: u64,
    /// When Redis writes its file.
    pub fsync: AppendFsync,
    /// Whether everything acknowledged must be there in the end.
    pub is_lossless: bool,
    /// How long the rest may take once all faults have ended.
    pub drain_max: Duration,
}

impl Part {
    /// Many jobs, every fault under which nothing may be lost.
    pub fn many_jobs(lasts: Duration) -> Self {
        Self {
            name: "100/1s, appendfsync always",
            conditions: Conditions::rough(),
            weights: LOSSLESS,
            workers: 4,
            lasts,
            pause_max: Duration::from_millis(1_700),
            backlog_max: 200,
            fsync: AppendFsync::Always,
            is_lossless: true,
            drain_max: Duration::from_mins(3),
        }
    }

    /// Few jobs at Xendit's own pace.
    pub fn slow_pace(lasts: Duration) -> Self {
        Self {
            name: "2/1s, appendfsync always",
            conditions: Conditions { limits: "2/1s", ..Conditions::rough() },
            backlog_max: 6,
            ..Self::many_jobs(lasts)
        }
    }

    /// Redis may lose its last moments: by its file, or because a replica takes over.
    pub fn lossy(lasts: Duration) -> Self {
        Self {
            name: "100/1s, appendfsync everysec, replicas promoted",
            weights: LOSSY,
            fsync: AppendFsync::EverySecond,
            is_lossless: false,
            ..Self::many_jobs(lasts)
        }
    }

    /// Nothing breaks: workers are ended and started, as at every new version.
    pub fn orderly(lasts: Duration) -> Self {
        Self { name: "100/1s, workers ended in order", weights: ORDERLY, ..Self::many_jobs(lasts) }
    }
}

/// What one part left behind.
#[derive(Debug)]
pub struct Outcome {
    /// The part.
    pub part: Part,
    /// Faults in the order of their beginning.
    pub incidents: Vec<Incident>,
    /// Everything that Redis acknowledged.
    pub submitted: Vec<Submitted>,
    /// Everything that reached Xendit.
    pub arrivals: Vec<Arrival>,
    /// Acknowledged jobs that Redis has forgotten; a broken promise only where nothing may be lost.
    pub forgotten: usize,
    /// Every broken promise.
    pub violations: Vec<Violation>,
    /// Workers that ended without being told to.
    pub deaths: u64,
    /// From the end of the last fault until nothing was left to do.
    pub drained_in: Duration,
}

/// Runs one part; `tell` hears every ten seconds how it goes.
///
/// # Errors
/// When the surroundings fail, not when a promise is broken.
pub async fn run(
    binary: &Path,
    part: Part,
    seed: u64,
    tell: impl Fn(&str),
) -> anyhow::Result<Outcome> {
    let arena = Arena::start(binary, part.conditions.clone(), part.fsync).await?;
    if !part.is_lossless {
        arena.primary.lock().await.add_replica().await?;
    }
    let mut places = Vec::new();
    for _ in 0..part.workers {
        places.push(Place::new(arena.working().await?));
    }
    let mut producer = Producer::new(seed, "INV", part.backlog_max, !part.is_lossless);
    let schedule = Schedule::new(seed, part.weights, part.workers, part.pause_max);
    let incidents = tokio::select! {
        incidents = break_things(&arena, &places, schedule, part.lasts) => incidents?,
        () = producer.produce(&arena) => anyhow::bail!("the producer stopped"),
        () = watch(&arena, &tell) => anyhow::bail!("the watch stopped"),
    };
    let died: u64 = incidents.iter().map(|incident| incident.deaths).sum();
    let deaths = died + make_peace(&arena, &places).await?;
    let begun = Instant::now();
    arena.until("redis answers", Status::is_known).await?;
    producer.clear_up(&arena).await?;
    // Until then a request that was on its way may still act.
    pass(part.conditions.effect_max()).await;
    let settled = arena.settle(part.drain_max).await;
    let rules = rules(&part, &incidents)?;
    let mut violations = arena.check(&rules).await?;
    if let Err(error) = settled {
        let detail = format!("{error:#}");
        violations.push(Violation { promise: Promise::NothingHeld, detail, at_us: None });
    }
    let forgotten = count_forgotten(&arena).await?;
    let (submitted, arrivals) = (arena.submitted(), arena.xendit.ledger().arrivals());
    Ok(Outcome {
        part,
        incidents,
        submitted,
        arrivals,
        forgotten,
        violations,
        deaths,
        drained_in: begun.elapsed(),
    })
}

async fn count_forgotten(arena: &Arena) -> anyhow::Result<usize> {
    let ids: Vec<String> = arena.submitted().into_iter().map(|submitted| submitted.id).collect();
    let mut forgotten = 0;
    for ids in ids.chunks(500) {
        let known = arena.queue.are_known(ids).await?;
        forgotten += known.into_iter().filter(|is_known| !is_known).count();
    }
    Ok(forgotten)
}

/// Tells every ten seconds how it goes.
async fn watch(arena: &Arena, tell: impl Fn(&str)) {
    loop {
        pass(Duration::from_secs(10)).await;
        let status = arena.queue.status().await;
        let figures = status.map_or_else(|error| error.to_string(), |status| figures(&status));
        tell(&format!("{} s: {figures}", arena.now_us() / 1_000_000));
    }
}

/// Injects faults one after the other, each lasting as long as it does, until the time is over.
async fn break_things(
    arena: &Arena,
    places: &[Place],
    mut schedule: Schedule,
    lasts: Duration,
) -> anyhow::Result<Vec<Incident>> {
    let (deadline, mut incidents) = (Instant::now() + lasts, Vec::new());
    let mut injections = FuturesUnordered::new();
    loop {
        let planned = schedule.draw();
        let pause = pass(planned.after);
        tokio::pin!(pause);
        loop {
            tokio::select! {
                () = &mut pause => break,
                Some(incident) = injections.next() => incidents.push(incident?),
            }
        }
        if Instant::now() >= deadline {
            break;
        }
        injections.push(async move { inject(arena, places, &planned).await });
    }
    while let Some(incident) = injections.next().await {
        incidents.push(incident?);
    }
    incidents.sort_by_key(|incident: &Incident| incident.lasted_us.start);
    Ok(incidents)
}

/// Ends every fault, and returns how many workers had ended by themselves.
async fn make_peace(arena: &Arena, places: &[Place]) -> anyhow::Result<u64> {
    arena.xendit.clear_faults();
    arena.xendit.set_list_lag(Duration::ZERO);
    let mut deaths = 0;
    for place in places {
        place.heal();
        let mut worker = place.worker.lock().await;
        if !worker.is_running() {
            deaths += 1;
            worker.start()?;
        }
    }
    Ok(deaths)
}

fn rules(part: &Part, incidents: &[Incident]) -> anyhow::Result<Rules> {
    let strict = Rules::strict(part.conditions.limits)?;
    // A claim that is lost with its worker comes back with its lease; one that is given back, sooner.
    let overtaking_max =
        part.conditions.lease + part.conditions.request_timeout + Duration::from_secs(2);
    let blurs = incidents.iter().filter_map(|incident| incident.blur.clone()).collect();
    Ok(Rules { blurs, is_lossless: part.is_lossless, overtaking_max, ..strict })
}
