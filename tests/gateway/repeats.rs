//! Callers, libraries and proxies that repeat, cut and give up.

use std::time::Duration;

use antre_testkit::eventually;
use antre_tests::harness::PATIENCE;
use tokio::{
    io::{AsyncReadExt as _, AsyncWriteExt as _},
    net::TcpStream,
    task::JoinSet,
};
use xendit_sim::Act;

use crate::lab::{GatewayProcess, KEY, Lab, bill, got};

/// Returns a create as bytes, for those who break off.
pub(crate) fn raw(body: &str) -> Vec<u8> {
    let credentials = base64(&format!("{KEY}:"));
    format!(
        "POST /v2/invoices HTTP/1.1\r\nhost: x\r\nauthorization: Basic {credentials}\r\n\
         content-type: application/json\r\ncontent-length: {}\r\n\r\n{body}",
        body.len()
    )
    .into_bytes()
}

/// Returns the text in Base64 (RFC 4648).
fn base64(text: &str) -> String {
    const DIGITS: &[u8] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    let mut encoded = String::new();
    for chunk in text.as_bytes().chunks(3) {
        let bits = chunk.iter().fold(0_u32, |bits, byte| bits << 8 | u32::from(*byte));
        let bits = bits << (8 * (3 - chunk.len()));
        for place in 0..4 {
            let digit = usize::try_from(bits >> (18 - 6 * place) & 63).unwrap();
            encoded.push(if place > chunk.len() { '=' } else { char::from(DIGITS[digit]) });
        }
    }
    encoded
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_lost_answer_is_given_to_who_repeats() {
    let lab = Lab::start().await;
    let _worker = lab.harness.worker("worker");
    let gateway = lab.gateway().await;
    // Xendit makes the invoice and the answer is lost on its way to the worker.
    lab.harness.creates_fail(Act::Truncate { bytes: 10 }, 2);
    lab.harness.xendit.set_latency("300ms".parse().unwrap());
    let mut first = TcpStream::connect(("127.0.0.1", gateway.port)).await.unwrap();
    first.write_all(&raw(&bill("INV-1").to_string())).await.unwrap();
    lab.until_accepted(1).await;
    drop(first);
    let second = lab.insist(&gateway, &bill("INV-1")).await;
    let third = lab.insist(&gateway, &bill("INV-1")).await;
    assert_eq!((third.invoice(), &third.text), (second.invoice(), &second.text));
    assert_eq!(lab.harness.payable("INV-1").len(), 1);
    assert_eq!(lab.accepted().await, (1, 0));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_reused_connection_that_is_cut_makes_its_library_repeat_and_no_second_invoice() {
    let lab = Lab::start().await;
    let _worker = lab.harness.worker("worker");
    let gateway = lab.gateway().await;
    // What libcurl and HttpURLConnection do: the first request is answered, the second one is cut before the first byte of
    // its answer, and sent again on a new connection without a word to the program.
    let mut connection = TcpStream::connect(("127.0.0.1", gateway.port)).await.unwrap();
    connection.write_all(&raw(&bill("INV-1").to_string())).await.unwrap();
    let mut answer = vec![0; 4096];
    assert!(connection.read(&mut answer).await.unwrap() > 0);
    lab.harness.xendit.set_latency("200ms".parse().unwrap());
    connection.write_all(&raw(&bill("INV-2").to_string())).await.unwrap();
    lab.until_accepted(2).await;
    drop(connection);
    let repeated = lab.insist(&gateway, &bill("INV-2")).await;
    assert_eq!(lab.harness.payable("INV-2").len(), 1);
    assert_eq!(lab.harness.payable("INV-2")[0].id.to_string(), repeated.invoice());
    assert_eq!(lab.accepted().await, (2, 0));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_body_that_does_not_come_whole_is_nothing() {
    let lab = Lab::start().await;
    let _worker = lab.harness.worker("worker");
    let gateway = lab.gateway().await;
    let whole = raw(&bill("INV-1").to_string());
    let mut cut = TcpStream::connect(("127.0.0.1", gateway.port)).await.unwrap();
    cut.write_all(&whole[..whole.len() - 1]).await.unwrap();
    cut.shutdown().await.unwrap();
    let mut answer = Vec::new();
    cut.read_to_end(&mut answer).await.ok();
    // Another one is answered after it, so that one has had its time.
    lab.post(&gateway, &bill("INV-2")).await.invoice();
    assert_eq!(lab.accepted().await, (1, 0));
}

/// Sends `count` creates of one bill at once.
fn crowd(lab: &Lab, gateways: &[&GatewayProcess], count: usize) -> JoinSet<crate::lab::Got> {
    let mut crowd = JoinSet::new();
    for gateway in gateways {
        for _ in 0..count {
            let request = lab.create(gateway, &bill("INV-1").to_string());
            let request = request.header("prefer", "wait=60");
            crowd.spawn(async move { got(request.send().await.unwrap()).await });
        }
    }
    crowd
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_hundred_and_one_repeats_of_a_waiting_bill_are_one_job() {
    let lab = Lab::start().await;
    let gateway = lab.gateway().await;
    // Nobody takes it in: each repeat finds the entry that the first one added.
    for _ in 0..101 {
        let request = lab.create(&gateway, &bill("INV-1").to_string()).header("prefer", "wait=0");
        assert_eq!(got(request.send().await.unwrap()).await.code(), "ANTRE_STILL_QUEUED");
    }
    assert_eq!(lab.harness.queue.inbox_length().await.unwrap(), 1);
    lab.harness.queue.pause("tester", "everybody waits", None).await.unwrap();
    let _worker = lab.harness.worker("worker");
    lab.until_accepted(1).await;
    for _ in 0..101 {
        let request = lab.create(&gateway, &bill("INV-1").to_string()).header("prefer", "wait=0");
        assert_eq!(got(request.send().await.unwrap()).await.code(), "ANTRE_STILL_QUEUED");
    }
    assert_eq!(lab.accepted().await, (1, 0));
    lab.harness.queue.resume("tester").await.unwrap();
    let first = lab.insist(&gateway, &bill("INV-1")).await;
    let all = crowd(&lab, &[&gateway], 101).join_all().await;
    assert!(all.iter().all(|got| got.text == first.text), "{all:?}");
    assert_eq!(lab.accepted().await, (1, 0));
    assert_eq!(lab.harness.payable("INV-1").len(), 1);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn fifty_callers_at_each_of_two_gateways_get_the_same_invoice() {
    let lab = Lab::start().await;
    let (one, other) = (lab.gateway().await, lab.gateway().await);
    let waiting = crowd(&lab, &[&one, &other], 50);
    let entries = async |lab: &Lab| lab.harness.queue.inbox_length().await.unwrap();
    lab.harness.until("both have added it", async |_| entries(&lab).await == 2).await;
    let _worker = lab.harness.worker("worker");
    let all = waiting.join_all().await;
    assert_eq!(all.len(), 100);
    let invoice = all[0].invoice();
    assert!(all.iter().all(|got| got.invoice() == invoice), "{all:?}");
    assert!(all.iter().all(|got| got.text == all[0].text), "a duplicate gets the whole answer");
    assert_eq!(lab.accepted().await, (2, 1));
    assert_eq!(lab.harness.steps("INV-1"), "C");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_more_important_repeat_lifts_the_job() {
    let lab = Lab::start().await;
    let _worker = lab.harness.worker("worker");
    let gateway = lab.gateway().await;
    lab.harness.queue.pause("tester", "to look at priorities", None).await.unwrap();
    let post = async |priority: &'static str| {
        let request = lab.create(&gateway, &bill("INV-1").to_string()).header("prefer", "wait=0");
        got(request.header("x-antre-priority", priority).send().await.unwrap()).await
    };
    post("low").await;
    lab.until_accepted(1).await;
    let job = lab.job_of("INV-1").await;
    assert_eq!(lab.harness.field(&job, "priority").await, "low");
    for _ in 0..3 {
        post("high").await;
        eventually(PATIENCE, "it is lifted", async || {
            lab.harness.field(&job, "priority").await == "high"
        })
        .await
        .unwrap();
    }
    post("normal").await;
    assert_eq!(lab.accepted().await, (2, 1));
    lab.harness.queue.resume("tester").await.unwrap();
    let answer = lab.insist(&gateway, &bill("INV-1")).await;
    assert_eq!(answer.invoice(), lab.harness.payable("INV-1")[0].id.to_string());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn all_who_wait_are_answered_when_the_gateway_stops() {
    let lab = Lab::start().await;
    let mut gateway = lab.gateway().await;
    let waiting = crowd(&lab, &[&gateway], 20);
    lab.harness
        .until("it is added", async |lab| lab.queue.inbox_length().await.unwrap() == 1)
        .await;
    gateway.process.terminate().unwrap();
    for got in waiting.join_all().await {
        assert_eq!((got.status, got.code()), (503, "ANTRE_SHUTTING_DOWN".to_owned()));
    }
    let status = gateway.process.wait(Duration::from_secs(10)).await.unwrap();
    assert!(status.success(), "{}", gateway.process.output());
    // The bill goes on, and another gateway tells of it.
    let _worker = lab.harness.worker("worker");
    let other = lab.gateway().await;
    lab.insist(&other, &bill("INV-1")).await.invoice();
    assert_eq!(lab.harness.payable("INV-1").len(), 1);
}
