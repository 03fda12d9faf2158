//! A producer that keeps some jobs waiting, whatever happens to Redis.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::time::Duration;

use tokio::task::JoinHandle;

use crate::chaos::bills::Bill;
use crate::chaos::cluster::Cluster;
use crate::chaos::moment::pass;

const LOOK_EVERY: Duration = Duration::from_millis(200);
const AT_ONCE: u64 = 20;

/// Submits new bills as long as fewer than so many jobs wait.
#[derive(Debug)]
pub struct Feeder {
    shared: Arc<Shared>,
    task: JoinHandle<()>,
}

#[derive(Debug, Default)]
struct Shared {
    is_over: AtomicBool,
    number: AtomicU64,
}

impl Feeder {
    /// Begins to keep `backlog` jobs waiting.
    pub fn start(cluster: Arc<Cluster>, backlog: u64) -> Self {
        let shared = Arc::new(Shared::default());
        let task = tokio::spawn(feed(cluster, backlog, Arc::clone(&shared)));
        Self { shared, task }
    }

    /// Ends it; what it had begun to submit is submitted then.
    pub async fn stop(self) {
        self.shared.is_over.store(true, Ordering::Relaxed);
        self.task.await.ok();
    }
}

async fn feed(cluster: Arc<Cluster>, backlog: u64, shared: Arc<Shared>) {
    while !shared.is_over.load(Ordering::Relaxed) {
        let known = cluster.queue.status().await;
        if known.is_ok_and(|status| status.inbox + status.waiting_total() < backlog) {
            let first = shared.number.fetch_add(AT_ONCE, Ordering::Relaxed);
            let bills: Vec<Bill> =
                (first..first + AT_ONCE).map(|number| Bill::new(format!("INV-{number}"))).collect();
            // Without an answer nothing is promised.
            cluster.submit(&bills).await.ok();
        } else {
            pass(LOOK_EVERY).await;
        }
    }
}
