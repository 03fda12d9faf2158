//! Workers inside the test's process, over a real Redis and the simulated Xendit.

use std::time::Duration;

use antre_store::settings::Settings;
use antre_worker::{AccountOptions, Durability, Readiness, Worker, WorkerOptions};
use antre_xendit::SecretKey;
use tokio::{sync::oneshot, task::JoinHandle};

/// A key of Xendit's test mode that is nobody's.
pub const TEST_KEY: &str = "xnd_development_antre_tests";

/// Returns the options of account `name` at the simulator `base_url`.
pub fn account(name: &str, base_url: &str, settings: Settings) -> AccountOptions {
    AccountOptions {
        name: name.parse().unwrap(),
        client: antre_xendit::Settings {
            base_url: base_url.to_owned(),
            key: SecretKey::new(&format!("{TEST_KEY}_{name}")).unwrap(),
            request_timeout: settings.request_timeout,
            for_user_id: None,
            connect_timeout: Duration::from_secs(5),
        },
        settings,
        concurrency: 5,
        notification: antre_xendit::body::notification::Settings::default(),
        accept_volatile_redis: true,
        max_retries: 3,
    }
}

/// A running worker; stops in order when told to, or at once when dropped.
#[derive(Debug)]
pub struct RunningWorker {
    stop: Option<oneshot::Sender<()>>,
    readiness: Readiness,
    task: JoinHandle<()>,
}

impl RunningWorker {
    /// Starts a worker called `name` for `accounts`.
    pub fn start(redis_url: &str, name: &str, accounts: Vec<AccountOptions>) -> Self {
        Self::start_with_grace(redis_url, name, accounts, Duration::from_secs(20))
    }

    /// Starts a worker that lets running requests finish for no longer than `grace`.
    pub fn start_with_grace(
        redis_url: &str,
        name: &str,
        accounts: Vec<AccountOptions>,
        grace: Duration,
    ) -> Self {
        let name = name.to_owned();
        let durability = Durability::Local;
        let options = WorkerOptions { name, accounts, grace, durability, has_http: false };
        Self::start_as(redis_url, options)
    }

    /// Starts a worker with these options.
    pub fn start_as(redis_url: &str, options: WorkerOptions) -> Self {
        let redis = antre_store::Redis::open(redis_url).unwrap();
        let worker = Worker::new(redis, options).unwrap();
        let readiness = worker.readiness();
        let (stop, stopped) = oneshot::channel::<()>();
        let task = tokio::spawn(async move {
            let told = async {
                if stopped.await.is_err() {
                    std::future::pending::<()>().await;
                }
            };
            worker.run(told).await.unwrap();
        });
        Self { stop: Some(stop), readiness, task }
    }

    /// Returns why it does not serve all its accounts, if so.
    pub fn obstacle(&self) -> Option<String> {
        self.readiness.obstacle()
    }

    /// Stops in order and waits for the end.
    pub async fn stop(mut self) {
        if let Some(stop) = self.stop.take() {
            stop.send(()).unwrap();
        }
        (&mut self.task).await.unwrap();
    }
}

impl Drop for RunningWorker {
    fn drop(&mut self) {
        self.task.abort();
    }
}
