//! `deploy/compose.yaml`: docker-compose takes it, and what it runs is run as it is written, but for the network: all
//! services stand in one, where their names are this machine's.

use std::fs::Permissions;
use std::os::unix::fs::{PermissionsExt as _, chown};
use std::path::{Path, PathBuf};

use antre_tests::machine::{Contained, ROOT, outcome, run, text};
use serde_json::Value;
use tempfile::TempDir;

use crate::debian::Debian;
use crate::image::Image;
use crate::process::{Process, first_link};
use crate::stage::{KEY, Stage, XENDIT};

const PASSWORD: &str = "a-password-of-the-tests";
const TOKEN: &str = "a-token-of-the-tests-0123456789";
const SECRETS: [(&str, &str); 3] =
    [("xendit-key", KEY), ("redis-password", PASSWORD), ("http-token", TOKEN)];

/// A copy of the files, with secrets as docs/installing.md makes them.
struct Project(TempDir);

impl Project {
    fn copy() -> Self {
        let place = tempfile::tempdir().unwrap();
        let from = Path::new(ROOT).join("deploy");
        std::fs::copy(from.join("compose.yaml"), place.path().join("compose.yaml")).unwrap();
        std::fs::create_dir(place.path().join("secrets")).unwrap();
        for (name, secret) in SECRETS {
            let file = place.path().join("secrets").join(name);
            std::fs::write(&file, format!("{secret}\n")).unwrap();
            std::fs::set_permissions(file, Permissions::from_mode(0o444)).unwrap();
        }
        Self(place)
    }

    fn path(&self, name: &str) -> PathBuf {
        self.0.path().join(name)
    }

    /// Returns what docker-compose makes of the file.
    ///
    /// # Errors
    /// What it says against it.
    fn read(&self) -> Result<Value, String> {
        let file = self.path("compose.yaml").display().to_string();
        let said =
            outcome("docker-compose", &["--file", &file, "--profile", "monitoring", "config"]);
        if !said.status.success() {
            return Err(text(&said));
        }
        let made = self.path("made.yaml");
        std::fs::write(&made, &said.stdout).unwrap();
        let program =
            "import json, sys, yaml; print(json.dumps(yaml.safe_load(open(sys.argv[1]))))";
        let json = run("/usr/bin/python3", &["-c", program, &made.display().to_string()]);
        Ok(serde_json::from_str(&json).unwrap())
    }
}

#[test]
fn docker_compose_takes_the_file_and_no_broken_one() {
    let project = Project::copy();
    let services = project.read().unwrap()["services"].clone();
    let names: Vec<&String> = services.as_object().unwrap().keys().collect();
    assert_eq!(names, ["prometheus", "redis", "serve", "worker"]);
    assert_eq!(services["worker"]["deploy"]["replicas"], 2);
    assert_eq!(services["worker"]["stop_grace_period"], "30s");
    for (name, service) in services.as_object().unwrap() {
        assert_eq!(service["read_only"], true, "{name}");
        assert_eq!(service["cap_drop"][0], "ALL", "{name}");
        for port in service["ports"].as_array().into_iter().flatten() {
            assert!(
                port.to_string().contains("127.0.0.1"),
                "{name} can be reached from outside: {port}"
            );
        }
    }
    let right = std::fs::read_to_string(project.path("compose.yaml")).unwrap();
    for (from, to) in [
        ("replicas: 2", "replicas: two"),
        ("stop_grace_period: 30s", "stop_grace: 30s"),
        ("read_only: true", "read_only: perhaps"),
    ] {
        std::fs::write(project.path("compose.yaml"), right.replace(from, to)).unwrap();
        assert!(project.read().is_err(), "{to} was taken");
    }
}

/// Returns a service as a process in this root, and its words. Volumes are folders of the test.
fn service(
    project: &Project,
    services: &Value,
    name: &str,
    (root, user, entry_point): (&Path, &str, &[&str]),
) -> (Process, Vec<String>) {
    let service = &services[name];
    let mut process = Process::within(root).user(service["user"].as_str().unwrap_or(user));
    if service["read_only"] == true {
        process = process.read_only();
    }
    for (name, value) in service["environment"].as_object().into_iter().flatten() {
        process = process.variable(name, value.as_str().unwrap());
    }
    for secret in service["secrets"].as_array().into_iter().flatten() {
        let name = secret["source"].as_str().or(secret.as_str()).unwrap();
        process =
            process.mount(&project.path("secrets").join(name), &format!("/run/secrets/{name}"));
    }
    let command = service["command"].as_array().unwrap().iter().map(|word| word.as_str().unwrap());
    // docker-compose writes a dollar twice for whoever reads its file next.
    let words = entry_point.iter().copied().chain(command).map(|word| word.replace("$$", "$"));
    (process.mount(&project.path("hosts"), "/etc/hosts"), words.collect())
}

fn start(stage: &Stage, (process, words): (Process, Vec<String>)) -> Contained {
    process.start(stage, &words.iter().map(String::as_str).collect::<Vec<_>>())
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn its_services_deliver_a_first_link() {
    let stage = Stage::set().await;
    let (debian, image, project) = (Debian::fresh(), Image::load(), Project::copy());
    std::fs::write(project.path("hosts"), "127.0.0.1 localhost redis\n").unwrap();
    let data = project.path("data");
    std::fs::create_dir(&data).unwrap();
    chown(&data, Some(999), Some(999)).unwrap();
    let services = project.read().unwrap()["services"].clone();
    let user = image.setting("User");
    let antre =
        |name| service(&project, &services, name, (&image.root, &user, &["/usr/bin/antre"]));

    // Debian's Redis and shell stand for those of the image, which is Debian's as well.
    let (redis, words) = service(&project, &services, "redis", (&debian.root, "999:999", &[]));
    let _redis = start(&stage, (redis.mount(&data, "/data"), words));
    let (worker, words) = antre("worker");
    let _worker = start(
        &stage,
        (
            worker
                .variable("ANTRE_BASE_URL", &format!("http://{XENDIT}"))
                .variable("ANTRE_HTTP_LISTEN", "127.0.0.1:8090"),
            words,
        ),
    );
    let _serve = start(&stage, antre("serve"));

    first_link(&stage, || antre("worker").0).await;

    let shell = |line: String| {
        let (process, stage) = (Process::within(&debian.root), &stage);
        async move { process.run(stage, &["bash", "-euc", &line], "").await.unwrap() }
    };
    let redis = |words: &str| shell(format!("REDISCLI_AUTH={PASSWORD} redis-cli {words}"));
    assert!(redis("config get appendonly").await.contains("yes"));
    assert!(redis("config get maxmemory-policy").await.contains("noeviction"));
    assert!(data.join("appendonlydir").is_dir(), "the volume is not used");
    let metrics = |rights: &str| {
        let request =
            format!("GET /metrics HTTP/1.0\\r\\nHost: 127.0.0.1:8080\\r\\n{rights}\\r\\n");
        shell(format!("exec 3<>/dev/tcp/127.0.0.1/8080; printf '{request}' >&3; cat <&3"))
    };
    assert!(metrics("").await.contains(" 401 "));
    let said = metrics(&format!("Authorization: Bearer {TOKEN}\\r\\n")).await;
    assert!(said.contains("antre_jobs"), "{said}");
}
