//! Several accounts in one worker: each has a limit, a pace and troubles of its own.

use std::time::Duration;

use antre_store::settings::Settings;
use antre_testkit::{eventually, queue::configure};
use antre_tests::{
    fleet::{RunningWorker, TEST_KEY, account},
    harness::{Harness, PATIENCE, jobs, steady_settings, xendit_account},
};
use xendit_sim::{Act, Fault, RequestKind};

const WINDOW: Duration = Duration::from_millis(500);
const HEALTHY: [(&str, u64); 2] = [("merdeka", 5), ("nusantara", 10)];
const HANGING: (&str, u64) = ("sriwijaya", 20);

fn settings(requests: u64) -> Settings {
    let mut settings = steady_settings();
    settings.limits = format!("{requests}/500ms").parse().unwrap();
    settings.jitter_allowance = Duration::from_millis(60);
    // Longer than the test is patient: what waits for a hanging request would never be done.
    settings.request_timeout = PATIENCE * 2;
    settings
}

async fn three_accounts_keep_to_themselves(workers: usize) {
    let harness = Harness::start(&settings(1)).await;
    let hang = Fault::on(RequestKind::Create, Act::Hang { max_ms: 300_000 });
    harness.fault(hang.for_secret_key(&format!("{TEST_KEY}_{}", HANGING.0)));
    let all = [HEALTHY[0], HEALTHY[1], HANGING];
    for (name, requests) in all {
        let queue = harness.queue_of(name);
        configure(&queue, &settings(requests)).await;
        let count = usize::try_from(requests).unwrap() * 2;
        queue.submit(&jobs(name, count)).await.unwrap();
    }
    let base_url = harness.xendit.base_url();
    let _workers: Vec<RunningWorker> = (0..workers)
        .map(|number| {
            let accounts =
                all.map(|(name, requests)| account(name, &base_url, settings(requests))).to_vec();
            RunningWorker::start(&harness.redis.url(), &format!("worker-{number}"), accounts)
        })
        .collect();

    for (name, requests) in HEALTHY {
        let queue = harness.queue_of(name);
        let is_done = async || queue.status().await.unwrap().done == requests * 2;
        eventually(PATIENCE, &format!("all of {name} is done"), is_done).await.unwrap();
    }
    let hanging = harness.queue_of(HANGING.0).status().await.unwrap();
    assert_eq!(hanging.done, 0);
    assert!(hanging.running > 0, "{hanging:?}");
    let summary = harness.xendit.summary(WINDOW);
    for (name, requests) in all {
        let found = &summary.accounts[xendit_account(name).as_str()];
        assert!(found.most_in_any_window <= requests, "{name}: {found:?}");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn one_worker_holds_three_accounts_to_their_own_limits_while_one_of_them_hangs() {
    three_accounts_keep_to_themselves(1).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn two_workers_hold_three_accounts_to_their_own_limits_while_one_of_them_hangs() {
    three_accounts_keep_to_themselves(2).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_platform_bills_for_each_of_its_sub_accounts_with_one_key() {
    let harness = Harness::start(&steady_settings()).await;
    let base_url = harness.xendit.base_url();
    let serving = |name: &str| {
        let mut account = account(name, &base_url, steady_settings());
        // All with the same key.
        account.client.key = harness.account().client.key;
        account.client.for_user_id = (name != "default").then(|| name.to_owned());
        account
    };
    let names = ["default", "62c1", "62c2"];
    let url = harness.redis.url();
    let _worker = RunningWorker::start(&url, "worker", names.map(serving).to_vec());
    for name in names {
        let queue = harness.queue_of(name);
        let submits = async || {
            let submitted = queue.submit(&jobs("INV", 1)).await.unwrap().remove(0);
            submitted.is_some()
        };
        eventually(PATIENCE, &format!("{name} is served"), submits).await.unwrap();
        let is_done = async || queue.status().await.unwrap().done == 1;
        eventually(PATIENCE, &format!("{name} is done"), is_done).await.unwrap();
    }
    let mut owners: Vec<String> = harness
        .xendit
        .invoices("INV-0")
        .into_iter()
        .map(|invoice| invoice.account.to_string())
        .collect();
    owners.sort();
    let platform = owners[0].clone();
    assert_eq!(owners[1..], ["62c1", "62c2"].map(|id| format!("{platform}/{id}")));
}
