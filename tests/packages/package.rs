//! The Debian package on a machine without a compiler: installed, given a key, started, upgraded, removed, purged; as
//! README.md tells.

use std::os::unix::fs::PermissionsExt as _;
use std::path::Path;

use antre_tests::machine::ROOT;

use crate::debian::Machine;
use crate::made::{next_package, package};
use crate::stage::{KEY, Stage, XENDIT};

/// Returns the commands below README.md's heading `Install`. Who runs them is root.
fn readme_commands() -> Vec<String> {
    let readme = std::fs::read_to_string(Path::new(ROOT).join("README.md")).unwrap();
    let (_, rest) = readme.split_once("\n## Install\n").unwrap();
    let (section, _) = rest.split_once("\n## ").unwrap();
    let blocks = section.split("```shell\n").skip(1).filter_map(|rest| rest.split("```").next());
    blocks.flat_map(str::lines).map(|line| line.replace("sudo ", "")).collect()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_readmes_commands_lead_to_the_first_link() {
    let stage = Stage::set().await;
    let machine = Machine::boot(&stage, &[&package()]).await;
    let commands = readme_commands();
    let [install, key, enable, enqueue, job] = commands.as_slice() else {
        unreachable!("README.md has other commands: {commands:#?}");
    };
    let said = machine.sh_with(install, "y\n").await;
    assert!(said.contains("nothing is started"), "{said}");
    assert_eq!(machine.property("antre", "UnitFileState").await, "disabled");
    // Not even when it is told to.
    machine.sh("systemctl start antre").await;
    assert_eq!(machine.property("antre", "ActiveState").await, "inactive");

    machine.sh_with(key, &format!("{KEY}\n")).await;
    let mode =
        std::fs::metadata(machine.path("/etc/antre/xendit.key")).unwrap().permissions().mode();
    assert_eq!(mode & 0o777, 0o600);
    // Only here: Xendit is a simulated one.
    machine.write("/etc/antre/environment", &format!("ANTRE_BASE_URL=http://{XENDIT}\n"));
    machine.sh(enable).await;
    assert_eq!(machine.property("antre", "ActiveState").await, "active");
    // Nobody types as fast as this test: the worker may have started and not served yet.
    machine.until_succeeds(enqueue).await;
    let said = machine.sh(job).await;
    assert!(said.contains("https://"), "no link: {said}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_upgrade_keeps_what_was_written_and_a_purge_leaves_nothing() {
    let stage = Stage::set().await;
    let next = next_package();
    let machine = Machine::boot(&stage, &[&package(), &next]).await;
    machine.sh("dpkg --install ./antre_0*.deb").await;
    machine.write("/etc/antre/xendit.key", KEY);
    machine.write("/etc/antre/environment", "ANTRE_LOG=info\n");
    let configuration = format!(
        "base_url = \"http://{XENDIT}\"\n[accounts.default]\nsecret_key_file = \"/etc/antre/xendit.key\"\n"
    );
    machine.write("/etc/antre/antre.toml", &configuration);
    machine.sh("antre check").await;
    machine.sh("systemctl enable --now antre antre@2").await;
    let before =
        [machine.property("antre", "MainPID").await, machine.property("antre@2", "MainPID").await];

    machine.sh(&format!("dpkg --install ./{}", next.file_name().unwrap().display())).await;
    let version = machine.sh("dpkg-query --show --showformat '${Version}' antre").await;
    assert!(next.display().to_string().contains(&version), "{version}");
    assert_eq!(
        std::fs::read_to_string(machine.path("/etc/antre/antre.toml")).unwrap(),
        configuration
    );
    for (service, before) in ["antre", "antre@2"].into_iter().zip(before) {
        assert_eq!(machine.property(service, "ActiveState").await, "active", "{service}");
        assert_ne!(machine.property(service, "MainPID").await, before, "{service} is the old one");
    }
    assert_eq!(machine.property("antre-serve", "ActiveState").await, "inactive", "it did not run");

    machine.sh("dpkg --remove antre").await;
    assert!(!machine.has("/usr/bin/antre") && machine.has("/etc/antre/xendit.key"));
    machine.fails("pgrep --exact antre || grep --quiet --no-messages '^antre$' /proc/*/comm").await;
    assert_eq!(
        std::fs::read_to_string(machine.path("/etc/antre/antre.toml")).unwrap(),
        configuration
    );

    machine.sh("dpkg --purge antre; rm antre_*.deb").await;
    let left = machine.sh("find /etc /usr /var /srv /run -xdev -name '*antre*'").await;
    assert_eq!(left, "");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_package_brings_what_a_debian_expects() {
    let stage = Stage::set().await;
    let machine = Machine::boot(&stage, &[&package()]).await;
    machine.sh("dpkg --install ./antre_*.deb").await;
    // Minimal Debians leave manuals out when they are installed.
    let files = machine.sh("dpkg --listfiles antre").await;
    for path in [
        "/usr/share/man/man1/antre.1.gz",
        "/usr/share/man/man1/antre-dead-retry.1.gz",
        "/usr/share/zsh/vendor-completions/_antre",
        "/usr/share/fish/vendor_completions.d/antre.fish",
        "/usr/share/doc/antre/copyright",
        "/usr/share/doc/antre/antre.example.toml",
    ] {
        assert!(files.lines().any(|file| file == path), "{path} is missing");
    }
    let offered = ". /usr/share/bash-completion/completions/antre; COMP_WORDS=(antre che) COMP_CWORD=1; \
                   _antre antre che antre || true; echo \"${COMPREPLY[@]}\"";
    assert_eq!(machine.sh(&format!("set +eu; {offered}")).await.trim(), "check");
    // Somebody without rights reads the configuration, and no key.
    machine.sh_with("install -m 600 /dev/stdin /etc/antre/xendit.key", KEY).await;
    machine.write("/etc/antre/antre.toml", "redis_url = \"redis://127.0.0.1:1\"\n[accounts.default]\nsecret_key_file = \"/etc/antre/xendit.key\"\n");
    let said =
        machine.fails("setpriv --reuid=65534 --regid=65534 --clear-groups antre status").await;
    assert!(said.contains("127.0.0.1:1"), "{said}");
    let said =
        machine.fails("setpriv --reuid=65534 --regid=65534 --clear-groups antre check").await;
    assert!(said.contains("cannot be read from \"/etc/antre/xendit.key\""), "{said}");
}
