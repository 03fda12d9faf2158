//! Bad neighbours: what other people, keys, proxies and programs do on an ordinary day.

use antre_core::state::State;
use std::time::Duration;

use antre_operating::recent_strangers;
use antre_store::status::Status;
use rand::rngs::StdRng;
use rand::{Rng, SeedableRng};
use xendit_sim::{Act, Fault, RequestKind, Rights};

use super::{HANG_MS, Place, break_off, limited};
use crate::chaos::bills::Bill;
use crate::chaos::cluster::Cluster;
use crate::chaos::incident::{Kind, Naming, Neighbour, Planned};
use crate::chaos::moment::pass;

/// How long `status` may take to name a cause while everything else fails, too.
const NAMED_MAX: Duration = Duration::from_secs(30);
const LOOK_EACH: Duration = Duration::from_millis(50);
const PATIENCE: Duration = Duration::from_secs(30);
const ENTRIES_MAX: u32 = 30;
const CANDIDATES_MAX: usize = 20;

/// A worker of somebody else comes, is told apart, and goes.
pub(super) async fn come_as_stranger(
    cluster: &Cluster,
    planned: &Planned,
) -> anyhow::Result<Neighbour> {
    let key = if planned.kind == Kind::OtherMode {
        LIVE_KEY.to_owned()
    } else {
        format!("xnd_development_antre_foreign_{:08x}", planned.variant)
    };
    let mut worker = cluster.newcomer(&key).await?.without_conditions();
    let begun_us = cluster.now_us();
    worker.start()?;
    let mark = format!("-{}-", worker.process()?.pid());
    let is_told = |status: &Status| {
        let shown = status.strangers.iter().find(|stranger| stranger.worker.contains(&mark));
        shown.is_some_and(|stranger| {
            matches!(&*stranger.reason, "other_mode" | "other_account" | "no_invoices")
        })
    };
    let named = naming(cluster, begun_us, is_told).await;
    pass(planned.lasts).await;
    let was_running = worker.is_running();
    let output = worker.output();
    worker.kill()?;
    anyhow::ensure!(was_running, "a stranger ended by itself: {output}");
    Ok(Neighbour { named: Some(named), ..Neighbour::default() })
}

/// The live key of the merchant whose test keys workers have.
pub(in crate::chaos) const LIVE_KEY: &str = "xnd_production_antre_tests";

/// One worker's key is revoked for a while; then a person gives the worker a key that works.
pub(super) async fn revoke(
    cluster: &Cluster,
    place: &Place,
    lasts: Duration,
) -> anyhow::Result<Neighbour> {
    let mut worker = place.worker.lock().await;
    let mark = format!("-{}-", worker.process()?.pid());
    let begun_us = cluster.now_us();
    cluster.xendit.set_rights(worker.key(), Rights::Revoked);
    let named = naming(cluster, begun_us, |status| is_told(status, &mark)).await;
    pass(lasts).await;
    let is_refused = |listener, status| listener == place.listener && status == Some(401);
    let share = share(cluster, begun_us, is_refused);
    cluster.xendit.set_rights(worker.key(), Rights::Full);
    worker.kill()?;
    worker.start()?;
    Ok(Neighbour { named: Some(named), share: Some(share), ..Neighbour::default() })
}

/// What one worker sends goes through something that is out of order.
pub(super) async fn sicken(
    cluster: &Cluster,
    place: &Place,
    planned: &Planned,
) -> anyhow::Result<Neighbour> {
    let mut worker = place.worker.lock().await;
    let mark = format!("-{}-", worker.process()?.pid());
    let act = match planned.variant % 8 {
        0 => limited(),
        1 => Act::Hang { max_ms: HANG_MS },
        2 => break_off(planned.direction),
        3 => Act::Garbage,
        _ => Act::status(502),
    };
    let mut fault = Fault::always(act).at_listener(place.listener);
    fault.after_creation = planned.after_creation && !planned.variant.is_multiple_of(8);
    let begun_us = cluster.now_us();
    let id = cluster.xendit.add_fault(fault)?;
    let named = naming(cluster, begun_us, |status| is_told(status, &mark)).await;
    pass(planned.lasts).await;
    cluster.xendit.remove_fault(id);
    let share = share(cluster, begun_us, |listener, _status| listener == place.listener);
    Ok(Neighbour { named: Some(named), share: Some(share), ..Neighbour::default() })
}

/// The worker is told to be closed, or all are, where more than it has failed. One that has not shown yet whose its key
/// is gets no answer to that question.
fn is_told(status: &Status, mark: &str) -> bool {
    status.breaker.is_some()
        || status.closed_workers.keys().any(|name| name.contains(mark))
        || recent_strangers(status).any(|stranger| stranger.worker.contains(mark))
}

/// Waits until `status` tells the cause.
async fn naming(cluster: &Cluster, begun_us: u64, is_told: impl Fn(&Status) -> bool) -> Naming {
    let told = async {
        loop {
            if cluster.queue.status().await.is_ok_and(|status| is_told(&status)) {
                return;
            }
            pass(LOOK_EACH).await;
        }
    };
    match tokio::time::timeout(NAMED_MAX, told).await {
        Ok(()) => Naming::After(cluster.now_us() - begun_us),
        Err(_) => Naming::Never,
    }
}

/// Returns how many requests since then were the sick worker's, and how many there were.
fn share(
    cluster: &Cluster,
    begun_us: u64,
    is_sick: impl Fn(u32, Option<u16>) -> bool,
) -> (usize, usize) {
    let beside = cluster.beside.as_ref().map(|beside| beside.account.as_str());
    let arrivals = cluster.xendit.ledger().arrivals();
    let since = arrivals.iter().filter(|arrival| arrival.arrived_us >= begun_us);
    let ours: Vec<_> =
        since.filter(|it| it.account.is_none() || it.account.as_deref() != beside).collect();
    let sick = ours.iter().filter(|arrival| is_sick(arrival.listener, arrival.status));
    (sick.count(), ours.len())
}

/// Redis asks living and new connections for something that they do not have.
pub(super) async fn lose_access(cluster: &Cluster, planned: &Planned) -> anyhow::Result<()> {
    let primary = cluster.primary.lock().await;
    // A connection keeps the rights that it has proved.
    let mut redis = primary.server.connect().await?;
    let (wrong, right) = if planned.variant.is_multiple_of(2) {
        (["resetpass", ">another"], ["resetpass", "nopass"])
    } else {
        (["-evalsha", "-eval"], ["+@all", "nopass"])
    };
    let setuser = |rules: [&str; 2]| {
        let mut command = redis::cmd("ACL");
        command.arg("SETUSER").arg("default").arg(&rules);
        command
    };
    setuser(wrong).exec_async(&mut redis).await?;
    for kind in ["normal", "pubsub"] {
        redis::cmd("CLIENT").arg("KILL").arg("TYPE").arg(kind).exec_async(&mut redis).await?;
    }
    pass(planned.lasts).await;
    Ok(setuser(right).exec_async(&mut redis).await?)
}

/// As after a fail-over that was called off: connections live on, and nothing can be written.
pub(super) async fn be_read_only(cluster: &Cluster, lasts: Duration) -> anyhow::Result<()> {
    let primary = cluster.primary.lock().await;
    let mut redis = primary.server.connect().await?;
    let replica_of = |host: &str, port: &str| {
        let mut command = redis::cmd("REPLICAOF");
        command.arg(host).arg(port);
        command
    };
    // Nobody listens there, so nothing is overwritten.
    replica_of("127.0.0.1", "1").exec_async(&mut redis).await?;
    pass(lasts).await;
    Ok(replica_of("NO", "ONE").exec_async(&mut redis).await?)
}

/// Some program writes what it likes. Redis may be gone at this moment.
pub(super) async fn write_nonsense(cluster: &Cluster, planned: &Planned) {
    let Ok(mut redis) = cluster.redis().await else { return };
    let mut random = StdRng::seed_from_u64(planned.variant.into());
    let mut pipeline = redis::pipe();
    for _ in 0..random.random_range(1..=ENTRIES_MAX) {
        let entry =
            pipeline.cmd("XADD").arg(cluster.queue.keys().inbox()).arg("NOMKSTREAM").arg("*");
        for _ in 0..random.random_range(1..=4) {
            let name = if random.random() { b"job".to_vec() } else { bytes(&mut random) };
            entry.arg(name).arg(bytes(&mut random));
        }
    }
    pipeline.exec_async(&mut redis).await.ok();
}

fn bytes(random: &mut StdRng) -> Vec<u8> {
    let length = random.random_range(0..40);
    (0..length).map(|_| random.random()).collect()
}

/// Three bills that must be looked up first, and cannot be for a while.
pub(super) async fn poison_look_ups(cluster: &Cluster, planned: &Planned) -> anyhow::Result<()> {
    let prefix = format!("POISON/{:08x}/", planned.variant);
    let fault = Fault {
        external_id_prefix: Some(prefix.clone()),
        ..Fault::on(RequestKind::List, Act::status(403))
    };
    let id = cluster.xendit.add_fault(fault)?;
    let bill = |number| Bill { check_first: true, ..Bill::new(format!("{prefix}{number}")) };
    let bills: Vec<Bill> = (0..3).map(bill).collect();
    submit(cluster, &bills).await?;
    pass(planned.lasts).await;
    cluster.xendit.remove_fault(id);
    Ok(())
}

/// A proxy gives this request the answer to another one, now and then.
pub(super) async fn mix_up(cluster: &Cluster, planned: &Planned) -> anyhow::Result<()> {
    let other = Fault::always(Act::OtherInvoice { external_id: None }).with_probability(0.05);
    let lists = Fault::on(RequestKind::List, Act::IgnoreFilters { limit: 20 });
    let ids =
        [cluster.xendit.add_fault(other)?, cluster.xendit.add_fault(lists.with_probability(0.2))?];
    pass(planned.lasts).await;
    for id in ids {
        cluster.xendit.remove_fault(id);
    }
    Ok(())
}

/// Says that the limit was reached, and creates all the same.
pub(super) async fn lie(cluster: &Cluster, lasts: Duration) -> anyhow::Result<()> {
    let fault = Fault::on(RequestKind::Create, limited()).times(1).after_creation();
    let id = cluster.xendit.add_fault(fault)?;
    pass(lasts).await;
    cluster.xendit.remove_fault(id);
    Ok(())
}

/// A person expires the invoice of a done bill, and has the bill sent again.
pub(super) async fn expire_by_hand(
    cluster: &Cluster,
    planned: &Planned,
) -> anyhow::Result<Neighbour> {
    let submitted = cluster.submitted();
    let mut random = StdRng::seed_from_u64(planned.variant.into());
    for _ in 0..CANDIDATES_MAX.min(submitted.len()) {
        let candidate = &submitted[random.random_range(0..submitted.len())];
        let [invoice] = &*cluster.payable(&candidate.bill.external_id) else { continue };
        let bill = cluster.queue.bill(&candidate.bill.external_id).await.ok().flatten();
        let bill = bill.unwrap_or_default();
        let has_it = bill.invoice.id.as_deref() == Some(invoice.id.as_ref());
        if bill.ended != Some(State::Done) || !has_it {
            continue;
        }
        let Ok(expired) = cluster.xendit.expire_by_hand(invoice.id.as_ref()) else { continue };
        let amount = bill.amount.and_then(|amount| amount.as_str().parse().ok());
        let again = Bill {
            amount: amount.unwrap_or(candidate.bill.amount),
            check_first: true,
            ..Bill::new(candidate.bill.external_id.clone())
        };
        submit(cluster, &[again]).await?;
        let expired_by_hand = vec![expired.id.to_string()];
        return Ok(Neighbour { expired_by_hand, ..Neighbour::default() });
    }
    Ok(Neighbour::default())
}

/// Submits until it is acknowledged. What arrived without that is a duplicate then.
async fn submit(cluster: &Cluster, bills: &[Bill]) -> anyhow::Result<()> {
    let submitted = async {
        while cluster.submit(bills).await.is_err() {
            pass(LOOK_EACH).await;
        }
    };
    Ok(tokio::time::timeout(PATIENCE, submitted).await?)
}
