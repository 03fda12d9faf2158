//! Records stay readable by apalis-redis: its storage finds, lists and waits for our jobs.

use antre_tests::harness::{Harness, PATIENCE, job, jobs, steady_settings};
use apalis_core::{
    backend::{FetchById, Filter, ListAllTasks, TaskResult, WaitForCompletion},
    task::{status::Status, task_id::TaskId},
};
use apalis_redis::RedisStorage;
use futures_util::StreamExt;
use serde_json::Value;

fn page(status: Option<Status>) -> Filter {
    Filter { status, page: 1, page_size: Some(100) }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn apalis_storage_waits_for_results_and_reads_them_as_json() {
    let harness = Harness::start(&steady_settings()).await;
    let ids = harness.submit(&jobs("INV", 5)).await;
    let mut storage = harness.queue.apalis_storage::<Value>();
    let tasks: Vec<TaskId> = ids.iter().map(TaskId::from_string).collect();
    let before: Vec<TaskResult<Value>> = storage.check_status(tasks.clone()).await.unwrap();
    assert!(before.is_empty(), "nothing has ended yet");
    let _worker = harness.worker("worker");
    let wait = WaitForCompletion::<Value>::wait_for(&mut storage, tasks.clone());
    let results: Vec<TaskResult<Value>> =
        tokio::time::timeout(PATIENCE, wait.map(Result::unwrap).collect()).await.unwrap();
    assert_eq!(results.len(), 5);
    for result in &results {
        let json = result.result().as_ref().unwrap();
        assert_eq!(json["job"], result.task_id().to_string());
        assert!(json["invoice_url"].is_string());
    }
    let after: Vec<TaskResult<Value>> = storage.check_status(tasks).await.unwrap();
    // While it waits, apalis reads a job's status some time before its result: only now do they agree.
    assert!(after.iter().all(|result| result.status() == &Status::Done));
    assert_eq!(after.len(), 5);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn apalis_storage_finds_and_lists_jobs_in_every_state() {
    let harness = Harness::start(&steady_settings()).await;
    let worker = harness.worker("worker");
    let (done, dead) =
        (harness.submit_one(&job("DONE")).await, harness.submit_one("nonsense").await);
    harness.result(&done).await;
    harness.result(&dead).await;
    harness.queue.pause("tester", "so that one waits", None).await.unwrap();
    let waiting = harness.submit_accepted(&[job("WAITING")]).await.remove(0);
    worker.stop().await;

    let mut storage = harness.queue.apalis_storage::<Value>();
    for (id, status) in [(done, Status::Done), (dead, Status::Failed), (waiting, Status::Pending)] {
        let task = storage.fetch_by_id(&TaskId::from_string(&id)).await.unwrap().unwrap();
        assert_eq!(
            (task.ctx().status(), task.ctx().task_id().unwrap().to_string()),
            (status.clone(), id)
        );
        let listed = storage.list_all_tasks(&page(Some(status))).await.unwrap();
        assert_eq!(listed.len(), 1);
    }
    assert_eq!(storage.list_all_tasks(&page(None)).await.unwrap().len(), 3);
    assert!(storage.fetch_by_id(&TaskId::from_string("1-1")).await.unwrap().is_none());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_plain_redis_storage_finds_and_lists_our_jobs() {
    let harness = Harness::start(&steady_settings()).await;
    let _worker = harness.worker("worker");
    let id = harness.submit_one(&job("INV-1")).await;
    harness.result(&id).await;

    let client = redis::Client::open(harness.redis.url()).unwrap();
    let connection = client.get_connection_manager().await.unwrap();
    let config = apalis_redis::Config::default().queue("antre:{default}");
    let mut storage = RedisStorage::<Value>::new(connection).with_config(config);
    let task = storage.fetch_by_id(&TaskId::from_string(&id)).await.unwrap().unwrap();
    let submitted: Value = serde_json::from_slice(&task.args).unwrap();
    assert_eq!(submitted["invoice"]["external_id"], "INV-1");
    assert_eq!(task.ctx().status(), Status::Done);
    let listed = storage.list_all_tasks(&page(Some(Status::Done))).await.unwrap();
    assert_eq!(listed.len(), 1);
}
