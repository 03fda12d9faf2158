//! The services as systemd's own tools judge them, and as the program behaves under their filters.

use std::collections::BTreeSet;
use std::path::Path;
use std::process::Command;

use antre_testkit::{ChildProcess, RedisServer, built_binary};
use antre_tests::machine::{outcome, run, text, tool};
use xendit_sim::{Options, Simulator};

use crate::debian::Debian;
use crate::made::package;
use crate::stage::{KEY, PATIENCE, Stage};
use crate::unit::Unit;

const SERVICES: [&str; 3] = ["antre.service", "antre@2.service", "antre-serve.service"];
/// In tenths, as `systemd-analyze` wants it: 1.5 of 10.
const EXPOSURE_MAX: &str = "--threshold=15";

/// Returns what systemd says against the services in a root; nothing if it would take them.
fn faults(root: &Path) -> String {
    let root = format!("--root={}", root.display());
    let words = [root.as_str(), "--man=no", "verify"].into_iter().chain(SERVICES);
    let mut said = text(&outcome("systemd-analyze", &words.collect::<Vec<_>>()));
    for service in SERVICES {
        let words = [root.as_str(), "--offline=true", EXPOSURE_MAX, "security", service];
        let judged = outcome("systemd-analyze", &words);
        if !judged.status.success() {
            said += &text(&judged);
        }
    }
    said
}

async fn installed(stage: &Stage) -> Debian {
    let debian = Debian::with_package(&package());
    debian.sh(stage, "dpkg --install ./antre_*.deb").await;
    debian
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn systemd_takes_the_services_and_finds_them_confined() {
    let stage = Stage::set().await;
    let debian = installed(&stage).await;
    assert_eq!(faults(&debian.root), "");
    let units = debian.root.join("usr/lib/systemd/system");
    let file = units.join("antre.service");
    let right = std::fs::read_to_string(&file).unwrap();
    for (from, to, told) in [
        ("/usr/bin/antre", "/usr/bin/antree", "/usr/bin/antree"),
        ("Restart=always", "Restart=ever", "Restart"),
        ("After=network-online.target", "Afterwards=network-online.target", "Afterwards"),
    ] {
        std::fs::write(&file, right.replace(from, to)).unwrap();
        let said = faults(&debian.root);
        assert!(said.contains(told), "{from} as {to}: {said}");
    }
    std::fs::write(&file, right).unwrap();
    std::fs::remove_file(units.join("antre.service.d/confined.conf")).unwrap();
    let said = faults(&debian.root);
    assert!(said.contains("Overall exposure level for antre.service"), "{said}");
}

/// Returns the system calls of a group, those of groups in it as well.
fn calls_of(group: &str) -> BTreeSet<String> {
    let listed = run("systemd-analyze", &["syscall-filter", group]);
    let members = listed.lines().skip(1).map(str::trim);
    let members: Vec<&str> = members.filter(|line| !line.is_empty() && !line.starts_with('#')).collect();
    let (groups, calls): (Vec<&str>, Vec<&str>) = members.into_iter().partition(|it| it.starts_with('@'));
    let of_groups = groups.into_iter().flat_map(calls_of);
    calls.into_iter().map(str::to_owned).chain(of_groups).collect()
}

/// Returns what the filters of a unit leave. The first line says what is allowed, a line with `~` takes away.
fn allowed(unit: &Unit) -> BTreeSet<String> {
    let mut allowed = BTreeSet::new();
    for line in unit.all("SystemCallFilter") {
        let groups = |line: &str| line.split(' ').flat_map(calls_of).collect::<BTreeSet<_>>();
        match line.strip_prefix('~') {
            Some(line) => allowed = &allowed - &groups(line),
            None => allowed.extend(groups(&line)),
        }
    }
    allowed
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_worker_calls_nothing_that_its_service_forbids() {
    let stage = Stage::set().await;
    let debian = installed(&stage).await;
    let unit = Unit::installed(&debian.root, "antre.service");
    let redis = RedisServer::start().await.unwrap();
    let xendit = Simulator::start(Options::default()).await.unwrap();
    let place = tempfile::tempdir().unwrap();
    let log = place.path().join("calls");
    let antre = |words: &[&str], mut command: Command| {
        command.arg(built_binary("antre").unwrap()).args(words).current_dir(place.path());
        command.env("ANTRE_REDIS_URL", redis.url()).env("XENDIT_SECRET_KEY", KEY);
        command.env("ANTRE_BASE_URL", xendit.base_url()).env("ANTRE_HTTP_LISTEN", "127.0.0.1:0");
        ChildProcess::start_with_input(command, b"{\"invoice\":{\"external_id\":\"INV-1\",\"amount\":350000}}").unwrap()
    };
    let mut traced = Command::new(tool("strace"));
    traced.args(["--follow-forks", "--quiet=all", "--output"]).arg(&log);
    let mut worker = antre(&["worker"], traced);
    let mut sent = antre(&["enqueue", "--wait"], Command::new(tool("env")));
    assert!(sent.wait(PATIENCE).await.unwrap().success(), "{}\n{}", sent.output(), worker.output());
    worker.terminate().unwrap();
    worker.wait(PATIENCE).await.unwrap();

    let log = std::fs::read_to_string(log).unwrap();
    // `1234  openat(AT_FDCWD, …) = 3`
    let lines = log.lines().filter_map(|line| line.split_once(' ')).map(|(_, call)| call.trim_start());
    let calls: Vec<&str> = lines.filter(|call| call.starts_with(|it: char| it.is_ascii_lowercase())).collect();
    let names: BTreeSet<String> =
        calls.iter().filter_map(|call| Some(call.split_once('(')?.0.to_owned())).collect();
    assert!(names.contains("connect") && names.len() > 20, "the log is not read: {names:?}");
    let forbidden: Vec<_> = names.difference(&allowed(&unit)).collect();
    assert_eq!(forbidden, Vec::<&String>::new(), "system calls");
    let families = unit.one("RestrictAddressFamilies");
    for call in calls.iter().filter_map(|call| call.strip_prefix("socket(")) {
        let family = call.split(',').next().unwrap();
        // The resolver asks for the machine's addresses like this, and does without.
        assert!(families.split(' ').any(|it| it == family) || family == "AF_NETLINK", "{call}");
    }
    let is_writable_code = |call: &&&str| call.contains("PROT_WRITE|PROT_EXEC");
    assert_eq!(calls.iter().find(is_writable_code), None, "MemoryDenyWriteExecute");
}
