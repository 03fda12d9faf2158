//! What the base runs, rolled over, cut off, misled and scaled to nothing under load: no bill is lost, none has two
//! invoices, no window is exceeded, and `/readyz` is true only of a worker that serves.

use std::fmt::Write as _;
use std::future::Future;
use std::ops::Range;
use std::time::Duration;

use antre_testkit::{AppendFsync, built_binary, eventually};
use antre_tests::chaos::bills::Bill;
use antre_tests::chaos::check::{Rules, describe};
use antre_tests::chaos::cluster::Cluster;
use antre_tests::chaos::conditions::Conditions;
use antre_tests::chaos::moment::pass;
use antre_tests::fleet::TEST_KEY;
use serde_json::{Value, json};
use tokio::io::{AsyncRead, AsyncWrite, copy_bidirectional};
use tokio::net::{TcpListener, TcpStream, UnixStream};
use xendit_sim::Latency;

use crate::alerts;
use crate::container::{self, Pod};
use crate::kustomize::combined;
use crate::node::{self, TOKEN, XENDIT_PORT, on_node, runtime};
use crate::written::Secrets;
use antre_tests::machine::Network;

const PATIENCE: Duration = Duration::from_mins(1);
const REDIS_PORT: u16 = 6379;
/// Bills a second: about half of what two workers of five places do at this latency.
const SUBMIT_EACH: Duration = Duration::from_millis(100);
const LATENCY: Duration = Duration::from_millis(500);
/// How long after a cable is put back what it held may still arrive.
const RELEASED: Duration = Duration::from_secs(3);

fn conditions() -> Conditions {
    Conditions { limits: "40/1s", request_timeout: Duration::from_secs(3), ..Conditions::rough() }
}

/// The base with limits and times of a test, and the simulator's address: variables, beside those that it has.
fn documents() -> Vec<Value> {
    let mut kustomization = "\
apiVersion: kustomize.config.k8s.io/v1beta1
kind: Kustomization
resources: [../../base]
patches:
  - target: {kind: Deployment}
    patch: |-
      - {op: add, path: /spec/template/spec/containers/0/envFrom, value: [{configMapRef: {name: antre-test}}]}
configMapGenerator:
  - name: antre-test
    literals:
"
    .to_owned();
    let at = format!("http://{}", Network::node(XENDIT_PORT));
    let variables = conditions().environment().into_iter().chain([("XENDIT_BASE_URL", at)]);
    for (name, value) in variables {
        writeln!(kustomization, "      - {name}={value}").unwrap();
    }
    combined(&kustomization).unwrap()
}

/// What a person makes as docs/pods.md tells.
fn secrets(key: &str) -> Secrets {
    node::secrets(key, format!("redis://{}", Network::node(REDIS_PORT)))
}

/// Everything that runs on the node, and what pods are made of.
struct Stage<'a> {
    network: &'a Network,
    cluster: Cluster,
    documents: Vec<Value>,
    secrets: Secrets,
}

impl<'a> Stage<'a> {
    async fn set(network: &'a Network) -> Self {
        let cluster =
            Cluster::start(&built_binary("antre").unwrap(), conditions(), AppendFsync::Always)
                .await
                .unwrap();
        cluster.xendit.set_latency(Latency::Constant(LATENCY));
        let redis = cluster.primary.lock().await.path();
        relay(REDIS_PORT, move || UnixStream::connect(redis.clone()));
        let xendit = cluster.xendit.address();
        relay(XENDIT_PORT, move || TcpStream::connect(xendit));
        Self { network, cluster, documents: documents(), secrets: secrets(TEST_KEY) }
    }

    fn start(&self, deployment: &str) -> Pod {
        Pod::start(&self.documents, deployment, self.network, &self.secrets, None)
    }

    async fn ready(&self, deployment: &str) -> Pod {
        let mut pod = self.start(deployment);
        pod.until_ready(true).await;
        pod
    }

    /// Submits bills for ever, as billing systems do.
    async fn produce(&self) {
        for number in 0_u32.. {
            self.cluster.submit(&[Bill::new(format!("INV-{number}"))]).await.unwrap();
            pass(SUBMIT_EACH).await;
        }
    }

    /// Waits until so many more jobs are done.
    async fn until_more_are_done(&self, more: u64) {
        let before = self.cluster.queue.status().await.unwrap().totals.done;
        let what = format!("{more} more jobs are done");
        self.cluster.until(&what, |status| status.totals.done >= before + more).await.unwrap();
    }
}

/// Passes connections on from a port of the node, which is what pods can reach. On a thread of its own: requests are
/// timed at the other end.
fn relay<
    S: AsyncRead + AsyncWrite + Unpin + Send + 'static,
    C: Future<Output = std::io::Result<S>> + Send + 'static,
>(
    port: u16,
    connect: impl Fn() -> C + Send + 'static,
) {
    let listener = std::net::TcpListener::bind(Network::node(port)).unwrap();
    listener.set_nonblocking(true).unwrap();
    std::thread::spawn(move || {
        runtime().block_on(async {
            let listener = TcpListener::from_std(listener).unwrap();
            while let Ok((mut client, _)) = listener.accept().await {
                client.set_nodelay(true).unwrap();
                let server = connect();
                tokio::spawn(
                    async move { copy_bidirectional(&mut client, &mut server.await?).await },
                );
            }
        });
    });
}

/// Waits until nothing is left to do, and lets the checker look: nothing lost, nothing twice, windows kept, all done.
async fn verify(stage: &Stage<'_>, blurs: Vec<Range<u64>>) {
    stage.cluster.drain(PATIENCE).await.unwrap();
    let rules = Rules { blurs, is_all_done: true, ..Rules::strict(conditions().limits).unwrap() };
    let violations = stage.cluster.check(&rules).await.unwrap();
    assert!(violations.is_empty(), "{}", describe(&violations));
}

async fn scaling(serve: &Pod) -> Value {
    container::json(&serve.get("/scaling", Some(TOKEN)).await)
}

/// A rollout as the Deployment's strategy has it: a new pod serves before an old one is told to stop.
async fn roll(stage: &Stage<'_>, workers: Vec<Pod>) -> Vec<Pod> {
    let mut new = Vec::new();
    for old in workers {
        new.push(stage.ready("antre-worker").await);
        stage.until_more_are_done(10).await;
        old.stop().await;
    }
    new
}

/// A pod whose secret holds another account's key is never ready, says why, and takes nothing.
async fn mislead(stage: &Stage<'_>) {
    let wrong = secrets(&format!("{TEST_KEY}_of_another"));
    let pod = Pod::start(&stage.documents, "antre-worker", stage.network, &wrong, None);
    eventually(PATIENCE, "the pod says that its key is not the account's", async || {
        pod.get_inside("/readyz")
            .await
            .is_some_and(|(_, text)| text.contains("was not shown to be the account's"))
    })
    .await
    .unwrap();
    stage.until_more_are_done(10).await;
    assert!(!pod.is_ready().await && pod.is_live().await, "{}", pod.output());
    pod.stop().await;
}

/// A pod that is cut off is not ready, from outside and from inside; the others go on. Returns when it was put back.
async fn cut_off(stage: &Stage<'_>, pod: &mut Pod) -> u64 {
    pod.cable.pull();
    pod.until_ready(false).await;
    eventually(PATIENCE, "the pod itself says that it does not serve", async || {
        pod.get_inside("/readyz").await.is_some_and(|(status, _)| status == 503)
    })
    .await
    .unwrap();
    // A new process would not help, so nobody is to start one.
    assert_eq!(pod.get_inside("/healthz").await.unwrap().0, 200);
    stage.until_more_are_done(20).await;
    let put_back_us = stage.cluster.now_us();
    pod.cable.put_back();
    pod.until_ready(true).await;
    put_back_us
}

/// Without any worker, `antre serve` still tells what there is to do; a new worker does it.
async fn scale_to_zero_and_back(stage: &Stage<'_>, serve: &Pod, workers: Vec<Pod>) -> Pod {
    for worker in workers {
        worker.stop().await;
    }
    let late: Vec<Bill> = (0..3).map(|number| Bill::new(format!("LATE-{number}"))).collect();
    stage.cluster.submit(&late).await.unwrap();
    // A heartbeat that the pulled cable held back may come now, and counts for 15 s.
    let idle = eventually(PATIENCE, "nobody knows how long a job waits", async || {
        // Who asks for it asks again when Redis was slow for once.
        let answer = serve.get("/scaling", Some(TOKEN)).await;
        if answer.0 != 200 {
            return Err(answer.1);
        }
        let said = container::json(&answer);
        if said["estimated_wait_s"].is_null() { Ok(Some(said)) } else { Err(said.to_string()) }
    });
    let idle = idle.await.unwrap();
    assert!(idle["unfinished"].as_u64().unwrap() >= 3, "{idle}");
    // From what the workers have remembered.
    assert!(idle["useful_workers"].as_u64().unwrap() >= 4, "{idle}");
    let health = container::json(&serve.get("/rate-limiter/health", Some(TOKEN)).await);
    assert!(health["queue_health"]["reasons"].to_string().contains("no_worker"), "{health}");
    assert!(serve.is_ready().await);
    stage.ready("antre-worker").await
}

/// Every metric of the alerts is one that `antre serve` or a worker shows.
async fn look_at_metrics(serve: &Pod, worker: &Pod) {
    let mut shown = String::new();
    for pod in [serve, worker] {
        shown.push_str(&pod.get("/metrics", Some(TOKEN)).await.1);
    }
    for metric in alerts::metrics() {
        let is_shown = shown.lines().any(|line| {
            line.starts_with(&format!("{metric}{{")) || line.starts_with(&format!("{metric} "))
        });
        assert!(is_shown, "nobody shows {metric}");
    }
}

#[test]
fn pods_are_rolled_over_cut_off_and_scaled_to_zero_without_a_bill_lost_or_made_twice() {
    on_node(async |network| {
        let stage = &Stage::set(network).await;
        let serve = stage.ready("antre-serve").await;
        // Nothing was ever measured: 40 a second of 1 s each, in 5 places.
        let unmeasured =
            json!({"useful_workers": 8, "waiting": 0, "unfinished": 0, "estimated_wait_s": null});
        assert_eq!(scaling(&serve).await, unmeasured);
        assert_eq!(serve.get("/scaling", None).await.0, 401);
        let course = async {
            let mut workers =
                vec![stage.ready("antre-worker").await, stage.ready("antre-worker").await];
            stage.until_more_are_done(20).await;
            look_at_metrics(&serve, &workers[0]).await;
            workers = roll(stage, workers).await;
            mislead(stage).await;
            let put_back_us = cut_off(stage, &mut workers[0]).await;
            stage.until_more_are_done(20).await;
            for pod in workers.iter().chain([&serve]) {
                pod.assert_confined();
            }
            (workers, put_back_us)
        };
        let (workers, put_back_us) = tokio::select! {
            done = course => done,
            () = stage.produce() => unreachable!("it submits for ever"),
        };
        let worker = scale_to_zero_and_back(stage, &serve, workers).await;
        let released = u64::try_from(RELEASED.as_micros()).unwrap();
        let released = put_back_us..put_back_us + released;
        verify(stage, Vec::from([released])).await;
        worker.stop().await;
        serve.stop().await;
    });
}
