//! Runs a pod as the YAML has it, and asks its probes as the kubelet does.

use std::collections::BTreeMap;
use std::fs::Permissions;
use std::io::{Read as _, Write as _};
use std::net::{SocketAddr, TcpStream};
use std::os::unix::fs::{PermissionsExt as _, chown};
use std::path::{Path, PathBuf};
use std::time::Duration;

use antre_testkit::built_binary;
use antre_tests::chaos::moment::pass;
use antre_tests::machine::{Cable, Contained, Network, Rights, Sandbox};
use serde_json::Value;
use tempfile::TempDir;

use crate::kustomize::find;
use crate::written::{self, Probe, Secrets};

/// Where the test puts the image's program.
const PROGRAM: &str = "/run/image/antre";
/// How often the readiness of a new pod is asked for before the test gives up.
const PROBES_MAX: u32 = 30;

/// A running pod.
pub(crate) struct Pod {
    // Declared first: it ends before its network and its files go.
    process: Contained,
    pub(crate) cable: Cable,
    written: written::Pod,
    _files: TempDir,
}

const ANSWER_LIMIT: Duration = Duration::from_secs(10);

/// What an answer was: its status and all of its text.
pub(crate) type Answer = (u16, String);

impl Pod {
    /// Starts a pod of this Deployment; `hosts` stands in for the names of a cluster.
    pub(crate) fn start(
        documents: &[Value],
        deployment: &str,
        network: &Network,
        secrets: &Secrets,
        hosts: Option<&Path>,
    ) -> Self {
        let template = &find(documents, "Deployment", deployment)["spec"]["template"];
        let written: written::Pod = serde_json::from_value(template["spec"].clone()).unwrap();
        let files = TempDir::new().unwrap();
        let volumes = volumes(&written, documents, secrets, files.path());
        let cable = network.plug();
        let container = &written.containers[0];
        let name = format!("{deployment}-{}", cable.namespace);
        let mut sandbox = Sandbox::in_pod(&cable, &name, rights(&written));
        for (name, value) in environment(&written, documents, secrets) {
            sandbox.variable(&name, &value);
        }
        for mount in &container.volume_mounts {
            assert!(mount.read_only, "{} may be written", mount.name);
            sandbox.show(&volumes[&mount.name], &mount.path);
        }
        if let Some(hosts) = hosts {
            sandbox.show(hosts, "/etc/hosts");
        }
        sandbox.show(&built_binary("antre").unwrap(), PROGRAM);
        let is_read_only = container.security_context.read_only_root_filesystem.into();
        let words = [&[PROGRAM.to_owned()], container.args.as_slice()].concat();
        let process = sandbox.start(is_read_only, &words);
        Self { process, cable, written, _files: files }
    }

    fn container(&self) -> &written::Container {
        &self.written.containers[0]
    }

    fn address(&self) -> SocketAddr {
        SocketAddr::from((self.cable.address, self.container().ports[0].container_port))
    }

    /// Asks a probe once, from the node.
    async fn passes(&self, probe: &Probe) -> bool {
        assert_eq!(probe.http_get.port, self.container().ports[0].name);
        let answer = asked(self.address(), &probe.http_get.path, None, probe.timeout()).await;
        // As the kubelet has it: 200 to 399.
        answer.is_some_and(|(status, _)| (200..400).contains(&status))
    }

    /// Returns whether its readiness probe passes now.
    pub(crate) async fn is_ready(&self) -> bool {
        self.passes(&self.container().readiness_probe).await
    }

    /// Returns whether its liveness probe passes now.
    pub(crate) async fn is_live(&self) -> bool {
        self.passes(&self.container().liveness_probe).await
    }

    /// Asks its readiness in its period, until it is as wanted: ready at the first success, not ready after so many
    /// failures as are allowed.
    pub(crate) async fn until_ready(&mut self, wanted: bool) {
        let probe = self.container().readiness_probe.clone();
        let needed = if wanted { 1 } else { probe.failure_threshold };
        let mut in_row = 0;
        for _ in 0..PROBES_MAX {
            in_row = if self.is_ready().await == wanted { in_row + 1 } else { 0 };
            if in_row == needed {
                return;
            }
            assert!(self.process.is_running(), "it has ended: {}", self.process.output());
            pass(probe.period()).await;
        }
        unreachable!("never ready = {wanted}: {}", self.process.output());
    }

    /// Asks a route with the token, from the node.
    pub(crate) async fn get(&self, route: &str, token: Option<&'static str>) -> Answer {
        let answer = asked(self.address(), route, token, ANSWER_LIMIT).await;
        answer.unwrap_or_else(|| unreachable!("{route}: no answer: {}", self.process.output()))
    }

    /// Asks a route from inside of the pod, as `kubectl exec` would; nothing while nobody listens.
    pub(crate) async fn get_inside(&self, route: &'static str) -> Option<Answer> {
        let address = SocketAddr::from(([127, 0, 0, 1], self.address().port()));
        let asked = self.cable.inside(move || ask(address, route, None, ANSWER_LIMIT));
        tokio::task::spawn_blocking(move || asked.join().unwrap()).await.unwrap()
    }

    /// The order to stop, then the time that is given; it must end by itself, and well.
    pub(crate) async fn stop(mut self) {
        self.process.terminate();
        let grace = Duration::from_secs(self.written.termination_grace_period_seconds);
        let status = self.process.wait(grace).await;
        assert!(status.success(), "{status}: {}", self.process.output());
    }

    fn read_of_process(&self, file: &str) -> String {
        let process = self.process.first_process().unwrap();
        std::fs::read_to_string(format!("/proc/{}/{file}", process.as_raw_nonzero())).unwrap()
    }

    /// What runs has the rights that are written, and has stayed below its limit of memory.
    pub(crate) fn assert_confined(&self) {
        let status = self.read_of_process("status");
        let field = |name: &str| -> Vec<&str> {
            let line = status.lines().find_map(|line| line.strip_prefix(name)).unwrap();
            line.split_whitespace().collect()
        };
        let user = self.written.security_context.run_as_user.to_string();
        assert!(self.written.security_context.run_as_non_root && user != "0");
        assert_eq!(field("Uid:"), [user.as_str(); 4]);
        for set in ["CapInh:", "CapPrm:", "CapEff:", "CapBnd:", "CapAmb:"] {
            assert_eq!(field(set), ["0000000000000000"], "{set}");
        }
        assert_eq!(field("NoNewPrivs:"), ["1"]);
        assert_eq!(field("NSpid:").last(), Some(&"1"));
        let peak_bytes = field("VmHWM:")[0].parse::<u64>().unwrap() * 1024;
        let limit = self.container().resources.limits.memory_bytes();
        assert!(peak_bytes < limit, "{peak_bytes} of {limit} bytes");
        let mounts = self.read_of_process("mounts");
        let root = mounts.lines().find(|line| line.split(' ').nth(1) == Some("/")).unwrap();
        assert!(root.split(' ').nth(3).unwrap().split(',').any(|option| option == "ro"), "{root}");
    }

    pub(crate) fn output(&self) -> String {
        self.process.output()
    }
}

/// Returns what is written of the user and the rights.
fn rights(pod: &written::Pod) -> Rights {
    let (security, container) = (&pod.security_context, &pod.containers[0].security_context);
    Rights {
        user: security.run_as_user,
        group: security.run_as_group,
        volumes_group: security.fs_group,
        drops_all: container.capabilities.drop == ["ALL"],
        may_gain: container.allow_privilege_escalation,
    }
}

fn environment(
    pod: &written::Pod,
    documents: &[Value],
    secrets: &Secrets,
) -> BTreeMap<String, String> {
    let container = &pod.containers[0];
    let mut variables = BTreeMap::new();
    for from in &container.env_from {
        let map = find(documents, "ConfigMap", &from.config_map_ref.name);
        let data = map["data"].as_object().unwrap();
        variables.extend(
            data.iter().map(|(name, value)| (name.clone(), value.as_str().unwrap().to_owned())),
        );
    }
    for variable in &container.env {
        let of_secret = |it: &written::ValueFrom| {
            secret(secrets, &it.secret_key_ref.name, &it.secret_key_ref.key)
        };
        let value = variable.value.clone().or_else(|| variable.value_from.as_ref().map(of_secret));
        variables.insert(variable.name.clone(), value.unwrap());
    }
    variables
}

fn secret(secrets: &Secrets, name: &str, key: &str) -> String {
    secrets[name].get(key).unwrap_or_else(|| unreachable!("no key {key} in {name}")).clone()
}

/// Writes each volume into a folder and returns where. Files belong to root and to the pod's group, as there.
fn volumes(
    pod: &written::Pod,
    documents: &[Value],
    secrets: &Secrets,
    place: &Path,
) -> BTreeMap<String, PathBuf> {
    let group = Some(pod.security_context.fs_group);
    let folder_of = |volume: &written::Volume| {
        let folder = place.join(&volume.name);
        std::fs::create_dir(&folder).unwrap();
        let write = |name: &str, text: &str, mode: u32| {
            let path = folder.join(name);
            std::fs::write(&path, text).unwrap();
            std::fs::set_permissions(&path, Permissions::from_mode(mode)).unwrap();
            chown(&path, Some(0), group).unwrap();
        };
        if let Some(map) = &volume.config_map {
            let data = find(documents, "ConfigMap", &map.name)["data"].as_object().unwrap();
            data.iter().for_each(|(name, text)| write(name, text.as_str().unwrap(), 0o644));
        }
        if let Some(projected) = &volume.projected {
            for source in &projected.sources {
                for item in &source.secret.items {
                    let text = secret(secrets, &source.secret.name, &item.key);
                    write(&item.path, &text, projected.default_mode);
                }
            }
        }
        (volume.name.clone(), folder)
    };
    pod.volumes.iter().map(folder_of).collect()
}

/// Asks without keeping others from going on.
async fn asked(
    address: SocketAddr,
    route: &str,
    token: Option<&'static str>,
    limit: Duration,
) -> Option<Answer> {
    let route = route.to_owned();
    tokio::task::spawn_blocking(move || ask(address, &route, token, limit)).await.unwrap()
}

/// Asks once by HTTP; nothing if there is no whole answer in this time.
fn ask(address: SocketAddr, route: &str, token: Option<&str>, limit: Duration) -> Option<Answer> {
    let mut stream = TcpStream::connect_timeout(&address, limit).ok()?;
    stream.set_read_timeout(Some(limit)).ok()?;
    let rights =
        token.map(|token| format!("Authorization: Bearer {token}\r\n")).unwrap_or_default();
    let request = format!(
        "GET {route} HTTP/1.1\r\nHost: {address}\r\nUser-Agent: kube-probe/1.37\r\n{rights}Connection: close\r\n\r\n"
    );
    stream.write_all(request.as_bytes()).ok()?;
    let mut text = String::new();
    stream.read_to_string(&mut text).ok()?;
    Some((text.split(' ').nth(1)?.parse().ok()?, text))
}

/// Returns the JSON in an answer.
pub(crate) fn json((status, text): &Answer) -> Value {
    assert_eq!(*status, 200, "{text}");
    serde_json::from_str(text.split_once("\r\n\r\n").unwrap().1).unwrap()
}
