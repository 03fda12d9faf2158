//! The package in a fresh Debian: installed, given a key, started, upgraded, removed, purged; as README.md tells.

use std::fs::Permissions;
use std::os::unix::fs::PermissionsExt as _;
use std::path::{Path, PathBuf};

use antre_tests::machine::{Contained, ROOT, run, text};
use rustix::process::{Signal, kill_process};
use tempfile::TempDir;

use crate::made::{next_package, package};
use crate::process::Process;
use crate::stage::{KEY, PATIENCE, Stage, XENDIT};
use crate::unit::Unit;

/// A Debian with systemd's tools and Redis, and without a compiler. Nothing runs in it.
pub(crate) struct Debian {
    // Declared first: it ends before its root goes.
    redis: Option<Contained>,
    pub(crate) root: PathBuf,
    _place: TempDir,
}

impl Debian {
    pub(crate) fn fresh() -> Self {
        let place = tempfile::tempdir_in(env!("CARGO_TARGET_TMPDIR")).unwrap();
        let archive = Path::new(ROOT).join("target/tools/packages/debian.tar");
        assert!(archive.is_file(), "there is no Debian; make it: sh deploy/setup.sh packages");
        let root = place.path().join("root");
        std::fs::create_dir(&root).unwrap();
        let [archive, folder] = [&archive, &root].map(|path| path.display().to_string());
        // Devices are the machine's.
        run("tar", &["--extract", "--file", &archive, "--directory", &folder, "--exclude=./dev/*"]);
        // Everybody may pass through to it; only this test knows its name.
        std::fs::set_permissions(place.path(), Permissions::from_mode(0o755)).unwrap();
        std::fs::write(root.join("etc/hosts"), "127.0.0.1 localhost\n").unwrap();
        Self { redis: None, root, _place: place }
    }

    pub(crate) fn with_package(package: &Path) -> Self {
        let debian = Self::fresh();
        std::fs::copy(package, debian.root.join("srv").join(package.file_name().unwrap())).unwrap();
        debian
    }

    /// Runs a shell's line as root to its end; it must succeed.
    pub(crate) async fn sh(&self, stage: &Stage, line: &str) -> String {
        self.sh_with(stage, line, "").await
    }

    async fn sh_with(&self, stage: &Stage, line: &str, input: &str) -> String {
        let process = Process::within(&self.root).variable("DEBIAN_FRONTEND", "noninteractive");
        process.run(stage, &["sh", "-euc", &format!("cd /srv; {line}")], input).await
    }

    /// Starts Debian's Redis as it is configured, on its usual port.
    async fn start_redis(&mut self, stage: &Stage) {
        let words = ["redis-server", "/etc/redis/redis.conf", "--daemonize", "no", "--logfile", ""];
        self.redis = Some(Process::within(&self.root).start(stage, &words));
        self.sh(stage, "until redis-cli ping 2>&1 | grep -q PONG; do sleep 0.1; done").await;
    }

    pub(crate) fn has(&self, path: &str) -> bool {
        self.root.join(path.trim_start_matches('/')).symlink_metadata().is_ok()
    }

    fn write(&self, path: &str, text: &str) {
        std::fs::write(self.root.join(path.trim_start_matches('/')), text).unwrap();
    }
}

/// Returns the commands below README.md's heading `Install`, without `sudo`: who runs them is root.
fn readme_commands() -> Vec<String> {
    let readme = std::fs::read_to_string(Path::new(ROOT).join("README.md")).unwrap();
    let (_, rest) = readme.split_once("\n## Install\n").unwrap();
    let (section, _) = rest.split_once("\n## ").unwrap();
    let blocks = section.split("```shell\n").skip(1).filter_map(|rest| rest.split("```").next());
    let lines = blocks.flat_map(str::lines).map(|line| line.replace("sudo ", ""));
    lines.collect()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn three_commands_of_the_readme_lead_to_the_first_link() {
    let stage = Stage::set().await;
    let package = package();
    let mut debian = Debian::with_package(&package);
    let commands = readme_commands();
    let [install, key, enable, enqueue] = commands.as_slice() else {
        unreachable!("README.md has other commands: {commands:#?}");
    };
    // The package's name is the release's there.
    let name = package.file_name().unwrap().to_str().unwrap();
    assert!(install.contains(name), "README.md names another package than {name}");
    debian.sh(&stage, install).await;
    debian.start_redis(&stage).await;
    let unit = Unit::installed(&debian.root, "antre.service");
    assert!(!unit.may_start() && !debian.has("/etc/systemd/system/multi-user.target.wants/antre.service"));
    debian.sh_with(&stage, key, &format!("{KEY}\n")).await;
    let mode = std::fs::metadata(debian.root.join("etc/antre/xendit.key")).unwrap().permissions();
    assert_eq!(mode.mode() & 0o777, 0o600);
    // Without a running systemd it does what it can: the service starts with the machine.
    assert_eq!(enable, "systemctl enable --now antre");
    debian.sh(&stage, "systemctl enable antre").await;
    assert!(debian.has("/etc/systemd/system/multi-user.target.wants/antre.service"));
    debian.write("/etc/antre/environment", &format!("ANTRE_BASE_URL=http://{XENDIT}\n"));
    let mut service = unit.start(&stage);
    let said = debian.sh(&stage, enqueue).await;
    assert!(said.contains("https://"), "no link: {said}");
    let first = service.process.first_process().unwrap();
    kill_process(first, Signal::TERM).unwrap();
    service.hear("STOPPING=1");
    assert!(service.process.wait(PATIENCE).await.success());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_upgrade_keeps_what_was_written_and_a_purge_leaves_nothing() {
    let stage = Stage::set().await;
    let mut debian = Debian::with_package(&package());
    debian.sh(&stage, "dpkg --install ./antre_*.deb; systemctl enable antre antre@2").await;
    debian.start_redis(&stage).await;
    debian.write("/etc/antre/xendit.key", KEY);
    debian.write("/etc/antre/antre.toml", "[accounts.default]\nsecret_key_file = \"/etc/antre/xendit.key\"\nbase_url = \"http://127.0.0.1:8900\"\n");
    debian.write("/etc/antre/environment", "ANTRE_LOG=info\n");
    let checked = debian.sh(&stage, "antre check").await;
    assert!(checked.contains("default: test key"), "it reads /etc/antre/antre.toml: {checked}");

    let next = next_package();
    std::fs::copy(&next, debian.root.join("srv/next.deb")).unwrap();
    debian.sh(&stage, "dpkg --install ./next.deb").await;
    let version = debian.sh(&stage, "dpkg-query --show --showformat '${Version}' antre").await;
    assert!(next.display().to_string().contains(&version), "{version}");
    debian.sh(&stage, "antre check && systemctl is-enabled antre antre@2").await;
    assert!(Unit::installed(&debian.root, "antre.service").may_start());

    debian.sh(&stage, "dpkg --remove antre").await;
    assert!(!debian.has("/usr/bin/antre") && !debian.has("/usr/lib/systemd/system/antre.service"));
    assert!(debian.has("/etc/antre/antre.toml") && debian.has("/etc/antre/xendit.key"));

    debian.sh(&stage, "dpkg --purge antre; rm /srv/*.deb").await;
    let left = debian.sh(&stage, "find / -xdev -name '*antre*' -not -path '/proc/*' -not -path '/dev/*'").await;
    assert_eq!(left, "");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_service_follows_its_files_and_ends_for_good_when_they_are_wrong() {
    let stage = Stage::set().await;
    let mut debian = Debian::with_package(&package());
    debian.sh(&stage, "dpkg --install ./antre_*.deb").await;
    debian.start_redis(&stage).await;
    debian.write("/etc/antre/xendit.key", KEY);
    debian.write("/etc/antre/environment", &format!("ANTRE_BASE_URL=http://{XENDIT}\n"));

    // All three at once: none takes another's address.
    let units = ["antre.service", "antre@2.service", "antre-serve.service"];
    let services = units.map(|name| (Unit::installed(&debian.root, name), name));
    for (unit, name) in &services {
        let mut service = unit.start(&stage);
        assert_eq!(unit.one("ExecReload"), "/bin/kill -HUP $MAINPID", "{name}");
        kill_process(service.process.first_process().unwrap(), Signal::HUP).unwrap();
        service.hear("RELOADING=1");
        service.hear("READY=1");
        service.process.terminate();
        service.hear("STOPPING=1");
        assert!(service.process.wait(PATIENCE).await.success(), "{name}");
    }
    let running: Vec<_> = services.iter().map(|(unit, _)| unit.start(&stage)).collect();
    for port in [8080, 8081] {
        let probe = format!("exec 3<>/dev/tcp/127.0.0.1/{port}; printf 'GET /healthz HTTP/1.0\\r\\n\\r\\n' >&3; cat <&3");
        let words = ["bash", "-euc", &probe];
        let answer = Process::within(&debian.root).run(&stage, &words, "").await;
        assert!(answer.starts_with("HTTP/1.0 200") || answer.starts_with("HTTP/1.1 200"), "{port}: {answer}");
    }
    drop(running);

    debian.write("/etc/antre/environment", "ANTRE_LEASE=never\n");
    for (unit, name) in &services {
        let mut service = unit.launch(&stage);
        let code = service.process.wait(PATIENCE).await.code().unwrap();
        assert_eq!(unit.one("RestartPreventExitStatus"), code.to_string(), "{name}: {}", service.process.output());
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_package_brings_what_a_debian_expects() {
    let stage = Stage::set().await;
    let debian = Debian::with_package(&package());
    debian.sh(&stage, "dpkg --install ./antre_*.deb").await;
    for path in [
        "/usr/share/man/man1/antre.1.gz",
        "/usr/share/man/man1/antre-dead-retry.1.gz",
        "/usr/share/bash-completion/completions/antre",
        "/usr/share/zsh/vendor-completions/_antre",
        "/usr/share/fish/vendor_completions.d/antre.fish",
        "/usr/share/doc/antre/copyright",
        "/usr/share/doc/antre/antre.example.toml",
    ] {
        assert!(debian.has(path), "{path} is missing");
    }
    let offered = "COMP_WORDS=(antre che) COMP_CWORD=1; . /usr/share/bash-completion/completions/antre; \
                   _antre antre che antre; echo \"${COMPREPLY[@]}\"";
    let said = Process::within(&debian.root).run(&stage, &["bash", "-c", offered], "").await;
    assert_eq!(said.trim(), "check");
    // A user without any rights reads the configuration, and no key.
    debian.write("/etc/antre/xendit.key", KEY);
    std::fs::set_permissions(debian.root.join("etc/antre/xendit.key"), Permissions::from_mode(0o600)).unwrap();
    let nobody = Process::within(&debian.root).user("65534:65534");
    let said = text(&nobody.outcome(&stage, &["antre", "status"]));
    assert!(said.contains("nobody listens"), "{said}");
}
