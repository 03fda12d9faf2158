//! Workers with keys that are not, or no longer, those of the account.

use std::path::PathBuf;
use std::time::Duration;

use xendit_sim::{Merchant, RequestKind, Rights, SecretKey, account_of};

use super::BACKLOG;
use crate::fleet::TEST_KEY;
use crate::neighbours::fleet::{Fleet, last};
use crate::neighbours::row::Row;

const FOREIGN_KEY: &str = "xnd_development_another_brand";
const LIVE_KEY: &str = "xnd_production_antre_tests";
const SECOND_KEY: &str = "xnd_development_antre_second";
const LASTS: Duration = Duration::from_secs(20);
/// The probe of a refused key comes once a minute.
const RECOVERY_MAX: Duration = Duration::from_secs(75);
/// Bills that are submitted again afterwards.
const AGAIN: usize = 20;

pub(super) async fn foreign_key(binary: PathBuf) -> anyhow::Result<Row> {
    let fleet = Fleet::open(&binary, "auto").await?;
    stranger(fleet, FOREIGN_KEY).await
}

pub(super) async fn other_mode(binary: PathBuf) -> anyhow::Result<Row> {
    let fleet = Fleet::open(&binary, "auto").await?;
    one_merchant(&fleet, &[TEST_KEY, LIVE_KEY])?;
    stranger(fleet, LIVE_KEY).await
}

async fn stranger(mut fleet: Fleet, key: &str) -> anyhow::Result<Row> {
    let _healthy = fleet.employ(fleet.cluster.newcomer(TEST_KEY).await?).await?;
    fleet.warm_up(BACKLOG).await?;
    fleet.begin();
    let mut stranger = fleet.employ(fleet.cluster.newcomer(key).await?).await?;
    last(LASTS).await;
    stranger.end().await?;
    fleet.end();
    fleet.submit_again(AGAIN).await?;
    let (ours, theirs) = (account_of(TEST_KEY), account_of(key));
    let is_ours = move |it: &xendit_sim::Arrival| it.key.as_deref() == Some(&ours);
    let next = fleet.next_request(RECOVERY_MAX, &is_ours).await;
    let arrivals = fleet.cluster.xendit.ledger().arrivals();
    let of_stranger = arrivals.iter().filter(|it| it.key.as_deref() == Some(&theirs));
    let creates = of_stranger.clone().filter(|it| it.kind == RequestKind::Create).count();
    fleet.remarks.push(format!("stranger: {} requests, {creates} creates", of_stranger.count()));
    fleet.close(next, Some(&is_ours)).await
}

pub(super) async fn revoked_key(binary: PathBuf) -> anyhow::Result<Row> {
    let mut fleet = Fleet::open(&binary, "auto").await?;
    one_merchant(&fleet, &[TEST_KEY, SECOND_KEY])?;
    let _healthy = fleet.employ(fleet.cluster.newcomer(TEST_KEY).await?).await?;
    let _sick = fleet.employ(fleet.cluster.newcomer(SECOND_KEY).await?).await?;
    fleet.warm_up(BACKLOG).await?;
    let (healthy, sick) = (account_of(TEST_KEY), account_of(SECOND_KEY));
    let is_sick = move |it: &xendit_sim::Arrival| {
        it.key.as_deref() == Some(&sick) && it.kind == RequestKind::Create
    };
    fleet.end();
    let joined = fleet.next_request(RECOVERY_MAX, &is_sick).await;
    anyhow::ensure!(joined.is_some(), "the second key never became known");
    fleet.begin();
    fleet.cluster.xendit.set_rights(SECOND_KEY, Rights::Revoked);
    last(LASTS).await;
    fleet.cluster.xendit.set_rights(SECOND_KEY, Rights::Full);
    fleet.end();
    let next = fleet.next_request(RECOVERY_MAX, &is_sick).await;
    fleet.close(next, Some(&move |it| it.key.as_deref() == Some(&healthy))).await
}

fn one_merchant(fleet: &Fleet, keys: &[&str]) -> anyhow::Result<()> {
    let keys: Vec<SecretKey> = keys.iter().map(|key| SecretKey::new(*key)).collect();
    fleet.cluster.xendit.add_merchant(&Merchant::new("antre", keys)?);
    Ok(())
}
