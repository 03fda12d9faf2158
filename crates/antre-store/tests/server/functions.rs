//! The scripts of every request run as functions where they can, and as scripts where not.

use antre_store::{Queue, Redis, intake::Submission};
use antre_testkit::RedisServer;

use crate::support::{queue, tell};

/// Returns how often clients called `command` and it succeeded.
async fn calls(server: &RedisServer, command: &str) -> u32 {
    let stats: String = tell(server, &["INFO", "commandstats"]).await;
    let line = stats.lines().find_map(|line| line.strip_prefix(&format!("cmdstat_{command}:")));
    let number = |name: &str| {
        let (_, rest) = line?.split_once(&format!("{name}="))?;
        rest.split(',').next()?.parse::<u32>().ok()
    };
    number("calls").unwrap_or_default() - number("failed_calls").unwrap_or_default()
}

async fn ask(queue: &Queue) {
    assert!(queue.read_inbox(1, 1, "tester").await.unwrap().is_empty());
}

#[tokio::test]
async fn functions_are_loaded_once_and_again_when_somebody_has_removed_them() {
    let server = RedisServer::start().await.unwrap();
    let queue = queue(&Redis::open(&server.url()).unwrap(), "default").await;
    for _ in 0..3 {
        ask(&queue).await;
    }
    assert_eq!((calls(&server, "fcall").await, calls(&server, "function|load").await), (3, 1));
    let _: String = tell(&server, &["FUNCTION", "FLUSH"]).await;
    ask(&queue).await;
    assert_eq!(calls(&server, "fcall").await, 3, "it ran as a script");
    ask(&queue).await;
    assert_eq!((calls(&server, "fcall").await, calls(&server, "function|load").await), (4, 2));
    let other = Redis::open(&server.url()).unwrap().queue("default".parse().unwrap());
    ask(&other).await;
    assert_eq!(calls(&server, "fcall").await, 5, "what another process has loaded is used");
}

#[tokio::test]
async fn a_user_without_the_right_to_functions_runs_scripts() {
    let server = RedisServer::start().await.unwrap();
    for (number, missing) in ["-fcall", "-function|load"].iter().enumerate() {
        let user = format!("app{number}");
        let words = ["ACL", "SETUSER", &user, "on", ">right", "~*", "&*", "+@all", missing];
        let _: String = tell(&server, &words).await;
        let url = format!("{}?user={user}&pass=right", server.url());
        let queue = queue(&Redis::open(&url).unwrap(), "default").await;
        ask(&queue).await;
        assert_eq!(calls(&server, "fcall").await, 0, "{missing}");
    }
}

/// A function outlives its call, and so does what it keeps.
#[tokio::test]
async fn a_call_that_fails_before_it_begins_writes_nothing_of_the_call_before() {
    let server = RedisServer::start().await.unwrap();
    let queue = queue(&Redis::open(&server.url()).unwrap(), "default").await;
    let id = queue.submit(&["{}"]).await.unwrap().remove(0).unwrap();
    let submission = Submission {
        id: id.clone(),
        external_id: "INV-1".to_owned(),
        amount: "350000".to_owned(),
        priority: "normal".to_owned(),
        max_attempts: "4".to_owned(),
        data: b"{}".to_vec(),
        ..Submission::default()
    };
    queue.accept(&[submission]).await.unwrap();
    assert!(calls(&server, "fcall").await > 0, "it ran as a function");
    let record = format!("antre:{{default}}:meta:{id}");
    let _: u32 = tell(&server, &["DEL", &record]).await;
    let _: u32 = tell(&server, &["LPUSH", "antre:{default}:clock", "another program's"]).await;
    assert!(queue.read_inbox(1, 1, "tester").await.is_err());
    assert_eq!(tell::<u32>(&server, &["EXISTS", &record]).await, 0);
    assert_eq!(queue_total(&server, "accepted").await, "1");
}

async fn queue_total(server: &RedisServer, name: &str) -> String {
    tell(server, &["HGET", "antre:{default}:totals", name]).await
}
