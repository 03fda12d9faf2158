//! What the Redis user may do: the users of docs/production.md are enough, and each right that is missing is named.

use antre_testkit::{RedisBuilder, RedisServer};

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

#[tokio::test]
async fn each_right_that_is_missing_is_named_with_the_word_to_add() {
    let fixture = fixture().await;
    for (taken, said) in [
        (["-info"].as_slice(), "may not run `info`: add +info to its ACL"),
        (&["-wait"], "may not run `wait`: add +wait"),
        (&["-evalsha"], "may not run `evalsha`: add +evalsha"),
        (&["-script|load"], "may not run `script|load`: add +script|load"),
        (&["-publish"], "may not run `publish`: add +publish"),
        (&["-subscribe"], "may not run `subscribe`: add +subscribe"),
        (&["-xread", "-hset"], "may not run `hset`, run `xread`: add +hset +xread"),
        (&["-@blocking"], "`xread`"),
        (&["resetchannels"], "may not use the channels of Antre: add &antre:*"),
        (&["resetkeys", "~other:*"], "may not use the keys of Antre: add ~antre:*"),
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
    let reason = "the Redis user may not use the channels of Antre: add &antre:* to its ACL";
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
    served.fixture.tell(&["ACL", "SETUSER", "antre-worker", "&antre:*"]).await;
    served.await_ready().await;
    served.fixture.bill("INV-1").await.expect(0);
    let status = served.fixture.queue().status().await.unwrap();
    assert_eq!(antre_operating::obstacles(&status), []);
}
