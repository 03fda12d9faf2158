//! Injecting one fault, and ending it.

pub(super) mod neighbours;

use std::collections::BTreeMap;
use std::ops::Range;
use std::sync::Arc;
use std::time::Duration;

use antre_testkit::{Direction, FaultProxy, Flow};
use tokio::sync::Mutex;
use xendit_sim::{Act, Fault, RequestKind};

use super::cluster::Cluster;
use super::incident::{Incident, Kind, Neighbour, Planned};
use super::moment::pass;
use super::worker::Worker;

/// How long bytes that were held back may take to arrive once they may.
const RELEASE_US: u64 = 200_000;
/// The fault had ended when its end was noted.
const EARLIER_US: u64 = 20_000;
/// Longer than the time-out of a request and the last words to Redis.
const END_MAX: Duration = Duration::from_secs(20);
const HANG_MS: u64 = 10_000;
/// Later than that, no request may still act.
const LATE_CREATION_MS: u64 = 700;
const LIST_LAG: Duration = Duration::from_millis(700);

/// A worker, and its links for faults that do not ask it.
#[derive(Debug)]
pub struct Place {
    /// The worker; held while a fault needs it to stay as it is.
    pub worker: Mutex<Worker>,
    /// The listener of the simulator that only this worker uses.
    pub listener: u32,
    redis_link: Arc<FaultProxy>,
    xendit_link: Arc<FaultProxy>,
}

impl Place {
    /// Takes a worker's place, and the number of the listener that it reaches the simulator by.
    pub fn new(worker: Worker, listener: u32) -> Self {
        let (redis_link, xendit_link) =
            (Arc::clone(&worker.redis_link), Arc::clone(&worker.xendit_link));
        Self { worker: Mutex::new(worker), listener, redis_link, xendit_link }
    }

    /// Ends every fault of both links.
    pub fn heal(&self) {
        self.redis_link.heal();
        self.xendit_link.heal();
    }
}

/// Brings the fault about, lets it last, ends it, and returns what happened when.
///
/// # Errors
/// When a process or server cannot be killed or started.
pub async fn inject(
    cluster: &Cluster,
    places: &[Place],
    planned: &Planned,
) -> anyhow::Result<Incident> {
    let first = planned.workers.first().and_then(|worker| places.get(*worker));
    let place = first.ok_or_else(|| anyhow::anyhow!("no worker to hit"))?;
    let (mut kills, mut deaths) = (0, 0);
    let mut neighbour = Neighbour::default();
    let begun_us = cluster.now_us();
    let mut lasted_us = begun_us..begun_us;
    match planned.kind {
        Kind::WorkersKilled => (kills, deaths) = kill_workers(places, planned).await?,
        Kind::WorkerEnded => (kills, deaths) = end_worker(place).await?,
        Kind::WorkerStopped => lasted_us = stop_worker(cluster, place, planned.lasts).await?,
        Kind::RedisKilled
        | Kind::RedisRestarted
        | Kind::RedisSilent
        | Kind::ReplicaPromoted
        | Kind::StalePromoted => lasted_us = break_redis(cluster, planned).await?,
        Kind::ScriptsForgotten => forget_scripts(cluster).await,
        Kind::RedisLinkCut => cut(&place.redis_link, planned.lasts).await,
        Kind::XenditLinkCut => cut(&place.xendit_link, planned.lasts).await,
        Kind::RedisLinkStalled => stall(&place.redis_link, planned).await,
        Kind::XenditLinkStalled => stall(&place.xendit_link, planned).await,
        Kind::ListLags
        | Kind::XenditDown
        | Kind::XenditResets
        | Kind::XenditHangs
        | Kind::XenditFails
        | Kind::XenditLimits
        | Kind::XenditActsLate => break_xendit(cluster, planned).await?,
        Kind::ForeignKey
        | Kind::OtherMode
        | Kind::KeyRevoked
        | Kind::SickEgress
        | Kind::AccessLost
        | Kind::ReadOnly
        | Kind::RandomEntries
        | Kind::PoisonLookUps
        | Kind::MixedUp
        | Kind::LimitLies
        | Kind::ExpiredByHand => neighbour = annoy(cluster, place, planned).await?,
    }
    if lasted_us.is_empty() {
        lasted_us.end = cluster.now_us();
    }
    let blur = blur(planned.kind, &lasted_us);
    Ok(Incident { kind: planned.kind, kills, deaths, lasted_us, blur, neighbour })
}

/// What others do that is no crash.
#[expect(clippy::wildcard_enum_match_arm, reason = "the caller has picked the neighbours")]
async fn annoy(cluster: &Cluster, place: &Place, planned: &Planned) -> anyhow::Result<Neighbour> {
    match planned.kind {
        Kind::ForeignKey | Kind::OtherMode => {
            return neighbours::come_as_stranger(cluster, planned).await;
        }
        Kind::KeyRevoked => return neighbours::revoke(cluster, place, planned.lasts).await,
        Kind::SickEgress => return neighbours::sicken(cluster, place, planned).await,
        Kind::ExpiredByHand => return neighbours::expire_by_hand(cluster, planned).await,
        Kind::AccessLost => neighbours::lose_access(cluster, planned).await?,
        Kind::ReadOnly => neighbours::be_read_only(cluster, planned.lasts).await?,
        Kind::RandomEntries => neighbours::write_nonsense(cluster, planned).await,
        Kind::PoisonLookUps => neighbours::poison_look_ups(cluster, planned).await?,
        Kind::MixedUp => neighbours::mix_up(cluster, planned).await?,
        Kind::LimitLies => neighbours::lie(cluster, planned.lasts).await?,
        other => anyhow::bail!("{other:?} is no neighbour"),
    }
    Ok(Neighbour::default())
}

#[expect(clippy::wildcard_enum_match_arm, reason = "the caller has picked the faults of Xendit")]
async fn break_xendit(cluster: &Cluster, planned: &Planned) -> anyhow::Result<()> {
    match planned.kind {
        Kind::ListLags => {
            cluster.xendit.set_list_lag(LIST_LAG);
            pass(planned.lasts).await;
            cluster.xendit.set_list_lag(Duration::ZERO);
        }
        Kind::XenditDown => {
            cluster.xendit.go_down().await;
            pass(planned.lasts).await;
            cluster.xendit.come_back().await?;
        }
        Kind::XenditResets => misbehave(cluster, planned, break_off(planned.direction)).await?,
        Kind::XenditHangs => misbehave(cluster, planned, Act::Hang { max_ms: HANG_MS }).await?,
        Kind::XenditFails => misbehave(cluster, planned, failure(planned.variant)).await?,
        Kind::XenditLimits => misbehave(cluster, planned, limited()).await?,
        Kind::XenditActsLate => {
            let act = Act::LateCreation { ms: LATE_CREATION_MS, status: 500 };
            misbehave(cluster, planned, act).await?;
        }
        other => anyhow::bail!("{other:?} is not of Xendit"),
    }
    Ok(())
}

/// What a stopped process had decided, and what a link held back, arrives at the end of the fault.
fn blur(kind: Kind, lasted_us: &Range<u64>) -> Option<Range<u64>> {
    let releases =
        matches!(kind, Kind::WorkerStopped | Kind::XenditLinkStalled | Kind::XenditLinkCut);
    releases.then(|| lasted_us.end.saturating_sub(EARLIER_US)..lasted_us.end + RELEASE_US)
}

/// Returns how many it killed, and how many had ended by themselves.
async fn kill_workers(places: &[Place], planned: &Planned) -> anyhow::Result<(u64, u64)> {
    let (mut kills, mut deaths) = (0, 0);
    for place in planned.workers.iter().filter_map(|worker| places.get(*worker)) {
        let mut worker = place.worker.lock().await;
        if worker.is_running() {
            kills += 1;
        } else {
            deaths += 1;
        }
        worker.kill()?;
        worker.start()?;
    }
    Ok((kills, deaths))
}

/// Returns one ended worker; or one that had ended by itself, or did not end as it should.
async fn end_worker(place: &Place) -> anyhow::Result<(u64, u64)> {
    let mut worker = place.worker.lock().await;
    let was_running = worker.is_running();
    let process = worker.process()?;
    process.terminate()?;
    let is_orderly = process.wait(END_MAX).await?.success();
    worker.start()?;
    Ok(if was_running && is_orderly { (1, 0) } else { (0, 1) })
}

async fn stop_worker(
    cluster: &Cluster,
    place: &Place,
    lasts: Duration,
) -> anyhow::Result<Range<u64>> {
    let mut worker = place.worker.lock().await;
    let begun_us = cluster.now_us();
    worker.process()?.suspend()?;
    pass(lasts).await;
    worker.process()?.resume()?;
    Ok(begun_us..cluster.now_us())
}

async fn break_redis(cluster: &Cluster, planned: &Planned) -> anyhow::Result<Range<u64>> {
    let mut primary = cluster.primary.lock().await;
    let begun_us = cluster.now_us();
    if planned.kind == Kind::StalePromoted {
        primary.forget_replica();
        pass(planned.lasts).await;
    }
    if matches!(planned.kind, Kind::ReplicaPromoted | Kind::StalePromoted) {
        primary.fail_over().await?;
        let ended_us = cluster.now_us();
        primary.add_replica().await?;
        return Ok(begun_us..ended_us);
    }
    if planned.kind == Kind::RedisSilent {
        primary.server.suspend()?;
        pass(planned.lasts).await;
        primary.server.resume()?;
    } else {
        if planned.kind == Kind::RedisKilled {
            primary.server.kill()?;
            pass(planned.lasts).await;
        }
        primary.server.restart().await?;
    }
    Ok(begun_us..cluster.now_us())
}

/// Redis may be gone at this moment, and its scripts with it.
async fn forget_scripts(cluster: &Cluster) {
    if let Ok(mut redis) = cluster.redis().await {
        redis::cmd("SCRIPT").arg("FLUSH").exec_async(&mut redis).await.ok();
    }
}

async fn cut(link: &FaultProxy, lasts: Duration) {
    link.cut().await;
    pass(lasts).await;
    link.heal();
}

async fn stall(link: &FaultProxy, planned: &Planned) {
    link.set_flow(planned.direction, Flow::Stalled);
    pass(planned.lasts).await;
    link.set_flow(planned.direction, Flow::Open);
}

/// Lets Xendit act so at every second request.
async fn misbehave(cluster: &Cluster, planned: &Planned, act: Act) -> anyhow::Result<()> {
    let mut fault = Fault::always(act).with_probability(0.5);
    if planned.kind == Kind::XenditActsLate {
        fault.on = Some(RequestKind::Create);
    }
    // Who is refused by the limit has had no effect: an answer that says otherwise would be no fault but a lie.
    fault.after_creation = planned.after_creation && planned.kind != Kind::XenditLimits;
    if planned.kind == Kind::XenditLimits {
        // Each pause halves the pace for half a minute: one is enough.
        fault.times = Some(1);
    }
    let id = cluster.xendit.add_fault(fault)?;
    pass(planned.lasts).await;
    cluster.xendit.remove_fault(id);
    Ok(())
}

fn break_off(direction: Direction) -> Act {
    match direction {
        Direction::ToServer => Act::Reset,
        Direction::ToClient => Act::Close,
    }
}

fn limited() -> Act {
    let headers = BTreeMap::from([("rate-limit-reset".to_owned(), Some("0.50".to_owned()))]);
    Act::Status { status: 429, body: None, headers }
}

fn failure(variant: u32) -> Act {
    match variant % 10 {
        0 => Act::Garbage,
        1 => Act::NoId,
        2 => Act::Truncate { bytes: 25 },
        3 => Act::status(408),
        4 => Act::status(409),
        5 => Act::status(502),
        6 => Act::status(503),
        7 => Act::status(504),
        8 => Act::UnknownStatus,
        _ => Act::status(500),
    }
}
