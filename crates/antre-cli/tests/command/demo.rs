use std::fs;
use std::path::Path;

use antre_testkit::{ChildProcess, eventually};

use crate::fixture::{PATIENCE, antre, bill, run, run_with_input};

/// Returns the processes that work in a directory: those of a demo, and of no other test.
fn processes_in(directory: &Path) -> Vec<String> {
    let directory = directory.canonicalize().unwrap();
    let processes = fs::read_dir("/proc").unwrap().flatten();
    processes
        .filter(|process| {
            fs::read_link(process.path().join("cwd")).is_ok_and(|path| path.starts_with(&directory))
        })
        .map(|process| {
            let command = fs::read(process.path().join("cmdline")).unwrap_or_default();
            String::from_utf8_lossy(&command).replace('\0', " ")
        })
        .collect()
}

/// Starts a demo that keeps its files in `directory`.
fn start(directory: &Path, arguments: &[&str]) -> ChildProcess {
    let mut command = antre(Path::new("/"), arguments);
    command.env("TMPDIR", directory);
    ChildProcess::start(command).unwrap()
}

async fn await_nothing_left(directory: &Path) {
    let is_empty = async || match processes_in(directory) {
        processes if processes.is_empty() => Ok(true),
        processes => Err(processes.join("\n")),
    };
    eventually(PATIENCE, "no process is left", is_empty).await.unwrap();
}

async fn await_workers(directory: &Path, count: usize) {
    let are_there = async || {
        let processes = processes_in(directory);
        // A worker and its guard.
        processes.iter().filter(|it| it.trim_end().ends_with(" worker")).count() == 2 * count
    };
    eventually(PATIENCE, "the workers run", are_there).await.unwrap();
}

#[tokio::test]
async fn a_small_demo_keeps_the_promise_and_leaves_nothing_behind() {
    let directory = tempfile::tempdir().unwrap();
    let arguments =
        ["demo", "--count", "6", "--workers", "2", "--limit", "4/1s", "--latency", "5-20ms"];
    let mut command = antre(Path::new("/"), &arguments);
    command.arg("--json").env("TMPDIR", directory.path());
    let figures = run(command).await.expect(0).json();
    assert_eq!(figures["links"], 6, "{figures}");
    assert_eq!(figures["requests"], 7, "one shows whose the key is: {figures}");
    assert_eq!(figures["duplicates"], 0, "{figures}");
    assert_eq!(figures["count_429"], 0, "{figures}");
    assert_eq!(fs::read_dir(directory.path()).unwrap().count(), 0);
    await_nothing_left(directory.path()).await;
}

#[tokio::test]
async fn a_killed_demo_leaves_no_process_behind() {
    let directory = tempfile::tempdir().unwrap();
    let mut demo = start(directory.path(), &["demo", "--workers", "2", "--stop-and-continue"]);
    await_workers(directory.path(), 2).await;
    demo.kill().unwrap();
    await_nothing_left(directory.path()).await;
}

#[tokio::test]
async fn an_interrupted_demo_stops_everything_before_it_ends() {
    let directory = tempfile::tempdir().unwrap();
    let mut demo = start(directory.path(), &["demo", "--workers", "2"]);
    await_workers(directory.path(), 2).await;
    demo.interrupt().unwrap();
    assert_eq!(demo.wait(PATIENCE).await.unwrap().code(), Some(1), "{}", demo.output());
    assert_eq!(processes_in(directory.path()), [""; 0]);
    assert_eq!(fs::read_dir(directory.path()).unwrap().count(), 0);
}

#[tokio::test]
async fn a_missing_redis_server_names_the_remedy() {
    let directory = tempfile::tempdir().unwrap();
    let mut command = antre(directory.path(), &["demo"]);
    command.env("PATH", directory.path());
    let ended = run(command).await.expect(1);
    assert!(ended.stderr.contains("sh deploy/setup.sh"), "{}", ended.stderr);
}

#[tokio::test]
async fn what_the_environment_says_of_real_accounts_does_not_reach_a_demo() {
    let directory = tempfile::tempdir().unwrap();
    let mut command = antre(Path::new("/"), &["demo", "--count", "1", "--workers", "1", "--json"]);
    command
        .env("TMPDIR", directory.path())
        .env("ANTRE_REDIS_URL", "redis://127.0.0.1:1")
        .env("ANTRE_LEASE", "nonsense")
        .env("XENDIT_SECRET_KEY", "xnd_production_hush");
    assert_eq!(run(command).await.expect(0).json()["links"], 1);
}

#[tokio::test]
async fn dev_serves_an_application_until_it_is_interrupted() {
    let directory = tempfile::tempdir().unwrap();
    let mut dev = start(directory.path(), &["dev", "--latency", "1ms"]);
    dev.wait_for_line("antre status --watch", PATIENCE).await.unwrap();
    let output = dev.stdout();
    let value = |name: &str| {
        let line = output.lines().find(|line| line.trim_start().starts_with(name)).unwrap();
        line.trim_start().trim_start_matches(name).trim().to_owned()
    };
    let files = tempfile::tempdir().unwrap();
    let arguments = ["enqueue", "--wait", "--redis-url", &value("Redis")];
    run_with_input(antre(files.path(), &arguments), &bill("INV-1")).await.expect(0);
    assert!(value("HTTP").starts_with("http://127.0.0.1:"), "{output}");
    let gateway = value("gateway").split(' ').next().unwrap().to_owned();
    let create = reqwest::Client::new().post(format!("{gateway}/v2/invoices"));
    let create = create.basic_auth("xnd_development_other", Some("")).body(bill("INV-1-again"));
    let unknown = create.send().await.unwrap();
    assert_eq!(unknown.status().as_u16(), 401);
    let key = output.split("curl -u ").nth(1).unwrap().split(':').next().unwrap();
    let create = reqwest::Client::new().post(format!("{gateway}/v2/invoices"));
    let create =
        create.basic_auth(key, Some("")).body(r#"{"external_id":"INV-2","amount":350000}"#);
    let created = create.send().await.unwrap();
    assert_eq!(created.status().as_u16(), 200, "{}", created.text().await.unwrap());
    dev.interrupt().unwrap();
    assert!(dev.wait(PATIENCE).await.unwrap().success(), "{}", dev.output());
    assert_eq!(processes_in(directory.path()), [""; 0]);
}
