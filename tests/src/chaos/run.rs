//! One part of a run: workers, producers and faults for a while, then peace, then the checker.

use std::path::Path;
use std::time::Duration;

use antre_operating::recent_strangers;
use antre_store::status::Status;
use antre_testkit::AppendFsync;
use futures_util::StreamExt as _;
use futures_util::stream::FuturesUnordered;
use tokio::time::Instant;
use xendit_sim::{Arrival, Merchant, SecretKey};

use super::beside::Beside;
use super::bills::Submitted;
use super::check::{Promise, Rules, Violation};
use super::cluster::{Cluster, figures};
use super::conditions::Conditions;
use super::incident::{Incident, Naming};
use super::inject::neighbours::LIVE_KEY;
use super::inject::{Place, inject};
use super::moment::pass;
use super::producer::Producer;
use super::schedule::{LOSSLESS, LOSSY, NEIGHBOURS, ORDERLY, Schedule, Weights};
use crate::fleet::TEST_KEY;

/// What a sick worker may send before it is closed: what it holds already, and those that show its trouble.
const SICK_MAX: usize = 15;
/// What may be sent for it later: probes.
const PROBES_A_SECOND: usize = 3;

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

    /// What keys, proxies, people and other programs do on an ordinary day.
    pub fn neighbours(lasts: Duration) -> Self {
        Self {
            name: "100/1s, bad neighbours",
            weights: NEIGHBOURS,
            pause_max: Duration::from_millis(1_200),
            ..Self::many_jobs(lasts)
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
    /// The same of the account beside.
    pub beside: Vec<Submitted>,
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
    let mut cluster = Cluster::start(binary, part.conditions.clone(), part.fsync).await?;
    cluster.open_beside().await?;
    if !part.is_lossless {
        cluster.primary.lock().await.add_replica().await?;
    }
    let places = take_places(&cluster, part.workers).await?;
    let mut beside = Producer::beside(seed, part.backlog_max, !part.is_lossless);
    let mut producer = Producer::new(seed, "INV", part.backlog_max, !part.is_lossless);
    let schedule = Schedule::new(seed, part.weights, part.workers, part.pause_max);
    let incidents = tokio::select! {
        incidents = break_things(&cluster, &places, schedule, part.lasts) => incidents?,
        () = producer.produce(&cluster) => anyhow::bail!("the producer stopped"),
        () = beside.produce(&cluster) => anyhow::bail!("the producer of the account beside stopped"),
        () = watch(&cluster, &tell) => anyhow::bail!("the watch stopped"),
    };
    let died: u64 = incidents.iter().map(|incident| incident.deaths).sum();
    let deaths = died + make_peace(&cluster, &places).await?;
    let begun = Instant::now();
    cluster.until("redis answers", Status::is_known).await?;
    producer.clear_up(&cluster).await?;
    beside.clear_up(&cluster).await?;
    // Until then a request that was on its way may still act.
    pass(part.conditions.effect_max()).await;
    let drained = cluster.drain(part.drain_max).await;
    let rules = rules(&part, &incidents)?;
    let mut violations = cluster.check(&rules).await?;
    violations.extend(unharmed(&cluster, rules).await?);
    let mut of_neighbours: Vec<Violation> = incidents.iter().flat_map(neighbourly).collect();
    // A Redis that is gone most of the time tells nobody anything.
    of_neighbours.retain(|violation| part.is_lossless || violation.promise != Promise::Named);
    violations.extend(of_neighbours);
    if let Err(error) = drained {
        let detail = format!("{error:#}");
        violations.push(Violation { promise: Promise::NothingHeld, detail, at_us: None });
    }
    let forgotten = count_forgotten(&cluster).await?;
    let (submitted, arrivals) = (cluster.submitted(), cluster.xendit.ledger().arrivals());
    let beside = cluster.beside.as_ref().map(Beside::submitted).unwrap_or_default();
    Ok(Outcome {
        part,
        incidents,
        submitted,
        beside,
        arrivals,
        forgotten,
        violations,
        deaths,
        drained_in: begun.elapsed(),
    })
}

/// Starts the workers: of one merchant, each with a key and a way to Xendit of its own.
async fn take_places(cluster: &Cluster, count: usize) -> anyhow::Result<Vec<Place>> {
    let keys: Vec<String> = (0..count).map(|number| format!("{TEST_KEY}_{number}")).collect();
    let all = keys.iter().map(String::as_str).chain([LIVE_KEY]).map(SecretKey::new);
    cluster.xendit.add_merchant(&Merchant::new("ours", all)?);
    let mut places = Vec::new();
    for key in &keys {
        let (mut worker, listener) = cluster.worker_of_its_own(key).await?;
        cluster.start_working(&mut worker).await?;
        places.push(Place::new(worker, listener));
    }
    Ok(places)
}

/// The account beside has to be as if nothing had happened to the other.
async fn unharmed(cluster: &Cluster, rules: Rules) -> anyhow::Result<Vec<Violation>> {
    let rules = Rules { is_all_done: true, ..rules };
    let mut violations = cluster.check_beside(&rules).await?;
    for violation in &mut violations {
        violation.detail = format!("beside: {}", violation.detail);
    }
    Ok(violations)
}

/// What a bad neighbour cost the others, and whether `status` said who it is.
fn neighbourly(incident: &Incident) -> Vec<Violation> {
    let (mut found, at_us) = (Vec::new(), incident.lasted_us.start);
    let lasted_s = (incident.lasted_us.end - at_us).div_ceil(1_000_000);
    let mut violation = |promise, detail| {
        found.push(Violation { promise, detail, at_us: Some(at_us) });
    };
    if let Some((sick, all)) = incident.neighbour.share {
        let most = SICK_MAX + PROBES_A_SECOND * usize::try_from(lasted_s).unwrap_or(usize::MAX);
        if sick > most {
            let detail =
                format!("{sick} of {all} requests were the sick worker's, in {lasted_s} s");
            violation(Promise::KeepsPace, detail);
        }
    }
    if incident.neighbour.named == Some(Naming::Never) {
        violation(Promise::Named, format!("{}: status did not say so", incident.kind.text()));
    }
    found
}

async fn count_forgotten(cluster: &Cluster) -> anyhow::Result<usize> {
    let ids: Vec<String> = cluster.submitted().into_iter().map(|submitted| submitted.id).collect();
    let mut forgotten = 0;
    for ids in ids.chunks(500) {
        let known = cluster.queue.are_known(ids).await?;
        forgotten += known.into_iter().filter(|is_known| !is_known).count();
    }
    Ok(forgotten)
}

/// Tells every ten seconds how it goes.
async fn watch(cluster: &Cluster, tell: impl Fn(&str)) {
    loop {
        pass(Duration::from_secs(10)).await;
        let status = cluster.queue.status().await;
        let figures = status.map_or_else(
            |error| error.to_string(),
            |status| {
                let strangers: Vec<&str> =
                    recent_strangers(&status).map(|it| &*it.reason).collect();
                format!("{}, strangers {strangers:?}, {:?}", figures(&status), status.owner)
            },
        );
        tell(&format!("{} s: {figures}", cluster.now_us() / 1_000_000));
    }
}

/// Injects faults one after the other, each lasting as long as it does, until the time is over.
async fn break_things(
    cluster: &Cluster,
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
        injections.push(async move { inject(cluster, places, &planned).await });
    }
    while let Some(incident) = injections.next().await {
        incidents.push(incident?);
    }
    incidents.sort_by_key(|incident: &Incident| incident.lasted_us.start);
    Ok(incidents)
}

/// Ends every fault, and returns how many workers had ended by themselves.
async fn make_peace(cluster: &Cluster, places: &[Place]) -> anyhow::Result<u64> {
    cluster.xendit.clear_faults();
    cluster.xendit.set_list_lag(Duration::ZERO);
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
    let expired = incidents.iter().flat_map(|it| it.neighbour.expired_by_hand.iter().cloned());
    let expired_by_hand = expired.collect();
    let is_lossless = part.is_lossless;
    Ok(Rules { blurs, is_lossless, overtaking_max, expired_by_hand, ..strict })
}
