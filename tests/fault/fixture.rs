//! One bill, one worker that a fault is going to hit, and the positions at which it can stand then.
//!
//! A link between the worker and the world holds the bytes back, so that the worker stands exactly
//! between two steps for as long as a test wants, without any word in the product about tests.

use std::time::Duration;

use antre_testkit::{AppendFsync, Direction, Flow, built_binary, eventually};
use antre_tests::chaos::check::{Rules, describe};
use antre_tests::chaos::cluster::Cluster;
use antre_tests::chaos::conditions::Conditions;
use antre_tests::chaos::worker::Worker;
use antre_xendit::{Call, Client, SecretKey, SendDeadline, Settings};
use xendit_sim::{Act, Fault, RequestKind};

/// The bill of every fixture.
pub(crate) const BILL: &str = "INV-1";
pub(crate) const PATIENCE: Duration = Duration::from_secs(45);
/// Leaves time to step in before it is over.
const SLOW: Duration = Duration::from_millis(800);
const SLOW_ANSWER_MS: u64 = 400;

/// Starts Redis, the simulator and a queue for processes of the real program.
pub(crate) async fn cluster(conditions: Conditions) -> Cluster {
    let binary = built_binary("antre").unwrap();
    Cluster::start(&binary, conditions, AppendFsync::Always).await.unwrap()
}

/// Waits until nothing is left to do, and lets the checker look.
pub(crate) async fn verify(cluster: &Cluster) {
    cluster.drain(PATIENCE).await.unwrap();
    let rules = Rules::strict(cluster.conditions.limits).unwrap();
    let violations = cluster.check(&rules).await.unwrap();
    assert!(violations.is_empty(), "{}", describe(&violations));
}

/// Makes an invoice with this key, behind the queue's back.
pub(crate) async fn create_with(cluster: &Cluster, key: &str, external_id: &str) {
    let settings = Settings {
        base_url: cluster.xendit.base_url(),
        key: SecretKey::new(key).unwrap(),
        request_timeout: Duration::from_secs(10),
        for_user_id: None,
        connect_timeout: Duration::from_secs(5),
    };
    let mut connection = Client::new(settings).unwrap().connect().await.unwrap();
    let body = format!(r#"{{"external_id":"{external_id}","amount":350000}}"#);
    let latest = tokio::time::Instant::now() + Duration::from_secs(5);
    connection.call(&Call::Create { body: body.into() }, SendDeadline::until(latest)).await;
}

/// An accepted job that nobody may claim yet, and the only worker.
pub(crate) struct Fixture {
    pub(crate) cluster: Cluster,
    pub(crate) victim: Worker,
    pub(crate) id: String,
}

impl Fixture {
    pub(crate) async fn set() -> Self {
        Self::set_in(cluster(Conditions::quick()).await).await
    }

    pub(crate) async fn set_in(cluster: Cluster) -> Self {
        let victim = cluster.working().await.unwrap();
        // After a job from its beginning to its end Redis has learnt every script that a step needs.
        let rehearsal = cluster.submit_one("INV-rehearsal").await.unwrap();
        cluster.until_field(&rehearsal, "state", "done").await.unwrap();
        cluster.queue.pause("test", "sets the fixture", None).await.unwrap();
        let id = cluster.submit_one(BILL).await.unwrap();
        cluster.until_field(&id, "state", "waiting").await.unwrap();
        Self { cluster, victim, id }
    }

    async fn begin(&self) {
        assert!(self.cluster.queue.resume("test").await.unwrap());
    }

    /// The worker has heard of the job and cannot ask for it.
    pub(crate) async fn stand_before_claim(&mut self) {
        self.victim.redis_link.set_flow(Direction::ToServer, Flow::Stalled);
        let before = self.victim.redis_link.counts().from_clients_bytes;
        self.begin().await;
        eventually(PATIENCE, "the worker writes to redis", async || {
            self.victim.redis_link.counts().from_clients_bytes > before
        })
        .await
        .unwrap();
    }

    /// The claim was executed; the worker does not know.
    pub(crate) async fn stand_after_claim(&mut self) {
        self.victim.redis_link.set_flow(Direction::ToClient, Flow::Delayed(SLOW));
        self.begin().await;
        self.cluster.until_field(&self.id, "state", "running").await.unwrap();
        self.victim.redis_link.set_flow(Direction::ToClient, Flow::Stalled);
    }

    /// The worker has written its request; it has not arrived.
    pub(crate) async fn stand_before_arrival(&mut self) {
        self.victim.xendit_link.set_flow(Direction::ToServer, Flow::Stalled);
        let before = self.victim.xendit_link.counts().from_clients_bytes;
        self.begin().await;
        eventually(PATIENCE, "the worker writes its request", async || {
            self.victim.xendit_link.counts().from_clients_bytes > before
        })
        .await
        .unwrap();
        assert_eq!(self.cluster.count(BILL, RequestKind::Create), 0);
    }

    /// The request has taken effect; its answer has not come back.
    pub(crate) async fn stand_after_effect(&mut self) {
        self.victim.xendit_link.set_flow(Direction::ToClient, Flow::Stalled);
        self.begin().await;
        eventually(PATIENCE, "the invoice is made", async || {
            self.cluster.xendit.invoices(BILL).len() == 1
        })
        .await
        .unwrap();
    }

    /// The worker has read the answer and cannot tell Redis.
    pub(crate) async fn stand_before_finish(&mut self) {
        self.answer_slowly().await;
        self.victim.redis_link.set_flow(Direction::ToServer, Flow::Stalled);
        self.victim.line(&format!("job.id=\"{}\" request=\"create\"", self.id)).await.unwrap();
    }

    /// Redis knows the end of the job; the worker does not know that.
    pub(crate) async fn stand_after_finish(&mut self) {
        self.answer_slowly().await;
        self.victim.redis_link.set_flow(Direction::ToClient, Flow::Stalled);
        self.cluster.until_field(&self.id, "state", "done").await.unwrap();
    }

    /// The request has arrived, and there is time before its answer.
    pub(crate) async fn answer_slowly(&mut self) {
        let slow = Fault::on(RequestKind::Create, Act::DelayAnswer { ms: SLOW_ANSWER_MS });
        self.cluster.xendit.add_fault(slow.times(1)).unwrap();
        self.begin().await;
        self.cluster.until_arrived(BILL, RequestKind::Create).await.unwrap();
    }

    /// Another worker comes, the job ends with an invoice, and nothing is wrong with it.
    pub(crate) async fn another_worker_completes(&self) {
        let _another = self.cluster.working().await.unwrap();
        self.cluster.until_field(&self.id, "state", "done").await.unwrap();
        verify(&self.cluster).await;
        assert_eq!(self.cluster.payable(BILL).len(), 1);
    }

    pub(crate) fn creates(&self) -> usize {
        self.cluster.count(BILL, RequestKind::Create)
    }

    pub(crate) fn look_ups(&self) -> usize {
        self.cluster.count(BILL, RequestKind::List)
    }
}
