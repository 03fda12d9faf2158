//! A worker with a key that is not this account's: it changes nothing, and everybody can see it.

use std::collections::BTreeMap;

use antre_core::Mode;
use antre_operating::recent_strangers;
use antre_tests::chaos::bills::Bill;
use antre_tests::chaos::check::{Rules, describe};
use antre_tests::chaos::cluster::Cluster;
use antre_tests::chaos::conditions::Conditions;
use antre_tests::chaos::worker::Worker;
use antre_tests::fleet::TEST_KEY;
use xendit_sim::{Merchant, RequestKind, SecretKey, account_of};

use crate::fixture;

const BILLS: usize = 20;
/// The same merchant's key of the other mode.
const LIVE_KEY: &str = "xnd_production_antre_tests";
const FOREIGN_KEY: &str = "xnd_development_of_another_brand";
const THEIRS: &str = "INV-of-another-brand";

fn bills(prefix: &str) -> Vec<Bill> {
    (0..BILLS).map(|number| Bill::new(format!("{prefix}-{number}"))).collect()
}

/// Two workers serve an account; the first answers HTTP.
struct Fleet {
    cluster: Cluster,
    healthy: [Worker; 2],
}

impl Fleet {
    /// Some bills are done already.
    async fn start() -> Self {
        let cluster = fixture::cluster(Conditions::quick()).await;
        let keys = [TEST_KEY, LIVE_KEY].map(SecretKey::from);
        cluster.xendit.add_merchant(&Merchant::new("brand", keys).unwrap());
        let mut healthy =
            [cluster.worker().await.unwrap().with_http(), cluster.worker().await.unwrap()];
        for worker in &mut healthy {
            cluster.start_working(worker).await.unwrap();
        }
        cluster.submit(&bills("INV")).await.unwrap();
        let fleet = Self { cluster, healthy };
        fleet.until_done(BILLS).await;
        fleet
    }

    async fn until_done(&self, count: usize) {
        let count = u64::try_from(count).unwrap();
        self.cluster.until("they are done", |status| status.done >= count).await.unwrap();
    }

    /// What the account remembers of its settings and of whose it is.
    async fn remembered(&self) -> (String, BTreeMap<String, String>) {
        let mut redis = self.cluster.redis().await.unwrap();
        let keys = self.cluster.queue.keys();
        let (config, identity) = (keys.named("config"), keys.named("identity"));
        redis::pipe().get(config).hgetall(identity).query_async(&mut redis).await.unwrap()
    }

    /// The stranger is named by everything that a person looks at.
    async fn everybody_sees(&mut self, stranger: &mut Worker, reason: &str) {
        let fingerprint = stranger.fingerprint().unwrap();
        let status = self
            .cluster
            .until("status names it", |status| {
                let mut strangers = recent_strangers(status);
                strangers.any(|it| it.fingerprint == fingerprint && it.reason == reason)
            })
            .await
            .map_err(|error| error.context(stranger.output()))
            .unwrap();
        let shown = recent_strangers(&status).next().unwrap();
        assert!(stranger.is_called(&shown.worker).unwrap(), "{shown:?}");

        stranger.line("was not shown to be the account's").await.unwrap();
        let ready = stranger.get("/readyz").await.unwrap();
        assert_eq!(ready.status, 503, "{}", ready.text);
        let health = self.healthy[0].get("/rate-limiter/health").await.unwrap();
        for word in ["\"stranger\"", shown.worker.as_str(), fingerprint.as_str()] {
            assert!(health.text.contains(word), "{word}: {}", health.text);
        }
        let page = self.cluster.antre(&["status"]).await.unwrap();
        assert!(page.contains("STRANGER") && page.contains(&fingerprint), "{page}");
        assert_eq!(self.healthy[0].get("/readyz").await.unwrap().status, 200);
    }

    /// The stranger asked whose its key is, and nothing else.
    fn asked_only(&self, stranger: &Worker) {
        let key = account_of(stranger.key());
        let arrivals = self.cluster.xendit.ledger().arrivals();
        let kinds: Vec<RequestKind> = arrivals
            .iter()
            .filter(|it| {
                it.key.as_deref() == Some(&*key) && it.external_id.as_deref() != Some(THEIRS)
            })
            .map(|it| it.kind)
            .collect();
        // One that came too late to count is asked again.
        assert!((1..=3).contains(&kinds.len()), "{kinds:?}");
        assert!(kinds.iter().all(|kind| *kind == RequestKind::List), "{kinds:?}");
    }
}

/// The whole course: it comes, is seen, others go on, it goes, and every bill is submitted again.
async fn comes_and_goes(fleet: &mut Fleet, mut stranger: Worker, reason: &str) {
    let before = fleet.remembered().await;
    stranger.start().unwrap();
    fleet.everybody_sees(&mut stranger, reason).await;
    fleet.cluster.submit(&bills("MORE")).await.unwrap();
    fleet.until_done(2 * BILLS).await;
    stranger.end().await.unwrap();
    fleet.asked_only(&stranger);
    assert_eq!(fleet.remembered().await, before);

    let creates = fleet.cluster.xendit.ledger().totals().by_kind[&RequestKind::Create];
    let again = fleet.cluster.submit(&bills("INV")).await.unwrap();
    for id in &again {
        fleet.cluster.until_field(id, "state", "done").await.unwrap();
        let job = fleet.cluster.queue.job(id).await.unwrap().unwrap();
        assert!(job.duplicate_of.is_some(), "{job:?}");
    }
    let duplicates = fleet.cluster.queue.status().await.unwrap().totals.duplicates;
    assert_eq!(duplicates, u64::try_from(BILLS).unwrap());
    assert_eq!(fleet.cluster.xendit.ledger().totals().by_kind[&RequestKind::Create], creates);
    for bill in bills("INV").iter().chain(&bills("MORE")) {
        // The invoices of all accounts at Xendit.
        let invoices = fleet.cluster.xendit.invoices(&bill.external_id);
        assert_eq!(invoices.len(), 1, "{invoices:?}");
        assert_eq!(&*invoices[0].account, "brand:test");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_key_of_an_account_without_invoices_changes_nothing_and_is_seen() {
    let mut fleet = Fleet::start().await;
    let stranger = fleet.cluster.newcomer(FOREIGN_KEY).await.unwrap().with_http();
    comes_and_goes(&mut fleet, stranger, "no_invoices").await;
    fixture::verify(&fleet.cluster).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_key_of_another_merchant_changes_nothing_and_is_seen() {
    let mut fleet = Fleet::start().await;
    fixture::create_with(&fleet.cluster, FOREIGN_KEY, THEIRS).await;
    let stranger = fleet.cluster.newcomer(FOREIGN_KEY).await.unwrap().with_http();
    comes_and_goes(&mut fleet, stranger, "other_account").await;
    fleet.cluster.drain(fixture::PATIENCE).await.unwrap();
    let rules = Rules::strict(fleet.cluster.conditions.limits).unwrap();
    let mut violations = fleet.cluster.check(&rules).await.unwrap();
    // What the other merchant made himself, with a program of his own.
    violations.retain(|violation| !violation.detail.starts_with(THEIRS));
    assert!(violations.is_empty(), "{}", describe(&violations));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_key_of_the_other_mode_changes_nothing_and_is_seen() {
    let mut fleet = Fleet::start().await;
    let mut stranger = fleet.cluster.newcomer(LIVE_KEY).await.unwrap().with_http();
    let strict = [
        ("ANTRE_LEASE", "5s"),
        ("ANTRE_REQUEST_TIMEOUT", "2s"),
        ("ANTRE_TRUST_ABSENCE_ANSWERED", "5s"),
        ("ANTRE_TRUST_ABSENCE_UNANSWERED", "20s"),
        ("ANTRE_RETRY_DELAYS", "1s,2s,4s"),
        ("ANTRE_BREAKER_PROBE", "5s"),
        ("ANTRE_ACCEPT_VOLATILE_REDIS", "true"),
    ];
    stranger.variables.extend(strict.map(|(name, value)| (name, value.to_owned())));
    comes_and_goes(&mut fleet, stranger, "other_mode").await;
    let owner = fleet.cluster.queue.status().await.unwrap().owner;
    assert_eq!(owner.mode, Some(Mode::Test));
    fixture::verify(&fleet.cluster).await;
}
