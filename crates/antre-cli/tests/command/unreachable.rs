//! A Redis that does not serve, or none at all: said by everybody, in the same words.

use std::process::Command;

use antre_testkit::{ChildProcess, RedisServer, eventually};

use crate::fixture::{Fixture, PATIENCE, bill, run, run_with_input};
use crate::http::{Served, free_port};

const BUSY: &str = "redis is unavailable: a script of another program runs for too long (BUSY)";
const LOADING: &str = "redis is unavailable: it is loading its data (LOADING)";
const NO_PASSWORD: &str =
    "redis wants a password (NOAUTH): put user and password into the Redis URL";
const WRONG_PASSWORD: &str =
    "redis refuses the user or password: put the right ones into the Redis URL";
const CLOSED: &str =
    "redis is unavailable: the connection was closed; if it never works: does the port want TLS";
const NO_TLS: &str = "with rediss://, the port may not speak TLS";
const PRIVATE: &str =
    "redis is unavailable: its certificate was not issued by an authority that Antre knows";
const NO_REDIS: &str =
    "redis is unavailable: what answers at its address does not speak Redis' protocol";
/// Certificate and key of a server, by a private authority.
const CERTIFICATE: &str =
    include_str!("../../../antre-xendit/src/wire/connection/tests/server.pem");
const AUTHORITY: &str =
    include_str!("../../../antre-xendit/src/wire/connection/tests/authority.pem");
const CERTIFICATE_KEY: &str =
    include_str!("../../../antre-xendit/src/wire/connection/tests/server-key.pem");

/// Certificate and key of a client, by an authority of its own.
const CLIENT: &str = include_str!("certificates/client.pem");
const CLIENT_KEY: &str = include_str!("certificates/client-key.pem");
const CLIENT_AUTHORITY: &str = include_str!("certificates/client-authority.pem");

/// Expects this reason, and no other, of everybody who is asked while the worker runs.
async fn expect_everywhere(served: &Served, url: &str, reason: &str) {
    served.await_unready(reason).await;
    served.await_text("/rate-limiter/health", reason).await;
    let log = async || served.worker.output().contains(reason);
    eventually(PATIENCE, "the log says it", log).await.unwrap();
    let command = |arguments: &[&str]| {
        let mut command = served.fixture.command(arguments);
        command.env("ANTRE_REDIS_URL", url);
        command
    };
    let said = run(command(&["status"])).await.expect(1).stderr;
    assert!(said.contains(reason), "{reason}: {said}");
    let page = run(command(&["check"])).await.expect(1).stdout;
    let faults: Vec<&str> = page.lines().filter(|line| line.starts_with("FAULT")).collect();
    assert!(matches!(&faults[..], [fault] if fault.contains(reason)), "{reason}: {page}");
    let enqueue = command(&["enqueue", "--connect-timeout", "3s"]);
    let said = run_with_input(enqueue, &bill("INV-1")).await.expect(1).stderr;
    assert!(said.contains(reason) && !said.contains("may have been taken"), "{reason}: {said}");
}

async fn fixture() -> Fixture {
    let server = RedisServer::builder().config_line("enable-debug-command yes");
    Fixture::start_on(server.start().await.unwrap()).await
}

/// Starts `redis-cli` with a command that takes its time.
fn begin(fixture: &Fixture, words: &[&str]) -> ChildProcess {
    let mut command = Command::new("redis-cli");
    command.arg("-s").arg(fixture.server.socket_path()).args(words);
    ChildProcess::start(command).unwrap()
}

#[tokio::test]
async fn a_script_that_does_not_end_is_told_until_it_is_killed() {
    let fixture = fixture().await;
    fixture.tell(&["CONFIG", "SET", "busy-reply-threshold", "100"]).await;
    let url = fixture.server.url();
    let served = Served::start(fixture, &[]).await;
    served.await_ready().await;
    let mut endless = begin(&served.fixture, &["EVAL", "while true do end", "0"]);
    expect_everywhere(&served, &url, BUSY).await;
    served.fixture.tell(&["SCRIPT", "KILL"]).await;
    endless.wait(PATIENCE).await.unwrap();
    served.await_ready().await;
    served.end().await;
}

#[tokio::test]
async fn a_server_that_loads_its_data_is_told_until_it_has() {
    let fixture = fixture().await;
    let url = fixture.server.url();
    let served = Served::start(fixture, &[]).await;
    served.await_ready().await;
    let fixture = &served.fixture;
    // Each key takes a millisecond, and clients are answered between keys.
    fixture.tell(&["DEBUG", "POPULATE", "100000"]).await;
    fixture.tell(&["CONFIG", "SET", "key-load-delay", "1000"]).await;
    fixture.tell(&["CONFIG", "SET", "loading-process-events-interval-bytes", "1024"]).await;
    let mut reload = begin(fixture, &["DEBUG", "RELOAD"]);
    expect_everywhere(&served, &url, LOADING).await;
    fixture.tell(&["CONFIG", "SET", "key-load-delay", "0"]).await;
    reload.wait(PATIENCE).await.unwrap();
    served.await_ready().await;
    served.end().await;
}

#[tokio::test]
async fn a_password_that_is_missing_or_wrong_is_told_until_the_server_takes_it() {
    for (credentials, reason) in [
        ("", NO_PASSWORD),
        ("?pass=wrong", WRONG_PASSWORD),
        ("?user=nobody&pass=s3cret", WRONG_PASSWORD),
    ] {
        let fixture = fixture().await;
        let url = format!("{}{credentials}", fixture.server.url());
        fixture.tell(&["CONFIG", "SET", "requirepass", "s3cret"]).await;
        let served = Served::start(fixture, &[("ANTRE_REDIS_URL", &url)]).await;
        expect_everywhere(&served, &url, reason).await;
        assert!(!served.worker.output().contains("s3cret"), "{}", served.worker.output());
        let words: &[&str] = match credentials {
            "" => &["-a", "s3cret", "CONFIG", "SET", "requirepass", ""],
            "?pass=wrong" => &["-a", "s3cret", "CONFIG", "SET", "requirepass", "wrong"],
            _ => {
                &["-a", "s3cret", "ACL", "SETUSER", "nobody", "on", ">s3cret", "+@all", "~*", "&*"]
            }
        };
        served.fixture.tell(words).await;
        served.await_ready().await;
        served.end().await;
    }
}

/// A server with a plain port, and a port for TLS whose certificate is of a private authority. `lines`: more of its
/// configuration.
async fn server_with_tls(tls: u16) -> RedisServer {
    server_with_tls_and(tls, "tls-auth-clients no").await
}

async fn server_with_tls_and(tls: u16, lines: &str) -> RedisServer {
    let directory = tempfile::tempdir().unwrap();
    let (certificate, key) =
        (directory.path().join("server.pem"), directory.path().join("key.pem"));
    std::fs::write(&certificate, CERTIFICATE).unwrap();
    std::fs::write(&key, CERTIFICATE_KEY).unwrap();
    let authority = directory.path().join("authority.pem");
    std::fs::write(&authority, CLIENT_AUTHORITY).unwrap();
    let builder = RedisServer::builder().tcp().config_line(format!(
        "tls-port {tls}\ntls-cert-file {}\ntls-key-file {}\ntls-ca-cert-file {}\n{lines}",
        certificate.display(),
        key.display(),
        authority.display()
    ));
    // It has read them when it answers.
    builder.start().await.unwrap()
}

#[tokio::test]
async fn a_server_with_the_certificate_of_a_private_authority_is_served() {
    let tls = free_port();
    let fixture = Fixture::start_on(server_with_tls(tls).await).await;
    fixture.write("authority.pem", AUTHORITY);
    let url = format!("rediss://localhost:{tls}");
    let variables = [("ANTRE_REDIS_URL", url.as_str()), ("ANTRE_REDIS_CA_FILE", "authority.pem")];
    let served = Served::start(fixture, &variables).await;
    served.await_ready().await;
    let command = |arguments: &[&str], authority: &str| {
        let mut command = served.fixture.command(arguments);
        command.env("ANTRE_REDIS_URL", &url).env("ANTRE_REDIS_CA_FILE", authority);
        command
    };
    // As the list of a system has it, among others.
    served.fixture.write("list.pem", &format!("# Others\n{CLIENT_AUTHORITY}\n# Ours\n{AUTHORITY}"));
    for list in ["authority.pem", "list.pem"] {
        run(command(&["check"], list)).await.expect(0);
    }
    let enqueue = command(&["enqueue", "--wait", "--results", "one.jsonl"], "authority.pem");
    run_with_input(enqueue, &bill("INV-1")).await.expect(0);
    served.fixture.write("other.pem", CERTIFICATE);
    let said = run(command(&["status"], "other.pem")).await.expect(1).stderr;
    assert!(said.contains(PRIVATE), "{said}");
    served.fixture.write("key.pem", CERTIFICATE_KEY);
    for file in ["key.pem", "nowhere.pem"] {
        let said = run(command(&["worker"], file)).await.expect(64).stderr;
        assert!(said.contains("ANTRE_REDIS_CA_FILE: redis_ca_file "), "{said}");
        assert!(!said.contains("BEGIN PRIVATE"), "{said}");
    }
    served.end().await;
}

#[tokio::test]
async fn a_server_that_asks_for_a_certificate_and_a_user_gets_them_from_files() {
    let tls = free_port();
    let lines = "tls-auth-clients yes\nuser antre on >p@ss/w#rd%20 ~* &* +@all";
    let server = server_with_tls_and(tls, lines).await;
    let fixture = Fixture::start_on(server).await;
    for (name, text) in [
        ("authority.pem", AUTHORITY),
        ("client.pem", CLIENT),
        ("client-key.pem", CLIENT_KEY),
        ("other.pem", CERTIFICATE),
        ("other-key.pem", CERTIFICATE_KEY),
        ("password", "p@ss/w#rd%20\n"),
        ("wrong", "hush"),
    ] {
        fixture.write(name, text);
    }
    let url = format!("rediss://localhost:{tls}");
    let all = [
        ("ANTRE_REDIS_URL", url.as_str()),
        ("ANTRE_REDIS_CA_FILE", "authority.pem"),
        ("ANTRE_REDIS_CLIENT_CERT_FILE", "client.pem"),
        ("ANTRE_REDIS_CLIENT_KEY_FILE", "client-key.pem"),
        ("ANTRE_REDIS_USERNAME", "antre"),
        ("ANTRE_REDIS_PASSWORD_FILE", "password"),
    ];
    let served = Served::start(fixture, &all).await;
    served.await_ready().await;
    let command = |arguments: &[&str], variables: &[(&str, &str)]| {
        let mut command = served.fixture.command(arguments);
        command.envs(variables.iter().copied());
        command
    };
    let enqueue = command(&["enqueue", "--wait", "--results", "one.jsonl"], &all);
    run_with_input(enqueue, &bill("INV-1")).await.expect(0);
    let without = [all[0], all[1], all[4], all[5]];
    let said = run(command(&["status"], &without)).await.expect(1).stderr;
    assert!(said.contains("it asks its clients for a certificate: name the file"), "{said}");
    let other = [
        all[0],
        all[1],
        ("ANTRE_REDIS_CLIENT_CERT_FILE", "other.pem"),
        ("ANTRE_REDIS_CLIENT_KEY_FILE", "other-key.pem"),
    ];
    let said = run(command(&["status"], &other)).await.expect(1).stderr;
    assert!(
        said.contains("it does not accept the certificate of redis_client_cert_file"),
        "{said}"
    );
    let wrong = [all[0], all[1], all[2], all[3], all[4], ("ANTRE_REDIS_PASSWORD_FILE", "wrong")];
    let said = run(command(&["status"], &wrong)).await.expect(1).stderr;
    assert!(
        said.contains("redis refuses the user or password") && !said.contains("hush"),
        "{said}"
    );
    served.end().await;
}

#[tokio::test]
async fn what_speaks_another_protocol_than_the_url_says_is_told() {
    let tls = free_port();
    let server = server_with_tls(tls).await;
    let plain = server.tcp_address().unwrap().port();
    let mut fixture = Fixture::start_on(server).await;
    let http = fixture.xendit.base_url().replace("http://", "redis://");
    for (url, reason) in [
        (format!("redis://127.0.0.1:{tls}"), CLOSED),
        (format!("rediss://127.0.0.1:{plain}"), NO_TLS),
        (format!("rediss://127.0.0.1:{tls}"), PRIVATE),
        (http, NO_REDIS),
    ] {
        let served = Served::start(fixture, &[("ANTRE_REDIS_URL", &url)]).await;
        expect_everywhere(&served, &url, reason).await;
        fixture = served.end_early().await;
    }
}

#[tokio::test]
async fn a_producer_hears_64_of_a_server_that_waiting_does_not_help() {
    let builder = RedisServer::builder().config_line("rename-command XADD \"\"");
    let fixture = Fixture::start_on(builder.start().await.unwrap()).await;
    let ended = run_with_input(fixture.command(&["enqueue"]), &bill("INV-1")).await.expect(64);
    assert!(ended.stderr.contains("it does not know the command `xadd`"), "{ended:?}");
    assert_eq!(ended.stderr.lines().count(), 1, "{ended:?}");
}

#[tokio::test]
async fn a_node_of_a_cluster_that_stays_down_ends_a_worker() {
    let lines = format!("cluster-enabled yes\ncluster-port {}", free_port());
    let builder = RedisServer::builder().tcp().config_line(lines);
    let fixture = Fixture::start_on(builder.start().await.unwrap()).await;
    let ended = fixture.antre(&["worker"]).await.expect(64);
    assert!(ended.stderr.contains("this is a node of a Redis Cluster that is down"), "{ended:?}");
}
