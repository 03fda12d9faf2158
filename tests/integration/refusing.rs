//! Whatever is in the inbox: it ends as a dead job that says what is wrong, and harms nothing else.

use antre_tests::harness::{Harness, job, steady_settings};
use rand::{Rng, SeedableRng, rngs::StdRng};

/// The most bytes that are kept of an entry that is no job.
const RAW_BYTES_MAX: usize = 4096;

type Fields = Vec<(&'static str, Vec<u8>)>;

fn of_job(text: impl Into<Vec<u8>>) -> Fields {
    vec![("job", text.into())]
}

fn invoice(further: &str) -> Fields {
    of_job(format!(r#"{{"invoice":{{"external_id":"BAD","amount":1}}{further}}}"#))
}

fn amount(amount: &str) -> Fields {
    of_job(format!(r#"{{"invoice":{{"external_id":"BAD","amount":{amount}}}}}"#))
}

/// Garbage of every kind, and what its message must name.
fn garbage() -> Vec<(Fields, &'static str)> {
    let good = job("BAD").into_bytes();
    let deep = format!(r#","customer":{}{}"#, "[".repeat(40), "]".repeat(40));
    let long_id = format!(r#"{{"invoice":{{"external_id":"{}","amount":1}}}}"#, "x".repeat(256));
    let mut too_large = good.clone();
    too_large.resize(256 * 1024 + 1, b' ');
    let mut many: Fields = (0..20).map(|_| ("more", b"x".to_vec())).collect();
    many.push(("job", good.clone()));
    vec![
        (of_job("not json"), "job is not valid JSON"),
        (of_job("{'invoice':{}}"), "JSON has double quotes"),
        (of_job("[1,2]"), "job must be a JSON object"),
        (of_job("null"), "job must be a JSON object"),
        (of_job(""), "job is empty"),
        (of_job("{}"), "invoice is missing"),
        (of_job(r#"{"invoice":[]}"#), "invoice must be an object"),
        (of_job(r#"{"invoice":{"amount":1}}"#), "invoice.external_id is missing"),
        (of_job(r#"{"invoice":{"external_id":"BAD"}}"#), "invoice.amount is missing"),
        (of_job(r#"{"invoice":{"external_id":7,"amount":1}}"#), "invoice.external_id must be"),
        (of_job(long_id), "invoice.external_id must have 1 to 255 characters"),
        (amount(r#""350.000""#), "invoice.amount has three digits after a point"),
        (amount("[]"), "invoice.amount must be a number"),
        (amount("0"), "invoice.amount"),
        (amount("-1"), "invoice.amount"),
        (amount("1e400"), "invoice.amount"),
        (amount("1234567890123456"), "invoice.amount"),
        (amount("1,\"amount\":2"), "invoice.amount is there more than once"),
        (invoice(r#","priorty":"high""#), "priority"),
        (invoice(r#","priority":"urgent""#), "priority must be high, normal or low"),
        (invoice(r#","run_at":"tomorrow""#), "run_at must be"),
        (invoice(r#","max_retries":26"#), "max_retries must be 0 to 25"),
        (invoice(r#","check_first":"perhaps""#), "check_first must be true or false"),
        (invoice(&deep), "job is nested too deep"),
        (
            of_job(b"{\"invoice\":{\"external_id\":\"\xff\"}}".to_vec()),
            "job is not UTF-8 from byte 28",
        ),
        (of_job(vec![0xff; 20_000]), "job is not UTF-8 from byte 1 on"),
        (of_job(vec![0xff, 0xfe, b'{', 0]), "job looks like UTF-16"),
        (of_job([b"x".to_vec(), vec![0xff; 20_000]].concat()), "job is not UTF-8 from byte 2"),
        (of_job(too_large), "job is larger than 262144 bytes"),
        (vec![("jobs", good.clone())], "job must be the entry's only field"),
        (vec![("", Vec::new())], "job must be the entry's only field"),
        (
            vec![("job", good.clone()), ("cancel", b"1-1".to_vec())],
            "job must be the entry's only field",
        ),
        (vec![("job", good.clone()), ("job", good)], "job must be the entry's only field"),
        (many, "job must be the entry's only field"),
    ]
}

async fn submit_raw(harness: &Harness, fields: &Fields) -> String {
    let mut connection = harness.redis.connect().await.unwrap();
    let mut command = redis::cmd("XADD");
    command.arg(harness.queue.keys().inbox()).arg("NOMKSTREAM").arg("*");
    for (name, value) in fields {
        command.arg(*name).arg(value);
    }
    command.query_async(&mut connection).await.unwrap()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn garbage_of_every_kind_ends_dead_with_a_message_and_harms_nothing_else() {
    let harness = Harness::start(&steady_settings()).await;
    let first = harness.submit_one(&job("GOOD-1")).await;
    let mut bad = Vec::new();
    for (fields, message) in garbage() {
        bad.push((submit_raw(&harness, &fields).await, message));
    }
    let last = harness.submit_one(&job("GOOD-2")).await;
    let _worker = harness.worker("worker");

    for id in [&first, &last] {
        assert_eq!(harness.result(id).await["state"], "done");
    }
    for (id, message) in &bad {
        let result = harness.result(id).await;
        assert_eq!(
            (&result["state"], &result["error"]["code"]),
            (&"dead".into(), &"invalid".into())
        );
        let found = result["error"]["message"].as_str().unwrap();
        assert!(found.contains(message), "{message}: {found}");
        assert_eq!(harness.field(id, "error_message").await, found);
        let kept = harness.queue.job(id).await.unwrap().unwrap().data.unwrap();
        assert!(kept.len() <= RAW_BYTES_MAX, "{message}: {} bytes are kept", kept.len());
        assert!(std::str::from_utf8(&kept).is_ok());
    }
    let status = harness.queue.status().await.unwrap();
    let count = u64::try_from(bad.len()).unwrap();
    assert_eq!((status.dead, status.done, status.inbox), (count, 2, 0));
    assert_eq!((status.totals.accepted, status.suspects), (count + 2, 0));
    assert_eq!(harness.xendit.ledger().totals().requests, 2, "garbage costs no request");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn five_hundred_damaged_jobs_all_end_and_the_one_after_them_is_served() {
    let harness = Harness::start(&steady_settings()).await;
    let seed = 0xa27e;
    let mut random = StdRng::seed_from_u64(seed);
    let mut ids = Vec::new();
    for number in 0..500 {
        let mut text = job(&format!("INV-{number}")).into_bytes();
        for _ in 0..random.random_range(1..4) {
            let place = random.random_range(0..text.len());
            match random.random_range(0..3) {
                0 => text[place] = random.random(),
                1 => text.insert(place, random.random()),
                _ => text.truncate(place + 1),
            }
        }
        ids.push(submit_raw(&harness, &of_job(text)).await);
    }
    let last = harness.submit_one(&job("LAST")).await;
    let _worker = harness.worker("worker");
    assert_eq!(harness.result(&last).await["state"], "done");
    for id in &ids {
        let result = harness.result(id).await;
        let is_explained = result["state"] == "done" || result["error"]["message"] != "";
        assert!(is_explained, "seed {seed}: {result}");
    }
    let status = harness.queue.status().await.unwrap();
    assert_eq!(status.done + status.dead + status.totals.duplicates, 501, "seed {seed}");
    assert_eq!((status.inbox, status.waiting_total(), status.scheduled), (0, 0, 0));
}
