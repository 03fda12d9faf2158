//! The services under systemd: confined, reloaded, started again, and ended for good where a start is of no use.

use std::path::Path;

use antre_tests::machine::ROOT;

use crate::debian::Machine;
use crate::made::package;
use crate::stage::{KEY, Stage, XENDIT};

const SERVICES: [&str; 3] = ["antre.service", "antre@2.service", "antre-serve.service"];

/// Returns a machine with the package and a key. Nothing is started.
async fn installed(stage: &Stage) -> Machine {
    let machine = Machine::boot(stage, &[&package()]).await;
    machine.sh("dpkg --install ./antre_*.deb").await;
    machine.sh_with("install -m 600 /dev/stdin /etc/antre/xendit.key", KEY).await;
    machine.write("/etc/antre/environment", &format!("ANTRE_BASE_URL=http://{XENDIT}\n"));
    machine
}

/// Fails unless a service's process has no right that it does not need.
async fn assert_confined(machine: &Machine, service: &str) {
    let process = machine.property(service, "MainPID").await;
    let status = machine.sh(&format!("cat /proc/{process}/status")).await;
    let field = |name: &str| {
        let line = status.lines().find_map(|line| line.strip_prefix(name)).unwrap();
        line.split_whitespace().next().unwrap().to_owned()
    };
    assert_ne!(field("Uid:"), "0", "{service}");
    for set in ["CapInh:", "CapPrm:", "CapEff:", "CapBnd:", "CapAmb:"] {
        assert_eq!(field(set), "0000000000000000", "{service} {set}");
    }
    assert_eq!(
        (field("NoNewPrivs:"), field("Seccomp:")),
        ("1".to_owned(), "2".to_owned()),
        "{service}"
    );
    let mounts = machine.sh(&format!("cat /proc/{process}/mounts")).await;
    let root = mounts.lines().rfind(|line| line.split(' ').nth(1) == Some("/")).unwrap();
    assert!(root.split(' ').nth(3).unwrap().split(',').any(|option| option == "ro"), "{root}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn all_three_run_beside_each_other_follow_a_reload_and_come_back_when_killed() {
    let stage = Stage::set().await;
    let machine = installed(&stage).await;
    machine.sh(&format!("systemctl start {}", SERVICES.join(" "))).await;
    for service in SERVICES {
        assert_eq!(machine.property(service, "ActiveState").await, "active", "{service}");
        assert_confined(&machine, service).await;
    }
    for port in [8080, 8081] {
        let probe = format!(
            "exec 3<>/dev/tcp/127.0.0.1/{port}; printf 'GET /healthz HTTP/1.0\\r\\n\\r\\n' >&3; head -1 <&3"
        );
        assert!(machine.sh(&probe).await.contains(" 200 "), "{port}");
    }
    for service in SERVICES {
        let process = machine.property(service, "MainPID").await;
        machine.sh(&format!("systemctl reload {service}")).await;
        assert_eq!(
            machine.property(service, "MainPID").await,
            process,
            "{service} is another one after a reload"
        );
    }
    let log = machine.sh("journalctl --unit antre.service").await;
    assert!(log.contains("SIGHUP"), "{log}");

    machine.sh("systemctl kill --signal=SIGKILL antre.service").await;
    machine.until("antre.service", "NRestarts", "1").await;
    machine.until("antre.service", "ActiveState", "active").await;
    let stopped = machine.sh("systemctl stop antre.service; journalctl --unit antre.service").await;
    assert!(stopped.contains("Deactivated successfully"), "{stopped}");
}

/// Returns the lines that docs/installing.md writes by `systemctl edit`.
fn edited() -> String {
    let page = std::fs::read_to_string(Path::new(ROOT).join("docs/installing.md")).unwrap();
    let blocks = page.split("```text\n").skip(1).filter_map(|rest| rest.split("```").next());
    let found = blocks.map(str::to_owned).find(|block| block.contains("LoadCredential"));
    found.unwrap_or_else(|| unreachable!("the page has no such lines"))
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_password_is_handed_over_as_the_page_tells() {
    let stage = Stage::set().await;
    let machine = installed(&stage).await;
    machine.sh("redis-cli config set requirepass a-password").await;
    machine.sh_with("install -m 600 /dev/stdin /etc/antre/redis-password", "a-password").await;
    let file = machine.path("/etc/antre/antre.toml");
    let configuration = std::fs::read_to_string(&file).unwrap();
    let password = "redis_password_file = \"/etc/antre/redis-password\"\n";
    std::fs::write(file, format!("{password}{configuration}")).unwrap();
    machine.sh("mkdir /etc/systemd/system/antre.service.d").await;
    machine.write("/etc/systemd/system/antre.service.d/override.conf", &edited());
    machine.sh("systemctl daemon-reload; systemctl start antre.service").await;
    // Root's commands read the file itself, the worker its copy.
    let bill = r#"{"invoice":{"external_id":"INV-1","amount":350000}}"#;
    machine.until_succeeds(&format!("echo '{bill}' | antre enqueue")).await;
    machine.until_succeeds("antre job INV-1 | grep https://").await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_wrong_configuration_ends_them_for_good() {
    let stage = Stage::set().await;
    let machine = installed(&stage).await;
    machine.write("/etc/antre/environment", "ANTRE_GRACE=never\n");
    for service in SERVICES {
        machine.fails(&format!("systemctl start {service}")).await;
        machine.until(service, "ActiveState", "failed").await;
        assert_eq!(machine.property(service, "ExecMainStatus").await, "64", "{service}");
        assert_eq!(machine.property(service, "NRestarts").await, "0", "{service}");
    }
    let log = machine.sh("journalctl --unit antre.service").await;
    assert!(log.contains("ANTRE_GRACE"), "{log}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn systemd_takes_them_and_finds_them_confined() {
    let stage = Stage::set().await;
    let machine = installed(&stage).await;
    let verify = format!("systemd-analyze --man=no verify {}", SERVICES.join(" "));
    assert_eq!(machine.sh(&verify).await, "");
    // In tenths: 1.5 of 10.
    let judge =
        |service: &str| format!("systemd-analyze --offline=true --threshold=15 security {service}");
    for service in SERVICES {
        machine.sh(&judge(service)).await;
    }
    let file = "/usr/lib/systemd/system/antre.service";
    let right = std::fs::read_to_string(machine.path(file)).unwrap();
    for (from, to) in [
        ("/usr/bin/antre", "/usr/bin/antree"),
        ("Restart=always", "Restart=ever"),
        ("After=network-online.target", "Afterwards=network-online.target"),
    ] {
        machine.write(file, &right.replace(from, to));
        let said = machine.sh(&format!("{verify} 2>&1 || true")).await;
        assert_ne!(said, "", "{to} was taken");
    }
    machine.write(file, &right);
    std::fs::remove_file(machine.path(&format!("{file}.d/confined.conf"))).unwrap();
    machine.fails(&judge("antre.service")).await;
}
