//! Keys and ids that another program made up do not cost an entry.

use antre_store::{Queue, Redis, StoreError, intake::Submission};
use antre_testkit::RedisServer;

use crate::support::{queue, tell};

const INBOX: &str = "antre:{default}:inbox";

async fn start() -> (RedisServer, Queue) {
    let server = RedisServer::start().await.unwrap();
    let queue = queue(&Redis::open(&server.url()).unwrap(), "default").await;
    (server, queue)
}

fn submission(id: &str, external_id: &str) -> Submission {
    Submission {
        id: id.to_owned(),
        external_id: external_id.to_owned(),
        amount: "350000".to_owned(),
        priority: "normal".to_owned(),
        max_attempts: "4".to_owned(),
        data: b"{}".to_vec(),
        ..Submission::default()
    }
}

async fn add(server: &RedisServer, id: &str) -> String {
    tell(server, &["XADD", INBOX, id, "job", "{}"]).await
}

async fn field(server: &RedisServer, id: &str, field: &str) -> String {
    tell(server, &["HGET", &format!("antre:{{default}}:meta:{id}"), field]).await
}

#[tokio::test]
async fn a_bill_key_of_another_type_makes_a_dead_job_and_the_entry_behind_it_a_job() {
    let (server, queue) = start().await;
    let key = "antre:{default}:external_id:INV-1";
    let _: String = tell(&server, &["SET", key, "mine"]).await;
    let (first, second) = (add(&server, "*").await, add(&server, "*").await);
    let both = [submission(&first, "INV-1"), submission(&second, "INV-2")];
    let accepted = queue.accept(&both).await.unwrap();
    assert_eq!((accepted.taken, accepted.jobs), (2, 1));
    assert_eq!(field(&server, &first, "state").await, "dead");
    assert_eq!(field(&server, &first, "error_code").await, "damaged_bill");
    assert!(field(&server, &first, "error_message").await.contains(key));
    assert_eq!(field(&server, &second, "state").await, "waiting");
    assert_eq!(tell::<String>(&server, &["GET", key]).await, "mine");
    let results = queue.results(&[first]).await.unwrap();
    assert!(results[0].as_deref().unwrap().contains("damaged_bill"));
}

#[tokio::test]
async fn a_text_that_is_no_bill_is_one_of_another_program() {
    let (server, queue) = start().await;
    for (number, text) in
        ["[]", "{}", "7", "null", r#"["open"]"#, r#"{"job":"1-0"}"#].iter().enumerate()
    {
        let key = format!("antre:{{default}}:external_id:INV-{number}");
        let _: String = tell(&server, &["SET", &key, text]).await;
        let id = add(&server, "*").await;
        queue.accept(&[submission(&id, &format!("INV-{number}"))]).await.unwrap();
        assert_eq!(field(&server, &id, "error_code").await, "damaged_bill", "{text}");
        assert_eq!(tell::<String>(&server, &["GET", &key]).await, *text);
    }
}

#[tokio::test]
async fn other_keys_of_another_type_cost_no_entry_either() {
    let (server, queue) = start().await;
    let _: String = tell(&server, &["SET", "antre:{default}:batch:june", "mine"]).await;
    let id = add(&server, "*").await;
    let _: String = tell(&server, &["SET", &format!("antre:{{default}}:meta:{id}"), "x"]).await;
    let _: String =
        tell(&server, &["SET", &format!("antre:{{default}}:duplicates:{id}"), "x"]).await;
    let of_batch = Submission { batch: "june".to_owned(), ..submission(&id, "INV-1") };
    assert_eq!(queue.accept(&[of_batch]).await.unwrap().taken, 1);
    assert_eq!(field(&server, &id, "error_code").await, "damaged_bill");

    let first = add(&server, "*").await;
    queue.accept(&[submission(&first, "INV-2")]).await.unwrap();
    let list = format!("antre:{{default}}:duplicates:{first}");
    let _: String = tell(&server, &["SET", &list, "x"]).await;
    let second = add(&server, "*").await;
    queue.accept(&[submission(&second, "INV-2")]).await.unwrap();
    assert_eq!(field(&server, &second, "error_code").await, "damaged_bill");
    assert_eq!(field(&server, &first, "state").await, "waiting");
}

#[tokio::test]
async fn a_key_that_all_jobs_need_keeps_the_entries_in_the_inbox() {
    let (server, queue) = start().await;
    for name in ["data", "totals", "events", "ended", "normal", "dead"] {
        let key = format!("antre:{{default}}:{name}");
        let _: u32 = tell(&server, &["DEL", &key]).await;
        let _: String = tell(&server, &["SET", &key, "x"]).await;
        let id = add(&server, "*").await;
        let error = queue.accept(&[submission(&id, "INV-1")]).await.unwrap_err();
        assert!(matches!(error, StoreError::WrongType(_)), "{name}: {error}");
        assert!(error.to_string().contains(&key), "{error}");
        assert_eq!(queue.inbox_length().await.unwrap(), 1);
        let _: u32 = tell(&server, &["DEL", &key]).await;
        assert_eq!(queue.accept(&[submission(&id, &id)]).await.unwrap().jobs, 1, "{name}");
    }
}

#[tokio::test]
async fn an_id_in_the_future_does_not_close_the_inbox() {
    let (server, queue) = start().await;
    let now_ms = queue.redis().time_us().await.unwrap() / 1_000;
    let largest = format!("{0}-{0}", u64::MAX);
    let in_two_days = format!("{}-0", now_ms + 2 * 24 * 3_600_000);
    for (number, id) in [in_two_days, largest].iter().enumerate() {
        let before = add(&server, "*").await;
        let _ = add(&server, id).await;
        assert!(queue.inbox_last_ms().await.unwrap() > Some(now_ms + 24 * 3_600_000));
        let both =
            [submission(id, &format!("INV-{number}")), submission(&before, &format!("B-{number}"))];
        assert_eq!(queue.accept(&both[..1]).await.unwrap().jobs, 1);
        assert_eq!(queue.inbox_length().await.unwrap(), 1, "others are not thrown away");
        assert_eq!(queue.accept(&both[1..]).await.unwrap().jobs, 1);
        let last_ms = queue.inbox_last_ms().await.unwrap().unwrap();
        assert!(last_ms >= now_ms && last_ms < now_ms + 3_600_000, "{last_ms}");
        let ids = queue.submit(&["{}"]).await.unwrap();
        let id = ids[0].clone().unwrap();
        queue.accept(&[submission(&id, &format!("INV-after-{number}"))]).await.unwrap();
        assert_eq!(field(&server, &id, "state").await, "waiting");
    }
    assert_eq!(queue.redis().queue("nobody".parse().unwrap()).inbox_last_ms().await.unwrap(), None);
}
