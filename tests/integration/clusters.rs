//! A Redis Cluster as a queue sees it while a slot is handed over.

use std::time::Duration;

use antre_core::account::AccountName;
use antre_store::rights::Role;
use antre_store::{Queue, Redis, StoreError};
use antre_testkit::queue::{configure, quick_settings};
use antre_testkit::{RedisServer, eventually, free_port};
use antre_tests::fleet::{RunningWorker, account};
use antre_tests::redis_cluster::RedisCluster;
use antre_worker::{Durability, WorkerOptions};
use xendit_sim::{Options, Simulator};

const LIMIT: Duration = Duration::from_secs(30);
const JOB: &str = r#"{"invoice":{"external_id":"INV-1","amount":350000}}"#;

/// Starts a cluster, and reaches it with the rights of a worker that also looks for inboxes.
async fn start() -> (RedisCluster, Redis) {
    let mut cluster = RedisCluster::start(2).await.unwrap();
    for node in cluster.nodes() {
        allow(node).await;
    }
    let url = format!("redis-cluster://worker:secret@{}", cluster.hosts().unwrap());
    (cluster, Redis::open(&url).unwrap())
}

async fn allow(node: &RedisServer) {
    let mut user = redis::cmd("ACL");
    user.arg("SETUSER").arg("worker").arg("on").arg(">secret").arg("resetchannels").arg("-@all");
    user.arg(Role::Worker.rights(&six())).arg(&["+cluster|slots", "+asking", "+scan"]);
    user.exec_async(&mut node.connect().await.unwrap()).await.unwrap();
}

async fn queue(redis: &Redis, account: &str) -> Queue {
    let queue = redis.queue(account.parse().unwrap());
    configure(&queue, &quick_settings()).await;
    queue
}

fn six() -> Vec<AccountName> {
    (0..6).map(|number| format!("isp-{number}").parse().unwrap()).collect()
}

async fn inbox_length(queue: &Queue) -> u64 {
    queue.inbox_length().await.unwrap()
}

#[tokio::test]
async fn while_a_slot_is_handed_over_scripts_wait_and_jobs_can_be_submitted() {
    let (cluster, redis) = start().await;
    let queue = queue(&redis, "default").await;
    let slot = cluster.slot(queue.keys().prefix()).await.unwrap();
    let from = cluster.owner(slot).await.unwrap();
    let to = 1 - from;
    let moves = redis.moves();

    cluster.begin_to_migrate(slot, from, to).await.unwrap();
    let mut submitted = 0;
    loop {
        assert!(queue.submit(&[JOB]).await.unwrap()[0].is_some(), "the inbox is in one place");
        submitted += 1;
        assert_eq!(inbox_length(&queue).await, submitted);
        let refused = queue.status().await.unwrap_err();
        assert!(refused.is_passing() && refused.to_string().contains("on their way"), "{refused}");
        if cluster.move_keys(slot, from, to, 1).await.unwrap() == 0 {
            break;
        }
    }
    assert!(submitted > 3, "only {submitted} keys moved");
    assert!(!moves.has_changed().unwrap());
    cluster.end_to_migrate(slot, from, to).await.unwrap();

    assert_eq!(queue.status().await.unwrap().inbox, submitted);
    assert_eq!(inbox_length(&queue).await, submitted);
    assert!(moves.has_changed().unwrap(), "nobody was told that the account has moved");
}

#[tokio::test]
async fn accounts_are_shared_out_and_all_are_known() {
    let (cluster, redis) = start().await;
    let names = six();
    for name in &names {
        queue(&redis, name.as_str()).await;
    }
    let mut known = redis.accounts().await.unwrap();
    assert_eq!(known, names.iter().map(ToString::to_string).collect::<Vec<_>>());
    known.push("stray".to_owned());
    let inbox = "antre:{stray}:inbox";
    let owner = cluster.owner(cluster.slot(inbox).await.unwrap()).await.unwrap();
    let mut connection = cluster.connect(owner).await.unwrap();
    redis::cmd("XADD").arg(&[inbox, "*", "job", JOB]).exec_async(&mut connection).await.unwrap();
    assert_eq!(redis.inbox_names().await.unwrap(), known);

    let servers = redis.by_server(&names).await.unwrap();
    assert_eq!(servers.len(), 2, "six accounts in six slots on two nodes");
    let mut positions: Vec<usize> = Vec::new();
    for (server, of_server) in servers {
        server.can_write().await.unwrap();
        let names: Vec<_> = of_server.iter().map(|at| names[*at].clone()).collect();
        assert_eq!(server.inbox_types(&names).await.unwrap(), vec!["stream"; names.len()]);
        positions.extend(of_server);
    }
    positions.sort_unstable();
    assert_eq!(positions, (0..6).collect::<Vec<_>>());
}

#[tokio::test]
async fn a_cluster_that_never_answered_is_not_there_however_often_it_is_asked() {
    let port = free_port().unwrap();
    let redis = Redis::open(&format!("redis-cluster://127.0.0.1:{port}")).unwrap();
    for _ in 0..3 {
        let found = (redis.ping().await, redis.can_write().await);
        assert!(matches!(found, (Err(_), Err(_))), "{found:?}");
    }
}

#[tokio::test]
async fn a_node_that_is_gone_harms_only_its_own_accounts() {
    let (mut cluster, redis) = start().await;
    // A part that is missing must not stop the other parts.
    for node in cluster.nodes() {
        node.set_config("cluster-require-full-coverage", "no").await.unwrap();
    }
    let names = six();
    let mut queues = Vec::new();
    for name in &names {
        let queue = queue(&redis, name.as_str()).await;
        let slot = cluster.slot(queue.keys().prefix()).await.unwrap();
        queues.push((cluster.owner(slot).await.unwrap(), queue));
    }
    cluster.nodes()[1].kill().unwrap();
    for _ in 0..3 {
        for (owner, queue) in &queues {
            let found = queue.status().await;
            assert_eq!(found.is_ok(), *owner == 0, "{found:?}");
            assert!(matches!(found, Ok(_) | Err(StoreError::Unavailable(_))), "{found:?}");
        }
    }
    cluster.nodes()[1].restart().await.unwrap();
    allow(&cluster.nodes()[1]).await;
    let all_work = async || {
        for (_, queue) in &queues {
            queue.status().await?;
        }
        Ok::<_, StoreError>(Some(()))
    };
    eventually(LIMIT, "all accounts are there again", all_work).await.unwrap();
}

/// Returns whether a claim of this account counts only once a replica has it, as its server remembers.
async fn is_replicated(cluster: &RedisCluster, owner: usize, queue: &Queue) -> bool {
    let mut connection = cluster.connect(owner).await.unwrap();
    let mut seen = redis::cmd("HEXISTS");
    seen.arg(queue.keys().named("pacer")).arg("replicated");
    seen.query_async(&mut connection).await.unwrap()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_account_that_moves_to_a_server_with_a_replica_is_kept_by_it_from_then_on() {
    let mut cluster = RedisCluster::start(2).await.unwrap();
    let url = format!("redis-cluster://{}", cluster.hosts().unwrap());
    let queue = Redis::open(&url).unwrap().queue("default".parse().unwrap());
    let slot = cluster.slot(queue.keys().prefix()).await.unwrap();
    let from = cluster.owner(slot).await.unwrap();
    let to = 1 - from;
    cluster.add_replica(to).await.unwrap();
    let xendit = Simulator::start(Options::default()).await.unwrap();
    let options = WorkerOptions {
        name: "worker".to_owned(),
        accounts: vec![account("default", &xendit.base_url(), quick_settings())],
        grace: LIMIT,
        durability: Durability::Auto,
        has_http: false,
    };
    let worker = RunningWorker::start_as(&url, options);
    eventually(LIMIT, "the worker serves", async || worker.obstacle().is_none()).await.unwrap();
    assert!(!is_replicated(&cluster, from, &queue).await, "its server has no replica");

    // Without a move this is looked at once a minute.
    cluster.migrate(slot, from, to).await.unwrap();
    let decided = async || is_replicated(&cluster, to, &queue).await;
    eventually(LIMIT, "a replica keeps its claims", decided).await.unwrap();
    worker.stop().await;
}
