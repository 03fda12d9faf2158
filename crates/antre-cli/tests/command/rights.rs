//! What the Redis user may do: the users of docs/production.md are enough, and each right that is missing is named.

use std::net::Ipv4Addr;

use antre_testkit::{RedisBuilder, RedisServer};
use reqwest::StatusCode;

use crate::fixture::{Ended, Fixture, bill, run, run_with_input};
use crate::http::Served;

const SECRET: &str = "hush-hush";

/// Returns the lines of docs/production.md that define users.
fn users() -> Vec<String> {
    let page = include_str!("../../../../docs/production.md");
    let lines = page.lines().filter(|line| line.starts_with("user antre-"));
    lines.map(|line| line.replace("SECRET", SECRET)).collect()
}

/// A fixture whose server has these users.
async fn fixture() -> Fixture {
    let users = users();
    assert_eq!(users.len(), 3, "{users:?}");
    let builder = users.iter().fold(RedisServer::builder(), RedisBuilder::config_line);
    Fixture::start_on(builder.start().await.unwrap()).await
}

fn url(fixture: &Fixture, user: &str) -> String {
    format!("{}?user={user}&pass={SECRET}", fixture.server.url())
}

async fn antre_as(fixture: &Fixture, user: &str, arguments: &[&str]) -> Ended {
    let mut command = fixture.command(arguments);
    command.env("ANTRE_REDIS_URL", url(fixture, user));
    run(command).await
}

#[tokio::test]
async fn the_users_of_the_page_are_enough_for_worker_producer_and_reader() {
    let fixture = fixture().await;
    let worker = url(&fixture, "antre-worker");
    let served = Served::start(fixture, &[("ANTRE_REDIS_URL", &worker)]).await;
    served.await_ready().await;
    let fixture = &served.fixture;
    let mut enqueue = fixture.command(&["enqueue", "--wait", "--results", "one.jsonl"]);
    enqueue.env("ANTRE_REDIS_URL", url(fixture, "antre-producer"));
    run_with_input(enqueue, &bill("INV-1")).await.expect(0);
    let page = antre_as(fixture, "antre-worker", &["check"]).await.expect(0).stdout;
    assert!(page.contains("its user may do all that a worker does"), "{page}");
    let page = antre_as(fixture, "antre-reader", &["status"]).await.expect(0).stdout;
    assert!(page.contains("done       1"), "{page}");
    for arguments in [["job", "INV-1"].as_slice(), &["dead", "list"], &["status", "--json"]] {
        antre_as(fixture, "antre-reader", arguments).await.expect(0);
    }
    let log = served.worker.output();
    assert!(!log.contains("does not work"), "{log}");
    served.end().await;
}

#[tokio::test]
async fn pages_need_no_more_than_a_reader() {
    let fixture = fixture().await;
    let _worker = fixture.worker().await;
    fixture.bill("INV-1").await.expect(0);
    let mut command = fixture.command(&["serve"]);
    command.env("ANTRE_REDIS_URL", url(&fixture, "antre-reader"));
    let served = Served::start_on(fixture, Ipv4Addr::LOCALHOST, command, &[]).await;
    served.await_ready().await;
    for route in ["/rate-limiter/status", "/rate-limiter/health", "/scaling", "/metrics"] {
        assert_eq!(served.status(route).await, Some(StatusCode::OK), "{route}");
        assert!(!served.text(route).await.contains("may not"), "{route}");
    }
}

#[tokio::test]
async fn who_may_only_add_can_enqueue() {
    let fixture = fixture().await;
    let _worker = fixture.worker().await;
    let user = ["ACL", "SETUSER", "adder", "on", &format!(">{SECRET}"), "resetchannels", "-@all"];
    let words = [&user[..], &["+xadd", "~antre:{default}:inbox"]].concat();
    fixture.tell(&words).await;
    let mut enqueue = fixture.command(&["enqueue"]);
    enqueue.env("ANTRE_REDIS_URL", url(&fixture, "adder"));
    run_with_input(enqueue, &bill("INV-1")).await.expect(0);
}

/// Returns the words of a user's line of which each is one right.
fn rights(user: &str) -> Vec<String> {
    let users = users();
    let line = users.iter().find(|line| line.contains(user)).unwrap();
    let (_, rights) = line.split_once(" -@all ").unwrap();
    rights.split(' ').map(str::to_owned).collect()
}

/// Gives `user` all of `rights`, and lets the server forget every script.
async fn allow(fixture: &Fixture, user: &str, rights: &[&str]) {
    let secret = format!(">{SECRET}");
    let none = ["ACL", "SETUSER", user, "reset", "on", &secret, "resetchannels", "-@all"];
    fixture.tell(&[&none[..], rights].concat()).await;
    fixture.tell(&["SCRIPT", "FLUSH"]).await;
}

/// Returns whether a text names the right, or for a pattern of keys the one of all accounts: Redis does not say which key.
fn is_told(text: &str, right: &str) -> bool {
    names(text, right) || names(text, "~antre:*") && right.contains("~antre:")
}

/// Inside of a script Redis does not name the command either.
fn is_told_of_script(text: &str, right: &str) -> bool {
    let of_script = "a command that Antre's scripts need: add what `antre check --acl` shows";
    is_told(text, right) || text.contains(of_script)
}

fn names(text: &str, right: &str) -> bool {
    text.split([' ', '\n', ';', ',']).any(|word| word == right)
}

#[tokio::test]
async fn the_page_has_the_users_that_check_prints() {
    let fixture = Fixture::start().await;
    let printed = fixture.antre(&["check", "--acl"]).await.expect(0).stdout;
    let printed: Vec<String> = printed.lines().map(|line| line.replace("SECRET", SECRET)).collect();
    assert_eq!(printed, users());
    let accounts =
        "[accounts.one]\nsecret_key_env = \"ONE\"\n[accounts.two]\nsecret_key_env = \"TWO\"\n";
    fixture.write("antre.toml", accounts);
    for (url, right) in [
        ("redis-sentinel://h1:26379/0?master=m", "+role"),
        ("redis-cluster://h1:6379,h2:6379", "+cluster|slots +asking"),
    ] {
        let mut command = fixture.command(&["check", "--acl"]);
        command.env("ANTRE_REDIS_URL", url);
        for line in run(command).await.expect(0).stdout.lines() {
            assert!(line.ends_with(right), "{line}");
            assert!(line.contains("~antre:{one}:") && line.contains("~antre:{two}:"), "{line}");
        }
    }
}

#[tokio::test]
async fn each_right_that_a_worker_lacks_is_named_by_check() {
    let fixture = fixture().await;
    let all = rights("antre-worker");
    assert!(all.len() > 50, "{all:?}");
    for right in &all {
        let left: Vec<&str> = all.iter().filter(|it| *it != right).map(String::as_str).collect();
        allow(&fixture, "antre-worker", &left).await;
        let ended = antre_as(&fixture, "antre-worker", &["check"]).await;
        let can_do_without =
            ["+fcall", "+function|load", "+info", "+scan", "+wait"].contains(&right.as_str());
        let page = ended.expect(i32::from(!can_do_without)).stdout;
        let faults = page.lines().filter(|line| line.starts_with("FAULT"));
        let notes = page.lines().filter(|line| line.starts_with("note"));
        let mut told: Box<dyn Iterator<Item = &str>> =
            if can_do_without { Box::new(notes) } else { Box::new(faults) };
        assert!(told.any(|line| is_told(line, right)), "{right}: {page}");
        assert!(!page.contains(SECRET), "{page}");
    }
}

#[tokio::test]
async fn each_right_that_a_reader_lacks_is_told() {
    let fixture = fixture().await;
    let worker = fixture.worker().await;
    fixture.bill("INV-1").await.expect(0);
    drop(worker);
    let (all, mut untold) = (rights("antre-reader"), Vec::new());
    for right in &all {
        let left: Vec<&str> = all.iter().filter(|it| *it != right).map(String::as_str).collect();
        allow(&fixture, "antre-reader", &left).await;
        let mut said = String::new();
        for arguments in [["status"].as_slice(), &["job", "INV-1"], &["dead", "list"]] {
            let ended = antre_as(&fixture, "antre-reader", arguments).await;
            said.push_str(&ended.stderr);
            said.push_str(&ended.stdout);
        }
        if !is_told_of_script(&said, right) {
            untold.push(right);
        }
    }
    assert_eq!(untold, [""; 0]);
}

/// What PROTOCOL.md lets a billing system ask, and what the crate `antre-producer` asks besides.
const OF_PROTOCOL: [&str; 15] = [
    "PING",
    "XREAD COUNT 1 STREAMS antre:{default}:ended 0",
    "XADD antre:{default}:inbox NOMKSTREAM * job {}",
    "BLMOVE antre:{default}:result:ID antre:{default}:result:ID LEFT LEFT 0.01",
    "XGROUP CREATE antre:{default}:ended billing 0 MKSTREAM",
    "XREADGROUP GROUP billing one COUNT 1 STREAMS antre:{default}:ended >",
    "XACK antre:{default}:ended billing 1-1",
    "XAUTOCLAIM antre:{default}:ended billing one 0 0",
    "HGET antre:{default}:meta:ID state",
    "HMGET antre:{default}:batch:2026-12 total done",
    "HGETALL antre:{default}:meta:ID",
    "GET antre:{default}:external_id:INV-1",
    // The figures of an account, as the modules of `clients/` read them.
    "XLEN antre:{default}:inbox",
    "ZCARD antre:{default}:done",
    "ZCOUNT antre:{default}:scheduled -inf 0",
];

/// Returns what Redis answers a producer.
async fn asked(fixture: &Fixture) -> String {
    let mut answers = String::new();
    for line in OF_PROTOCOL {
        let mut command = std::process::Command::new("redis-cli");
        command.arg("-s").arg(fixture.server.socket_path());
        command.args(["--no-auth-warning", "--user", "antre-producer", "--pass", SECRET]);
        command.args(line.split(' '));
        answers.push_str(&run(command).await.stdout);
    }
    answers
}

#[tokio::test]
async fn each_right_that_a_producer_lacks_is_told() {
    let fixture = fixture().await;
    let _worker = fixture.worker().await;
    assert!(!asked(&fixture).await.contains("NOPERM"), "{}", asked(&fixture).await);
    let (all, mut untold) = (rights("antre-producer"), Vec::new());
    for right in &all {
        let left: Vec<&str> = all.iter().filter(|it| *it != right).map(String::as_str).collect();
        allow(&fixture, "antre-producer", &left).await;
        let mut enqueue = fixture.command(&["enqueue", "--wait"]);
        enqueue.env("ANTRE_REDIS_URL", url(&fixture, "antre-producer"));
        let ended = run_with_input(enqueue, &format!("{}\n{}", bill("INV-1"), bill("INV-2"))).await;
        let said = asked(&fixture).await;
        let command = format!("'{}' command", right.trim_start_matches('+'));
        let is_told = is_told(&ended.stderr, right)
            || said.contains(&command)
            || right.contains("~antre:") && said.contains("permissions to access");
        if !is_told {
            untold.push(right);
        }
    }
    assert_eq!(untold, [""; 0]);
}

#[tokio::test]
async fn what_else_keeps_a_worker_out_is_told_as_well() {
    let fixture = fixture().await;
    for (taken, said) in [
        (["-xread", "-hset"].as_slice(), "may not run `hset`, run `xread`: add +hset +xread"),
        (&["-@blocking"], "`xread`"),
        (&["resetkeys", "%R~antre:*"], "may not use the keys of Antre: add ~antre:*"),
        (&[">other", "<hush-hush"], "redis refuses the user or password"),
    ] {
        let whole = ["reset", "on", ">hush-hush", "~antre:*", "&antre:*", "+@all", "-@admin"];
        let words = [&["ACL", "SETUSER", "antre-worker"], &whole[..], taken].concat();
        fixture.tell(&words).await;
        let page = antre_as(&fixture, "antre-worker", &["check"]).await.expect(1).stdout;
        let faults: Vec<&str> = page.lines().filter(|line| line.starts_with("FAULT")).collect();
        assert!(faults.iter().any(|fault| fault.contains(said)), "{taken:?}: {page}");
        assert!(!page.contains(SECRET), "{page}");
    }
}

#[tokio::test]
async fn a_user_for_one_account_sees_that_one_among_others() {
    let fixture = fixture().await;
    fixture.tell(&["SADD", "antre:accounts", "second-brand"]).await;
    fixture.tell(&["XADD", "antre:{second-brand}:inbox", "*", "job", "{}"]).await;
    let _worker = fixture.worker().await;
    let page = antre_as(&fixture, "antre-worker", &["check"]).await.expect(0).stdout;
    assert!(page.contains("other accounts than the configured ones were not looked at"), "{page}");
    for user in ["antre-worker", "antre-reader"] {
        let page = antre_as(&fixture, user, &["status"]).await.expect(0).stdout;
        assert!(page.contains("default") && !page.contains("second-brand"), "{page}");
    }
}

#[tokio::test]
async fn without_scan_check_finds_no_fault() {
    let fixture = fixture().await;
    fixture.tell(&["ACL", "SETUSER", "antre-worker", "-scan"]).await;
    let page = antre_as(&fixture, "antre-worker", &["check"]).await.expect(0).stdout;
    assert!(
        page.contains("note   account        inboxes of mistyped accounts were not looked for"),
        "{page}"
    );
}

#[tokio::test]
async fn a_server_whose_scan_has_another_name_is_no_fault_either() {
    let builder = RedisServer::builder().config_line("rename-command SCAN \"\"");
    let fixture = Fixture::start_on(builder.start().await.unwrap()).await;
    let page = fixture.antre(&["check"]).await.expect(0).stdout;
    assert!(
        page.contains(
            "inboxes of mistyped accounts were not looked for: it does not know the command `scan`"
        ),
        "{page}"
    );
}

#[tokio::test]
async fn a_right_that_stops_a_worker_is_told_in_the_same_words_everywhere_until_it_is_back() {
    let fixture = fixture().await;
    fixture.tell(&["ACL", "SETUSER", "antre-worker", "resetchannels"]).await;
    let worker = url(&fixture, "antre-worker");
    let served = Served::start(fixture, &[("ANTRE_REDIS_URL", &worker)]).await;
    let reason =
        "the Redis user may not use the channels of Antre: add &antre:{default}:wake to its ACL";
    served.await_unready(reason).await;
    // Who looks with another user reads it in the heartbeat.
    served.await_text("/rate-limiter/health", reason).await;
    let page = served.fixture.antre(&["status"]).await.expect(0).stdout;
    assert!(page.contains("WORKER IN TROUBLE") && page.contains(reason), "{page}");
    let page = antre_as(&served.fixture, "antre-worker", &["check"]).await.expect(1).stdout;
    assert!(page.contains(reason), "{page}");
    assert!(served.worker.output().contains(reason));
    // Nothing was done half-way.
    assert!(!served.fixture.queue().status().await.unwrap().is_known());
    served.fixture.tell(&["ACL", "SETUSER", "antre-worker", "&antre:{default}:wake"]).await;
    served.await_ready().await;
    served.fixture.bill("INV-1").await.expect(0);
    let status = served.fixture.queue().status().await.unwrap();
    assert_eq!(antre_operating::obstacles(&status), []);
}
