//! A machine with Debian, systemd and Redis, and without a compiler: in a root, a network and namespaces of its own.

use std::fs::Permissions;
use std::os::unix::fs::PermissionsExt as _;
use std::path::{Path, PathBuf};
use std::process::Command;

use antre_testkit::{ChildProcess, eventually};
use antre_tests::machine::{Contained, ROOT, run, tool};
use tempfile::TempDir;
use tokio::runtime::Handle;
use tokio::sync::{Mutex, MutexGuard};
use tokio::task::block_in_place;

use crate::stage::{PATIENCE, Stage};

/// The files of such a machine, as `deploy/setup.sh packages` has made them.
pub(crate) struct Debian {
    pub(crate) root: PathBuf,
    _place: TempDir,
}

impl Debian {
    pub(crate) fn fresh() -> Self {
        let place = tempfile::Builder::new()
            .prefix("debian-")
            .tempdir_in(env!("CARGO_TARGET_TMPDIR"))
            .unwrap();
        let archive = Path::new(ROOT).join("target/tools/packages/debian.tar");
        assert!(archive.is_file(), "there is no Debian; make it: sh deploy/setup.sh packages");
        let root = place.path().join("root");
        std::fs::create_dir(&root).unwrap();
        let [archive, folder] = [&archive, &root].map(|path| path.display().to_string());
        // Devices are the machine's.
        run("tar", &["--extract", "--file", &archive, "--directory", &folder, "--exclude=./dev/*"]);
        // Other users than root pass through.
        std::fs::set_permissions(place.path(), Permissions::from_mode(0o755)).unwrap();
        Self { root, _place: place }
    }
}

/// The machine, switched on. One runs at a time, because two of them would share the control groups of their services.
pub(crate) struct Machine {
    // Declared first: it ends before its files go.
    systemd: Contained,
    files: Debian,
    _alone: MutexGuard<'static, ()>,
}

static ALONE: Mutex<()> = Mutex::const_new(());

impl Machine {
    /// Starts a machine that has these packages in `/srv` and nothing of them installed.
    pub(crate) async fn boot(stage: &Stage, packages: &[&Path]) -> Self {
        let alone = ALONE.lock().await;
        let files = Debian::fresh();
        for package in packages {
            let name = package.file_name().unwrap();
            std::fs::copy(package, files.root.join("srv").join(name)).unwrap();
        }
        let mut command = Command::new(tool("systemd-nspawn"));
        // It belongs to this test alone: the systemd of this machine, if there is one, is told nothing.
        command.args(["--quiet", "--register=no", "--keep-unit", "--boot", "--console=pipe"]);
        let name = files.root.parent().unwrap().file_name().unwrap();
        command.arg(format!("--machine={}", name.display()));
        command.arg(stage.of_a_machine());
        command.arg("--directory").arg(&files.root);
        let machine = Self { systemd: Contained::start(command), files, _alone: alone };
        eventually(PATIENCE, "a running Debian", async || {
            let state = machine.outcome("systemctl is-system-running; redis-cli ping", "").await;
            if state.1.contains("running") && state.1.contains("PONG") {
                Ok(Some(()))
            } else {
                Err(state.1)
            }
        })
        .await
        .unwrap_or_else(|error| unreachable!("{error}: {}", machine.systemd.output()));
        machine
    }

    /// Runs a shell's lines as root with this input; returns whether they succeeded, and all that they wrote.
    async fn outcome(&self, lines: &str, input: &str) -> (bool, String) {
        let Some(first) = self.systemd.first_process() else { return (false, String::new()) };
        let mut command = Command::new(tool("nsenter"));
        command.arg(format!("--target={}", first.as_raw_nonzero()));
        command.args(["--mount", "--uts", "--ipc", "--net", "--pid", "--cgroup", "--root", "--wd"]);
        command.args([
            "env",
            "-i",
            "PATH=/usr/sbin:/usr/bin:/sbin:/bin",
            "DEBIAN_FRONTEND=noninteractive",
        ]);
        command.args(["bash", "-euc", &format!("cd /srv\n{lines}")]);
        let mut child = ChildProcess::start_with_input(command, input.as_bytes()).unwrap();
        let status = child.wait(PATIENCE).await.unwrap();
        (status.success(), child.stdout() + &child.stderr())
    }

    /// Runs a shell's lines as root; they must succeed. Returns all that they wrote.
    pub(crate) async fn sh(&self, lines: &str) -> String {
        self.sh_with(lines, "").await
    }

    pub(crate) async fn sh_with(&self, lines: &str, input: &str) -> String {
        let (succeeded, said) = self.outcome(lines, input).await;
        assert!(succeeded, "{lines}: {said}");
        said
    }

    /// Runs a shell's lines as root until they succeed.
    pub(crate) async fn until_succeeds(&self, lines: &str) {
        eventually(PATIENCE, lines, async || match self.outcome(lines, "").await {
            (true, _) => Ok(Some(())),
            (false, said) => Err(said),
        })
        .await
        .unwrap();
    }

    /// Runs a shell's lines as root; they must fail. Returns all that they wrote.
    pub(crate) async fn fails(&self, lines: &str) -> String {
        let (succeeded, said) = self.outcome(lines, "").await;
        assert!(!succeeded, "{lines}: {said}");
        said
    }

    /// Returns a property of a service as systemd has it now.
    pub(crate) async fn property(&self, service: &str, name: &str) -> String {
        self.sh(&format!("systemctl show --property={name} --value {service}"))
            .await
            .trim()
            .to_owned()
    }

    /// Waits until a property of a service has this value.
    pub(crate) async fn until(&self, service: &str, name: &str, value: &str) {
        eventually(PATIENCE, &format!("{name}={value} of {service}"), async || {
            let found = self.property(service, name).await;
            if found == value { Ok(Some(())) } else { Err(found) }
        })
        .await
        .unwrap();
    }

    pub(crate) fn has(&self, path: &str) -> bool {
        self.path(path).symlink_metadata().is_ok()
    }

    pub(crate) fn write(&self, path: &str, text: &str) {
        std::fs::write(self.path(path), text).unwrap();
    }

    pub(crate) fn path(&self, path: &str) -> PathBuf {
        self.files.root.join(path.trim_start_matches('/'))
    }
}

impl Drop for Machine {
    fn drop(&mut self) {
        self.systemd.kill();
        // It removes what it has made on this machine.
        block_in_place(|| Handle::current().block_on(self.systemd.wait(PATIENCE)));
    }
}
