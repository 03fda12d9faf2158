//! Other programs write what they like: no entry stops a job behind it, and no account another.

use antre_testkit::{FaultProxy, eventually, queue::configure};
use antre_tests::{
    fleet::{RunningWorker, account},
    harness::{Harness, PATIENCE, job, steady_settings},
};
use rand::{Rng, SeedableRng, rngs::StdRng};
use redis::{FromRedisValue, ToRedisArgs};

const INBOX: &str = "antre:{default}:inbox";
const ENTRIES: usize = 200;

async fn tell<T: FromRedisValue>(harness: &Harness, words: &[impl ToRedisArgs]) -> T {
    let mut connection = harness.redis.connect().await.unwrap();
    redis::Cmd::new().arg(words).query_async(&mut connection).await.unwrap()
}

/// Starts a worker for the accounts `default` and `other`.
async fn start_for_two(harness: &Harness, redis_url: &str) -> RunningWorker {
    configure(&harness.queue_of("other"), &steady_settings()).await;
    let accounts = ["default", "other"]
        .map(|name| account(name, &harness.xendit.base_url(), steady_settings()))
        .to_vec();
    RunningWorker::start(redis_url, "worker", accounts)
}

async fn until_done(harness: &Harness, name: &str, count: u64) {
    let queue = harness.queue_of(name);
    let is_done = async || queue.status().await.is_ok_and(|status| status.done >= count);
    eventually(PATIENCE, &format!("{count} of {name} are done"), is_done).await.unwrap();
}

/// An entry of random bytes; now and then with the name that a job has.
fn random_entry(random: &mut StdRng) -> Vec<Vec<u8>> {
    let items = random.random_range(1..6) * 2;
    let bytes = |random: &mut StdRng| -> Vec<u8> {
        let length = random.random_range(0..40);
        (0..length).map(|_| random.random()).collect()
    };
    let mut entry: Vec<Vec<u8>> = (0..items).map(|_| bytes(random)).collect();
    if random.random_bool(0.5) {
        entry[0] = b"job".to_vec();
    }
    if random.random_bool(0.2) {
        entry[1] = job("INV-of-a-stranger").into_bytes();
    }
    entry
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn random_bytes_in_names_and_values_stop_no_job_behind_them() {
    let harness = Harness::start(&steady_settings()).await;
    let seed = rand::random();
    println!("seed {seed}");
    let mut random = StdRng::seed_from_u64(seed);
    let mut strange = Vec::new();
    for number in 0..ENTRIES {
        let mut words = ["XADD", INBOX, "*"].map(|word| word.as_bytes().to_vec()).to_vec();
        words.extend(random_entry(&mut random));
        strange.push(tell::<String>(&harness, &words).await);
        if number % 50 == 0 {
            harness.submit_one(&job(&format!("INV-{number}"))).await;
        }
    }
    let worker = start_for_two(&harness, &harness.redis.url()).await;
    harness.queue_of("other").submit(&[job("INV-other")]).await.unwrap();
    until_done(&harness, "other", 1).await;
    until_done(&harness, "default", 4).await;
    harness
        .until("all are taken in", async |harness| harness.queue.inbox_length().await.unwrap() == 0)
        .await;
    for id in &strange {
        assert_ne!(harness.field(id, "state").await, "", "{id} has a record");
    }
    assert_eq!(worker.obstacle(), None);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn two_job_fields_are_refused_by_both_ways_of_reading() {
    let harness = Harness::start(&steady_settings()).await;
    let (one, other) = (job("INV-1"), job("INV-2"));
    let words = ["XADD", INBOX, "*", "job", &one, "job", &other];
    let mut ids = Vec::new();
    // The first is heard, the others are read by the script.
    for _ in 0..3 {
        ids.push(tell::<String>(&harness, &words).await);
    }
    let _worker = harness.worker("worker");
    for id in ids {
        assert_eq!(harness.result(&id).await["error"]["code"], "invalid");
    }
    assert!(harness.created_order().is_empty());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_inbox_of_another_type_stops_only_its_own_account_until_it_is_deleted() {
    let harness = Harness::start(&steady_settings()).await;
    let worker = start_for_two(&harness, &harness.redis.url()).await;
    harness.submit_one(&job("INV-1")).await;
    until_done(&harness, "default", 1).await;
    let inbox = "antre:{other}:inbox";
    let _: u32 = tell(&harness, &["DEL", inbox]).await;
    let _: String = tell(&harness, &["SET", inbox, "mine"]).await;
    eventually(PATIENCE, "the worker says so", async || {
        worker.obstacle().is_some_and(|text| text.contains("account other: antre:{other}"))
    })
    .await
    .unwrap();
    harness.submit_one(&job("INV-2")).await;
    until_done(&harness, "default", 2).await;
    assert_eq!(tell::<String>(&harness, &["GET", inbox]).await, "mine");

    let _: u32 = tell(&harness, &["DEL", inbox]).await;
    let other = harness.queue_of("other");
    eventually(PATIENCE, "the inbox is there again", async || {
        other.submit(&[job("INV-3")]).await.unwrap()[0].is_some()
    })
    .await
    .unwrap();
    until_done(&harness, "other", 1).await;
    assert_eq!(worker.obstacle(), None);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_account_whose_own_data_is_damaged_does_not_hold_up_another() {
    let harness = Harness::start(&steady_settings()).await;
    configure(&harness.queue_of("other"), &steady_settings()).await;
    let _: String = tell(&harness, &["SET", "antre:{other}:events", "mine"]).await;
    harness.queue_of("other").submit(&[job("INV-1")]).await.unwrap();
    let worker = start_for_two(&harness, &harness.redis.url()).await;
    harness.submit_one(&job("INV-2")).await;
    until_done(&harness, "default", 1).await;
    eventually(PATIENCE, "the worker says so", async || {
        worker.obstacle().is_some_and(|text| text.contains("antre:{other}:events"))
    })
    .await
    .unwrap();
    let _: u32 = tell(&harness, &["DEL", "antre:{other}:events"]).await;
    until_done(&harness, "other", 1).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_entry_of_64_megabytes_is_refused_without_being_received() {
    let harness = Harness::start(&steady_settings()).await;
    let proxy = FaultProxy::start(harness.redis.socket_path()).await.unwrap();
    let huge = vec![b'x'; 64 << 20];
    let words = [b"XADD".as_slice(), INBOX.as_bytes(), b"*", b"job", &huge];
    let id: String = tell(&harness, &words).await;
    harness.submit_one(&job("INV-1")).await;
    let _worker = start_for_two(&harness, &proxy.redis_url()).await;
    until_done(&harness, "default", 1).await;
    assert_eq!(harness.result(&id).await["error"]["code"], "invalid");
    let received = proxy.counts().to_client_bytes;
    assert!(received < 32 << 20, "{received} bytes");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_largest_id_does_not_close_the_inbox() {
    let harness = Harness::start(&steady_settings()).await;
    let _worker = harness.worker("worker");
    let largest = format!("{0}-{0}", u64::MAX);
    let id: String = tell(&harness, &["XADD", INBOX, &largest, "job", &job("INV-1")]).await;
    assert_eq!(harness.result(&id).await["state"], "done");
    let id = harness.submit_one(&job("INV-2")).await;
    assert_eq!(harness.result(&id).await["state"], "done");
}
