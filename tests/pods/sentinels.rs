//! `overlays/ha` as it is written: three servers, each with its Sentinel. A primary that dies is replaced, comes back as
//! a replica, and what was written is there; all restarted at once with other passwords, they know who was in charge.

use std::fs::Permissions;
use std::os::unix::fs::{PermissionsExt as _, chown};
use std::path::PathBuf;
use std::time::Duration;

use antre_testkit::eventually;
use antre_tests::machine::{
    Cable, Contained, Network, ROOT, ReadOnlyRoot, Rights, Sandbox, outcome, text,
};
use serde_json::Value;
use tempfile::TempDir;

use crate::kustomize::{all, built, find, items_at, text_at};

const PATIENCE: Duration = Duration::from_secs(90);

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
        let page = std::fs::read_to_string(ROOT.to_owned() + "/docs/pods.md").unwrap();
        let (_, rest) = page.split_once("<<USERS\n").unwrap();
        let (users, _) = rest.split_once("USERS\n").unwrap();
        let users = users
            .replace("$worker", &self.worker)
            .replace("$replica", &self.replica)
            .replace("$sentinel", &self.sentinel);
        let replication = format!("masteruser antre-replica\nmasterauth {}\n", self.replica);
        [("users.acl", users), ("replication.conf", replication)]
    }
}

/// One pod: a Redis and a Sentinel that share a volume.
struct Member {
    // Declared first: they end before their network and files go.
    processes: Vec<Contained>,
    cable: Cable,
    name: String,
    data: TempDir,
}

struct Set {
    documents: Vec<Value>,
    members: Vec<Member>,
    shown: TempDir,
    // Declared last: it goes when the pods are gone.
    _network: Network,
}

impl Set {
    fn plug_in() -> Self {
        let network = Network::make();
        let documents = built("overlays/ha");
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
        Self { documents, members, shown, _network: network }
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

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_primary_that_dies_is_replaced_and_comes_back_as_a_replica_and_a_restart_of_all_changes_nothing()
 {
    let first = Passwords::made("first");
    let mut set = Set::plug_in();
    for number in 0..set.members.len() {
        set.start(number, &first).await;
    }
    assert_eq!(set.until_sound(&first).await, 0);
    assert_eq!(set.ask_redis(0, &first, "set antre:x kept").trim(), "OK");
    assert_eq!(set.ask_redis(0, &first, "wait 2 10000").trim(), "2");
    set.members[0].processes.clear();
    let primary = eventually(PATIENCE, "another is in charge", async || {
        set.in_charge(1).filter(|primary| *primary != 0 && set.in_charge(2) == Some(*primary))
    });
    let primary = primary.await.unwrap();
    set.start(0, &first).await;
    assert_eq!(set.until_sound(&first).await, primary);
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
}
