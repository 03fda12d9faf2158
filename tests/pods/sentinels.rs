//! `overlays/ha` as it is written: three servers, each with its Sentinel, and two workers. A primary that dies is
//! replaced, the workers follow, it comes back as a replica, and what was written is there; all restarted at once with
//! other passwords, they know who was in charge.

use std::fmt::Write as _;
use std::fs::Permissions;
use std::os::unix::fs::{PermissionsExt as _, chown};
use std::path::PathBuf;
use std::time::Duration;

use antre_testkit::eventually;
use antre_tests::chaos::conditions::Conditions;
use antre_tests::fleet::TEST_KEY;
use antre_tests::machine::{
    Cable, Contained, Network, ROOT, ReadOnlyRoot, Rights, Sandbox, outcome, text,
};
use serde_json::{Value, json};
use tempfile::TempDir;
use xendit_sim::{Options, Running, Simulator};

use crate::container::Pod;
use crate::kustomize::{all, combined, find, items_at, text_at};
use crate::node::{XENDIT_PORT, on_node, secrets};

const PATIENCE: Duration = Duration::from_mins(3);

/// The passwords that docs/pods.md tells to make.
#[derive(Clone)]
struct Passwords {
    worker: String,
    replica: String,
    sentinel: String,
}

impl Passwords {
    fn made(time: &str) -> Self {
        let of = |user: &str| format!("{user}-{time}");
        Self { worker: of("worker"), replica: of("replica"), sentinel: of("sentinel") }
    }

    /// Returns the files of the Secret, as the page's lines make them.
    fn files(&self) -> [(&'static str, String); 2] {
        let page = page();
        let (_, rest) = page.split_once("<<USERS\n").unwrap();
        let (users, _) = rest.split_once("USERS\n").unwrap();
        let users = users
            .replace("$worker", &self.worker)
            .replace("$replica", &self.replica)
            .replace("$sentinel", &self.sentinel);
        let replication = format!("masteruser antre-replica\nmasterauth {}\n", self.replica);
        [("users.acl", users), ("replication.conf", replication)]
    }

    /// Returns the address of Redis, as the page's line makes it.
    fn url(&self) -> String {
        let page = page();
        let after = |before: &str, end: char| {
            let (_, rest) = page.split_once(before).unwrap();
            rest.split_once(end).unwrap().0.to_owned()
        };
        let sentinels = after("\nsentinels=", '\n');
        let url = after("--from-literal=url=\"redis-sentinel", '"');
        let url = url.replace("$worker", &self.worker).replace("$sentinels", &sentinels);
        format!("redis-sentinel{url}")
    }
}

fn page() -> String {
    std::fs::read_to_string(ROOT.to_owned() + "/docs/pods.md").unwrap()
}

/// One pod: a Redis and a Sentinel that share a volume.
struct Member {
    // Declared first: they end before their network and files go.
    processes: Vec<Contained>,
    cable: Cable,
    name: String,
    data: TempDir,
}

struct Set<'a> {
    documents: Vec<Value>,
    members: Vec<Member>,
    shown: TempDir,
    network: &'a Network,
}

/// The overlay with short times and the simulator's address: variables, beside those that it has.
fn documents() -> Vec<Value> {
    let mut kustomization = "\
apiVersion: kustomize.config.k8s.io/v1beta1
kind: Kustomization
resources: [../ha]
patches:
  - target: {kind: Deployment}
    patch: |-
"
    .to_owned();
    let at = format!("http://{}", Network::node(XENDIT_PORT));
    let kept = |(name, _): &(&str, String)| *name != "ANTRE_DURABILITY";
    let variables = Conditions::rough().environment().into_iter().filter(kept);
    for (name, value) in variables.chain([("XENDIT_BASE_URL", at)]) {
        let variable = json!({ "name": name, "value": value });
        let add = json!({ "op": "add", "path": "/spec/template/spec/containers/0/env/-", "value": variable });
        writeln!(kustomization, "      - {add}").unwrap();
    }
    combined(&kustomization).unwrap()
}

impl<'a> Set<'a> {
    fn plug_in(network: &'a Network) -> Self {
        let documents = documents();
        let replicas = find(&documents, "StatefulSet", "antre-redis")["spec"]["replicas"].as_u64();
        let members: Vec<Member> = (0..replicas.unwrap())
            .map(|number| {
                let data = owned_folder();
                let name = format!("antre-redis-{number}");
                Member { processes: Vec::new(), cable: network.plug(), name, data }
            })
            .collect();
        let shown = owned_folder();
        let lines =
            members.iter().map(|it| format!("{} {}.antre-redis\n", it.cable.address, it.name));
        std::fs::write(shown.path().join("hosts"), lines.collect::<String>()).unwrap();
        Self { documents, members, shown, network }
    }

    fn pod(&self) -> &Value {
        &find(&self.documents, "StatefulSet", "antre-redis")["spec"]["template"]["spec"]
    }

    /// Returns the folder of a volume that is only read.
    fn folder(&self, name: &str, files: impl IntoIterator<Item = (String, String)>) -> PathBuf {
        let folder = self.shown.path().join(name);
        std::fs::create_dir_all(&folder).unwrap();
        for (name, text) in files {
            std::fs::write(folder.join(name), text).unwrap();
        }
        folder
    }

    /// Runs the pod `number` as the YAML has it: first what prepares it, then both containers.
    async fn start(&mut self, number: usize, passwords: &Passwords) {
        let map = all(&self.documents, "ConfigMap")
            .find(|it| text_at(it, "/metadata/name").starts_with("antre-redis-config"))
            .unwrap();
        let texts = map["data"].as_object().unwrap().iter();
        let config = self.folder(
            "config",
            texts.map(|(name, text)| (name.clone(), text.as_str().unwrap().to_owned())),
        );
        let users =
            self.folder("users", passwords.files().map(|(name, text)| (name.to_owned(), text)));
        let pod = self.pod().clone();
        let member = &self.members[number];
        let start = |container: &Value| {
            let mut sandbox = Sandbox::in_pod(&member.cable, &member.name, rights(&pod, container));
            sandbox.show(&self.shown.path().join("hosts"), "/etc/hosts");
            for variable in items_at(container, "/env") {
                assert_eq!(text_at(variable, "/valueFrom/secretKeyRef/key"), "sentinel-password");
                sandbox.variable(text_at(variable, "/name"), &passwords.sentinel);
            }
            let temporary = member.data.path().join("temporary");
            for mount in items_at(container, "/volumeMounts") {
                let at = text_at(mount, "/mountPath");
                match text_at(mount, "/name") {
                    "data" => sandbox.lend(&member.data.path().join("data"), at),
                    "temporary" => sandbox.lend(&temporary, at),
                    "config" => sandbox.show(&config, at),
                    "users" => sandbox.show(&users, at),
                    other => unreachable!("no volume {other}"),
                }
            }
            let words = items_at(container, "/command")
                .iter()
                .map(|word| word.as_str().unwrap().to_owned());
            sandbox.start(ReadOnlyRoot::Yes, &words.collect::<Vec<_>>())
        };
        for container in items_at(&pod, "/initContainers") {
            let mut preparing = start(container);
            let status = preparing.wait(PATIENCE).await;
            assert!(status.success(), "{}", preparing.output());
        }
        self.members[number].processes = items_at(&pod, "/containers").iter().map(start).collect();
    }

    /// Starts a pod of a worker and waits until it serves.
    async fn worker(&self, passwords: &Passwords) -> Pod {
        let secrets = secrets(TEST_KEY, passwords.url());
        let hosts = self.shown.path().join("hosts");
        let mut pod =
            Pod::start(&self.documents, "antre-worker", self.network, &secrets, Some(&hosts));
        pod.until_ready(true).await;
        pod
    }

    /// Submits a bill to a server and waits for what became of it.
    fn bill(&self, number: usize, passwords: &Passwords, external_id: &str) {
        let job = format!(r#"{{"invoice":{{"external_id":"{external_id}","amount":350000}}}}"#);
        let submit = format!("xadd antre:{{default}}:inbox NOMKSTREAM * job {job}");
        let id = self.ask_redis(number, passwords, &submit);
        let result = format!("antre:{{default}}:result:{}", id.trim());
        let wait = format!("blmove {result} {result} LEFT LEFT {}", PATIENCE.as_secs());
        let answer = self.ask_redis(number, passwords, &wait);
        assert!(answer.contains(r#""state":"done""#), "{external_id}: {id}: {answer}");
    }

    /// Asks a server or a Sentinel, from inside of its pod.
    fn ask(&self, number: usize, arguments: &str) -> String {
        let network = format!("--net=/run/netns/{}", self.members[number].cable.namespace);
        let words = [network.as_str(), "redis-cli"].into_iter().chain(arguments.split(' '));
        text(&outcome("nsenter", &words.collect::<Vec<_>>()))
    }

    fn ask_redis(&self, number: usize, passwords: &Passwords, words: &str) -> String {
        let user = format!("--no-auth-warning --user antre-worker --pass {}", passwords.worker);
        self.ask(number, &format!("{user} {words}"))
    }

    /// Returns who is in charge, as the Sentinel of a pod knows.
    fn in_charge(&self, number: usize) -> Option<usize> {
        let said = self.ask(number, "-p 26379 sentinel get-master-addr-by-name mymaster");
        let name = said.lines().next()?.split('.').next()?.to_owned();
        self.members.iter().position(|member| member.name == name)
    }

    /// Waits until these Sentinels agree on a primary, the others follow it, and a fail-over is possible.
    async fn until_sound(&self, passwords: &Passwords) -> usize {
        eventually(PATIENCE, "a primary, its replicas and a quorum", async || {
            let primary = self.in_charge(0).ok_or("nobody is in charge")?;
            let replication = self.ask_redis(primary, passwords, "info replication");
            let is_followed =
                replication.contains("role:master") && replication.contains("connected_slaves:2");
            // Only what a Sentinel has seen can follow: it looks each ten seconds.
            let are_seen = (0..self.members.len()).all(|number| {
                let seen = self.ask(number, "-p 26379 sentinel replicas mymaster");
                let quorum = self.ask(number, "-p 26379 sentinel ckquorum mymaster");
                self.in_charge(number) == Some(primary)
                    && seen.matches("master-link-status\nok").count() == 2
                    && quorum.starts_with("OK 3")
            });
            if is_followed && are_seen { Ok(Some(primary)) } else { Err(replication) }
        })
        .await
        .unwrap()
    }
}

/// Returns a folder with one for each volume, which the user of the image may write.
fn owned_folder() -> TempDir {
    let folder = TempDir::new().unwrap();
    std::fs::set_permissions(folder.path(), Permissions::from_mode(0o755)).unwrap();
    for name in ["data", "temporary"] {
        let path = folder.path().join(name);
        std::fs::create_dir(&path).unwrap();
        chown(&path, Some(999), Some(999)).unwrap();
    }
    folder
}

fn rights(pod: &Value, container: &Value) -> Rights {
    let number =
        |name: &str| u32::try_from(pod["securityContext"][name].as_u64().unwrap()).unwrap();
    Rights {
        user: number("runAsUser"),
        group: number("runAsGroup"),
        volumes_group: number("fsGroup"),
        drops_all: container["securityContext"]["capabilities"]["drop"][0] == "ALL",
        may_gain: container["securityContext"]["allowPrivilegeEscalation"] != false,
    }
}

async fn xendit() -> Running {
    let listen = Network::node(XENDIT_PORT);
    Simulator::start(Options { listen, ..Options::default() }).await.unwrap()
}

#[test]
fn a_primary_that_dies_is_replaced_workers_follow_and_a_restart_of_all_changes_nothing() {
    on_node(async |network| {
        let xendit = xendit().await;
        let first = Passwords::made("first");
        let mut set = Set::plug_in(network);
        for number in 0..set.members.len() {
            set.start(number, &first).await;
        }
        assert_eq!(set.until_sound(&first).await, 0);
        let mut workers = [set.worker(&first).await, set.worker(&first).await];
        set.bill(0, &first, "INV-before");
        assert_eq!(set.ask_redis(0, &first, "set antre:x kept").trim(), "OK");
        assert_eq!(set.ask_redis(0, &first, "wait 2 10000").trim(), "2");
        set.members[0].processes.clear();
        let primary = eventually(PATIENCE, "another is in charge", async || {
            set.in_charge(1).filter(|primary| *primary != 0 && set.in_charge(2) == Some(*primary))
        });
        let primary = primary.await.unwrap();
        set.bill(primary, &first, "INV-after");
        for worker in &mut workers {
            worker.until_ready(true).await;
        }
        set.start(0, &first).await;
        assert_eq!(set.until_sound(&first).await, primary);
        for worker in workers {
            worker.stop().await;
        }
        // All at once, with other passwords.
        for member in &mut set.members {
            member.processes.clear();
        }
        let second = Passwords::made("second");
        for number in 0..set.members.len() {
            set.start(number, &second).await;
        }
        assert_eq!(set.until_sound(&second).await, primary);
        for number in 0..set.members.len() {
            assert_eq!(set.ask_redis(number, &second, "get antre:x").trim(), "kept");
        }
        let _worker = set.worker(&second).await;
        set.bill(primary, &second, "INV-restarted");
        for external_id in ["INV-before", "INV-after", "INV-restarted"] {
            assert_eq!(xendit.invoices(external_id).len(), 1, "{external_id}");
        }
    });
}
