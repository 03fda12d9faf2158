//! A Redis that somebody else manages, and that refuses some commands: Antre does without them, or says what it needs.
//! docs/redis.md has the table.

use antre_testkit::{AppendFsync, RedisServer, eventually};

use crate::fixture::{Ended, Fixture, LIVE_KEY, PATIENCE, run};
use crate::http::Served;

/// A fixture with a user `app` who may do everything but this.
async fn without(commands: &[&str]) -> Fixture {
    without_on(RedisServer::start().await.unwrap(), commands).await
}

async fn without_on(server: RedisServer, commands: &[&str]) -> Fixture {
    let fixture = Fixture::start_on(server).await;
    allow(&fixture, commands).await;
    fixture
}

async fn allow(fixture: &Fixture, changes: &[&str]) {
    let all = ["ACL", "SETUSER", "app", "reset", "on", ">hush-hush", "~*", "&*", "+@all"];
    fixture.tell(&[&all[..], changes].concat()).await;
}

fn url(fixture: &Fixture) -> String {
    format!("{}?user=app&pass=hush-hush", fixture.server.url())
}

async fn check(fixture: &Fixture) -> Ended {
    let mut command = fixture.command(&["check"]);
    command.env("ANTRE_REDIS_URL", url(fixture));
    run(command).await
}

/// Starts a worker with more variables, sends a bill, and returns what the worker said.
async fn serves(fixture: Fixture, variables: &[(&str, &str)]) -> (Fixture, String) {
    let url = url(&fixture);
    let variables = [&[("ANTRE_REDIS_URL", url.as_str())], variables].concat();
    let served = Served::start(fixture, &variables).await;
    served.await_ready().await;
    served.fixture.bill("INV-1").await.expect(0);
    let said = served.worker.output();
    (served.end_early().await, said)
}

#[tokio::test]
async fn scripts_config_and_clients_may_be_refused() {
    let fixture = without(&["-script", "-config", "-client", "-acl", "-hello"]).await;
    fixture.tell(&["SCRIPT", "FLUSH"]).await;
    let (fixture, said) = serves(fixture, &[]).await;
    assert!(!said.contains("does not work"), "{said}");
    check(&fixture).await.expect(0);
}

#[tokio::test]
async fn scripts_alone_serve_where_functions_are_refused() {
    let fixture = without(&["-script", "-function", "-fcall"]).await;
    let (fixture, said) = serves(fixture, &[]).await;
    assert!(!said.contains("does not work"), "{said}");
    let page = check(&fixture).await.expect(0).stdout;
    let note = "may not run `fcall`, run `function|load`: add +fcall +function|load to its ACL";
    assert!(page.contains(note), "{page}");
}

#[tokio::test]
async fn a_test_key_is_served_by_a_server_that_tells_nothing_of_itself() {
    let fixture = without(&["-info"]).await;
    let (fixture, said) = serves(fixture, &[]).await;
    let fault = "it is not known whether redis keeps its data: the Redis user may not run `info`: add +info to its ACL";
    assert!(said.contains(fault), "{said}");
    let page = check(&fixture).await.expect(0).stdout;
    let has_note = page.lines().any(|line| line.starts_with("note") && line.contains(fault));
    assert!(has_note, "{page}");
}

#[tokio::test]
async fn a_live_key_is_served_by_such_a_server_only_if_somebody_says_that_it_keeps_its_data() {
    let fixture = without(&["-info"]).await;
    let mut worker = fixture.command(&["worker"]);
    worker.env("ANTRE_REDIS_URL", url(&fixture)).env("XENDIT_SECRET_KEY", LIVE_KEY);
    let ended = run(worker).await.expect(64);
    for said in [
        "it is not known whether redis keeps its data",
        "add +info to its ACL",
        "or set accept_volatile_redis = true if you know that it keeps them",
    ] {
        assert!(ended.stderr.contains(said), "{said}: {ended:?}");
    }
    let variables = [("XENDIT_SECRET_KEY", LIVE_KEY), ("ANTRE_ACCEPT_VOLATILE_REDIS", "true")];
    serves(fixture, &variables).await;
}

#[tokio::test]
async fn without_info_and_functions_nothing_tells_that_the_server_was_restarted() {
    let fixture = without(&["-info", "-fcall"]).await;
    let page = check(&fixture).await.expect(1).stdout;
    assert!(
        page.contains(
            "FAULT  redis          the Redis user may not run `info`: add +info to its ACL"
        ),
        "{page}"
    );
    let worker = url(&fixture);
    let served = Served::start(fixture, &[("ANTRE_REDIS_URL", &worker)]).await;
    served.await_unready("the Redis user may not run `info`: add +info to its ACL").await;
    allow(&served.fixture, &["-fcall"]).await;
    served.await_ready().await;
    served.end().await;
}

#[tokio::test]
async fn replicas_that_cannot_be_asked_are_a_fault_only_where_there_are_some() {
    let server = RedisServer::builder().tcp().append_only(AppendFsync::EverySecond);
    let fixture = without_on(server.start().await.unwrap(), &["-wait"]).await;
    let (fixture, _) = serves(fixture, &[]).await;
    let page = check(&fixture).await.expect(0).stdout;
    assert!(page.contains("may not run `wait`: add +wait to its ACL"), "{page}");

    let primary = fixture.server.tcp_address().unwrap();
    let _replica = RedisServer::builder().replica_of(primary).start().await.unwrap();
    let page = check(&fixture).await.expect(1).stdout;
    let fault =
        "FAULT  redis          no replica can be asked whether it has a claim, so nothing is sent";
    assert!(page.contains(fault), "{page}");
    let worker = url(&fixture);
    let served = Served::start(fixture, &[("ANTRE_REDIS_URL", &worker)]).await;
    served.await_unready("may not run `wait`: add +wait to its ACL").await;
    let fixture = served.end_early().await;
    serves(fixture, &[("ANTRE_DURABILITY", "local")]).await;
}

#[tokio::test]
async fn replicas_are_seen_without_info_as_well() {
    let server = RedisServer::builder().tcp().start().await.unwrap();
    let fixture = without_on(server, &["-info"]).await;
    let primary = fixture.server.tcp_address().unwrap();
    let _replica = RedisServer::builder().replica_of(primary).start().await.unwrap();
    let is_seen =
        async || check(&fixture).await.stdout.contains(", master, 1 replicas, unknown eviction");
    eventually(PATIENCE, "the replica is seen", is_seen).await.unwrap();
}

/// The program that the tests start says what it is.
#[tokio::test]
async fn a_server_is_named_by_its_own_name_and_version() {
    let mut asked = std::process::Command::new("redis-server");
    asked.arg("--version");
    let told = run(asked).await.expect(0).stdout;
    let version = told.split(' ').find_map(|word| word.strip_prefix("v=")).unwrap();
    let name = if told.starts_with("Valkey") { "valkey" } else { "redis" };
    let fixture = without(&["-info"]).await;
    let line = format!("ok     redis          {name} {version}, master, 0 replicas, ");
    for page in [check(&fixture).await.stdout, fixture.antre(&["check"]).await.stdout] {
        assert!(page.contains(&line), "{line}: {page}");
    }
}
