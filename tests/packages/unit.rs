//! A service as its unit file and the drop-ins beside it describe it, and its start as systemd would do it.
//!
//! Seen to: command, variables and their files, credentials, the condition, user, read-only root, `/tmp`, the socket
//! for notices, the watchdog. Not seen to, because only systemd can: filters of system calls (`units.rs` compares them
//! with what the program calls), namespaces of users, limits of memory and time.

use std::fs::Permissions;
use std::os::unix::fs::{PermissionsExt as _, chown};
use std::os::unix::net::UnixDatagram;
use std::path::{Path, PathBuf};

use antre_tests::machine::Contained;
use tempfile::TempDir;

use crate::process::Process;
use crate::stage::{PATIENCE, Stage};

const UNITS: &str = "usr/lib/systemd/system";
/// One of those that systemd gives to dynamic users.
const DYNAMIC_USER: u32 = 61_184;

/// A unit's lines `KEY=value`, those of its drop-ins behind its own.
pub(crate) struct Unit {
    root: PathBuf,
    /// With its instance: `antre@2.service`.
    name: String,
    lines: Vec<(String, String)>,
}

/// A service that was started.
pub(crate) struct Running {
    pub(crate) process: Contained,
    notices: UnixDatagram,
    _tmp: TempDir,
}

impl Unit {
    /// Reads a unit that a package has installed in this root.
    pub(crate) fn installed(root: &Path, name: &str) -> Self {
        let file = match name.split_once('@') {
            Some((template, _)) => format!("{template}@.service"),
            None => name.to_owned(),
        };
        let folder = root.join(UNITS);
        let mut text = std::fs::read_to_string(folder.join(&file)).unwrap();
        let drop_ins = std::fs::read_dir(folder.join(format!("{file}.d"))).unwrap();
        for drop_in in drop_ins {
            text += &std::fs::read_to_string(drop_in.unwrap().path()).unwrap();
        }
        let assignments = text.lines().filter(|line| !line.starts_with(['#', '[']));
        let pairs = assignments.filter_map(|line| line.split_once('='));
        let lines = pairs.map(|(key, value)| (key.to_owned(), value.to_owned())).collect();
        Self { root: root.to_owned(), name: name.to_owned(), lines }
    }

    /// Returns all values of a key, with the specifiers in them replaced.
    pub(crate) fn all(&self, key: &str) -> Vec<String> {
        let instance = self.name.split_once('@').map_or("", |(_, rest)| rest);
        let instance = instance.trim_end_matches(".service");
        let found = self.lines.iter().filter(|(found, _)| found == key);
        found.map(|(_, value)| value.replace("%d", &self.credentials()).replace("%i", instance)).collect()
    }

    /// Returns the one value of a key.
    pub(crate) fn one(&self, key: &str) -> String {
        let mut all = self.all(key);
        assert_eq!(all.len(), 1, "{key} in {}", self.name);
        all.remove(0)
    }

    fn credentials(&self) -> String {
        format!("/run/credentials/{}", self.name)
    }

    fn at(&self, path: &str) -> PathBuf {
        self.root.join(path.trim_start_matches('/'))
    }

    /// Returns whether its condition lets it start.
    pub(crate) fn may_start(&self) -> bool {
        self.all("ConditionPathExists").iter().all(|path| self.at(path).exists())
    }

    /// Copies the credentials for the service alone.
    fn load_credentials(&self) {
        let folder = self.at(&self.credentials());
        std::fs::create_dir_all(&folder).unwrap();
        for credential in self.all("LoadCredential") {
            let (name, path) = credential.split_once(':').unwrap();
            let copy = folder.join(name);
            std::fs::copy(self.at(path), &copy).unwrap();
            std::fs::set_permissions(&copy, Permissions::from_mode(0o400)).unwrap();
            chown(&copy, Some(DYNAMIC_USER), Some(DYNAMIC_USER)).unwrap();
        }
        std::fs::set_permissions(&folder, Permissions::from_mode(0o500)).unwrap();
        chown(&folder, Some(DYNAMIC_USER), Some(DYNAMIC_USER)).unwrap();
    }

    /// Returns the variables: those of files count more than the unit's.
    fn variables(&self) -> Vec<(String, String)> {
        let files = self.all("EnvironmentFile").into_iter().filter_map(|file| {
            let path = file.strip_prefix('-').unwrap_or_else(|| unreachable!("{file} must be there"));
            std::fs::read_to_string(self.at(path)).ok()
        });
        let lines = self.all("Environment").into_iter().chain(files);
        let all = lines.collect::<Vec<_>>().join("\n");
        let pairs = all.lines().filter_map(|line| line.split_once('='));
        pairs.map(|(name, value)| (name.to_owned(), value.to_owned())).collect()
    }

    /// Starts the service and waits for its word that it has started.
    pub(crate) fn start(&self, stage: &Stage) -> Running {
        let running = self.launch(stage);
        running.hear("READY=1");
        // The first sign of life comes at once.
        running.hear("WATCHDOG=1");
        running
    }

    /// Starts the service.
    pub(crate) fn launch(&self, stage: &Stage) -> Running {
        assert!(self.may_start(), "{}: its condition does not hold", self.name);
        for (key, value) in [("Type", "notify"), ("DynamicUser", "yes"), ("ProtectSystem", "strict"), ("PrivateTmp", "yes")] {
            assert_eq!(self.one(key), value, "{key}");
        }
        self.load_credentials();
        let socket = format!("/run/{}.notify", self.name);
        std::fs::remove_file(self.at(&socket)).ok();
        let notices = UnixDatagram::bind(self.at(&socket)).unwrap();
        notices.set_read_timeout(Some(PATIENCE)).unwrap();
        std::fs::set_permissions(self.at(&socket), Permissions::from_mode(0o666)).unwrap();
        let tmp = tempfile::tempdir().unwrap();
        let watchdog_us = self.one("WatchdogSec").parse::<u64>().unwrap() * 1_000_000;
        let mut process = Process::within(&self.root)
            .user(&format!("{DYNAMIC_USER}:{DYNAMIC_USER}"))
            .read_only()
            .mount(tmp.path(), "/tmp")
            .variable("NOTIFY_SOCKET", &socket)
            .variable("WATCHDOG_USEC", &watchdog_us.to_string())
            .variable("CREDENTIALS_DIRECTORY", &self.credentials());
        for (name, value) in self.variables() {
            process = process.variable(&name, &value);
        }
        let command = self.one("ExecStart");
        let words: Vec<&str> = command.split(' ').collect();
        Running { process: process.start(stage, &words), notices, _tmp: tmp }
    }
}

impl Running {
    /// Waits for a notice to systemd that has this line.
    pub(crate) fn hear(&self, line: &str) {
        let mut buffer = [0; 1024];
        loop {
            let heard = self.notices.recv(&mut buffer);
            let length = heard.unwrap_or_else(|error| unreachable!("{line}: {error}: {}", self.process.output()));
            let message = String::from_utf8_lossy(&buffer[..length]).into_owned();
            if message.lines().any(|found| found == line) {
                return;
            }
            assert_eq!(message.trim(), "WATCHDOG=1", "before {line}");
        }
    }
}
