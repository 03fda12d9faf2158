//! A Redis that takes no writes, or is none that Antre can use: said by everybody, in the same words.

use std::net::{Ipv4Addr, TcpListener};
use std::process::Command;

use antre_testkit::{ChildProcess, RedisServer, eventually};
use tokio::io::{AsyncBufReadExt, AsyncWriteExt, BufReader};
use tokio::net::TcpStream;

use crate::fixture::{Fixture, PATIENCE, bill, run, run_with_input};
use crate::http::Served;

/// Makes the server refuse writes, and returns what is said of that.
async fn refuse_writes(fixture: &Fixture, how: &str) -> &'static str {
    match how {
        "a replica" => {
            fixture.tell(&["REPLICAOF", "127.0.0.1", "1"]).await;
            "redis refuses writes: this server is a replica; use the address of its primary"
        }
        "too few replicas" => {
            fixture.tell(&["CONFIG", "SET", "min-replicas-to-write", "1"]).await;
            "redis refuses writes: too few replicas are connected (NOREPLICAS): bring a replica back"
        }
        "no memory" => {
            fixture.tell(&["CONFIG", "SET", "maxmemory", "1"]).await;
            "redis is out of memory: raise maxmemory or remove other data"
        }
        _ => {
            fixture.tell(&["CONFIG", "SET", "save", "3600 1"]).await;
            fixture.tell(&["CONFIG", "SET", "dir", "/proc"]).await;
            fixture.tell(&["BGSAVE"]).await;
            "redis refuses writes: it cannot save its data to disk (MISCONF): free the disk"
        }
    }
}

#[tokio::test]
async fn a_server_that_takes_no_writes_is_told_in_the_same_words_everywhere() {
    for how in ["a replica", "too few replicas", "no memory", "no disk"] {
        let server = RedisServer::builder().config_line("enable-protected-configs yes");
        let fixture = Fixture::start_on(server.start().await.unwrap()).await;
        let served = Served::start(fixture, &[]).await;
        served.await_ready().await;
        let reason = refuse_writes(&served.fixture, how).await;
        served.await_unready(reason).await;
        served.await_text("/rate-limiter/health", reason).await;
        eventually(PATIENCE, "the log says it", async || served.worker.output().contains(reason))
            .await
            .unwrap();
        let page = served.fixture.antre(&["status"]).await.expect(0).stdout;
        assert!(page.lines().nth(1).unwrap().starts_with(&format!("  REDIS: {reason}")), "{page}");
        assert!(page.contains("unknown while nothing is sent"), "{page}");
        let page = served.fixture.antre(&["check"]).await.expect(1).stdout;
        assert!(page.contains(&format!("FAULT  redis          {reason}")), "{page}");
        let enqueue = served.fixture.command(&["enqueue", "--connect-timeout", "3s"]);
        let ended = run_with_input(enqueue, &bill("INV-1")).await.expect(1);
        assert!(
            ended.stderr.lines().next().unwrap().starts_with(&format!("antre: {reason}")),
            "{ended:?}"
        );
        assert_eq!(ended.stderr.lines().count(), 2, "{ended:?}");
    }
}

#[tokio::test]
async fn an_enqueue_that_waits_goes_on_when_redis_is_there() {
    let mut fixture = Fixture::start().await;
    let _worker = fixture.worker().await;
    fixture.server.stop().await.unwrap();
    let enqueue = fixture.command(&["enqueue"]);
    let mut child = ChildProcess::start_with_input(enqueue, bill("INV-1").as_bytes()).unwrap();
    child.wait_for_line("redis is unavailable", PATIENCE).await.unwrap();
    fixture.server.restart().await.unwrap();
    // The restarted server is empty until the worker has put its configuration in force again.
    let ended = child.wait(PATIENCE).await.unwrap();
    assert!(matches!(ended.code(), Some(0 | 1)), "{}", child.output());
    assert!(!child.output().contains("stopped after"), "{}", child.output());
}

#[tokio::test]
async fn a_paused_account_is_told_to_who_waits_for_results() {
    let fixture = Fixture::start().await;
    let _worker = fixture.worker().await;
    fixture.antre(&["pause", "--reason", "prices"]).await.expect(0);
    let enqueue = fixture.command(&["enqueue", "--wait", "--results", "one.jsonl"]);
    let mut child = ChildProcess::start_with_input(enqueue, bill("INV-1").as_bytes()).unwrap();
    child.wait_for_line("1 bill without a result: paused by ", PATIENCE).await.unwrap();
    fixture.antre(&["resume"]).await.expect(0);
    assert!(child.wait(PATIENCE).await.unwrap().success());
}

/// Answers like a server of this version that knows no scripts with a first line.
async fn pretend(stream: TcpStream, version: &'static str) {
    let (reading, mut writing) = stream.into_split();
    let mut lines = BufReader::new(reading).lines();
    while let Ok(Some(head)) = lines.next_line().await {
        let Some(count) = head.strip_prefix('*').and_then(|it| it.parse::<usize>().ok()) else {
            return;
        };
        let mut words = Vec::new();
        for _ in 0..count {
            let length = lines.next_line().await.unwrap().unwrap();
            let length: usize = length.strip_prefix('$').unwrap().parse().unwrap();
            let mut word = lines.next_line().await.unwrap().unwrap();
            // Scripts have more than one line.
            while word.len() < length {
                word = format!("{word}\n{}", lines.next_line().await.unwrap().unwrap());
            }
            words.push(word);
        }
        let info = format!(
            "# Server\r\nredis_version:{version}\r\nredis_mode:standalone\r\nrole:master\r\n"
        );
        let reply = match words[0].to_uppercase().as_str() {
            "PING" => "+PONG\r\n".to_owned(),
            "INFO" => format!("${}\r\n{info}\r\n", info.len()),
            "EVALSHA" => "-NOSCRIPT No matching script. Please use EVAL.\r\n".to_owned(),
            "SCRIPT" => "-ERR Error compiling script (new function): user_script:1: unexpected symbol near '#'\r\n".to_owned(),
            "SMEMBERS" => "*0\r\n".to_owned(),
            other => format!("-ERR unknown command `{other}`, with args beginning with: \r\n"),
        };
        if writing.write_all(reply.as_bytes()).await.is_err() {
            return;
        }
    }
}

async fn old_server(version: &'static str) -> String {
    let listener = tokio::net::TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await.unwrap();
    let url = format!("redis://{}", listener.local_addr().unwrap());
    tokio::spawn(async move {
        while let Ok((stream, _)) = listener.accept().await {
            tokio::spawn(pretend(stream, version));
        }
    });
    url
}

/// Runs worker, check and status with this URL, and expects the same words from all.
async fn expect_unusable(fixture: &Fixture, url: &str, reason: &str) {
    for (arguments, code) in [(["worker"], 64), (["check"], 1), (["status"], 64)] {
        let mut command = fixture.command(&arguments);
        command.env("ANTRE_REDIS_URL", url);
        let ended = run(command).await.expect(code);
        assert!(format!("{}{}", ended.stdout, ended.stderr).contains(reason), "{ended:?}");
    }
}

#[tokio::test]
async fn a_redis_that_is_too_old_is_named_with_its_version() {
    let fixture = Fixture::start().await;
    for version in ["6.2.14", "5.0.7"] {
        let url = old_server(version).await;
        let reason = format!(
            "redis cannot be used: its version is {version}: Antre needs Redis 7.0 or newer"
        );
        expect_unusable(&fixture, &url, &reason).await;
    }
}

#[tokio::test]
async fn the_port_of_a_sentinel_is_named() {
    let fixture = Fixture::start().await;
    let port = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).unwrap().local_addr().unwrap().port();
    fixture.write("sentinel.conf", &format!("port {port}\nbind 127.0.0.1\n"));
    let mut command = Command::new("redis-server");
    command.arg(fixture.path("sentinel.conf")).arg("--sentinel");
    let mut sentinel = ChildProcess::start(command).unwrap();
    let url = format!("redis://127.0.0.1:{port}");
    let answers = async || std::net::TcpStream::connect((Ipv4Addr::LOCALHOST, port)).is_ok();
    eventually(PATIENCE, "the sentinel listens", answers).await.unwrap();
    expect_unusable(&fixture, &url, "redis cannot be used: this is a Sentinel").await;
    sentinel.kill().unwrap();
}

#[tokio::test]
async fn the_address_of_a_replica_ends_a_worker() {
    let fixture = Fixture::start_on(RedisServer::builder().tcp().start().await.unwrap()).await;
    let primary = fixture.server.tcp_address().unwrap();
    let replica = RedisServer::builder().replica_of(primary).start().await.unwrap();
    let mut command = fixture.command(&["worker"]);
    command.env("ANTRE_REDIS_URL", replica.url());
    let ended = run(command).await.expect(64);
    assert!(
        ended.stderr.contains("this server is a replica; use the address of its primary"),
        "{ended:?}"
    );
}

#[tokio::test]
async fn a_url_with_a_fragment_is_a_fault_of_the_configuration() {
    let fixture = Fixture::start().await;
    for url in [
        "redis://127.0.0.1:6379/0#main",
        "redis://127.0.0.1:6379#",
        "redis://user:p#ss@127.0.0.1:6379",
    ] {
        for command in ["worker", "check", "status", "enqueue"] {
            let mut command = fixture.command(&[command]);
            command.env("ANTRE_REDIS_URL", url);
            let ended = run_with_input(command, &bill("INV-1")).await.expect(64);
            let said = format!("{}{}", ended.stdout, ended.stderr);
            assert!(said.contains('#') && !said.contains("p#ss"), "{said}");
        }
    }
}
