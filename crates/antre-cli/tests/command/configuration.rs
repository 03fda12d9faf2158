use antre_testkit::AppendFsync;

use crate::fixture::{Fixture, run};

#[tokio::test]
async fn all_faults_are_listed_and_end_with_64() {
    let fixture = Fixture::start().await;
    fixture.write("antre.toml", "lease = \"9\"\nnonsense = 1\n");
    for command in [&["worker"][..], &["status"], &["enqueue"]] {
        let ended = fixture.antre(command).await.expect(64);
        assert!(ended.stderr.contains("the configuration has 2 faults"), "{}", ended.stderr);
        assert!(ended.stderr.contains("antre.toml:1: lease"), "{}", ended.stderr);
        assert!(ended.stderr.contains("antre.toml:2: nonsense"), "{}", ended.stderr);
    }
}

#[tokio::test]
async fn a_named_file_is_read() {
    let fixture = Fixture::start().await;
    fixture.write("other.toml", "[accounts.default]\nlease = \"soon\"\n");
    let ended = fixture.antre(&["status", "-c", "other.toml"]).await.expect(64);
    assert!(ended.stderr.contains("other.toml:2: accounts.default.lease"), "{}", ended.stderr);
}

#[tokio::test]
async fn a_live_key_is_refused_on_a_redis_that_may_lose_data() {
    let fixture = Fixture::start().await;
    let mut command = fixture.command(&["worker"]);
    command.env("XENDIT_SECRET_KEY", "xnd_production_test");
    let ended = run(command).await.expect(64);
    assert!(ended.stderr.contains("account default has a live key"), "{}", ended.stderr);
    assert!(ended.stderr.contains("add `appendonly yes` to redis.conf"), "{}", ended.stderr);
}

#[tokio::test]
async fn a_live_key_is_served_on_a_durable_redis_or_when_volatile_ones_are_accepted() {
    let mut fixture = Fixture::start().await;
    for is_durable in [true, false] {
        let mut builder = antre_testkit::RedisServer::builder();
        if is_durable {
            builder = builder.append_only(AppendFsync::Never);
        }
        fixture.server = builder.start().await.unwrap();
        let mut command = fixture.command(&["worker"]);
        command.env("XENDIT_SECRET_KEY", "xnd_production_test");
        if !is_durable {
            command.env("ANTRE_ACCEPT_VOLATILE_REDIS", "true");
        }
        let _worker = antre_testkit::ChildProcess::start(command).unwrap();
        fixture.await_worker().await;
    }
}
