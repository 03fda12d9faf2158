//! Slow, large and wrong requests harm nobody, and nothing that is secret or personal gets into the log.

use std::time::Duration;

use antre_tests::harness::PATIENCE;
use rustix::process::{Resource, Rlimit, getrlimit, setrlimit};
use serde_json::json;
use tokio::{
    io::{AsyncReadExt as _, AsyncWriteExt as _},
    net::TcpStream,
    task::JoinSet,
    time::{Instant, timeout},
};

use crate::lab::{GatewayProcess, KEY, Lab, bill, got};

async fn open(gateway: &GatewayProcess) -> TcpStream {
    TcpStream::connect(("127.0.0.1", gateway.port)).await.unwrap()
}

/// Sends bytes and returns what comes until the end.
async fn answer_to(gateway: &GatewayProcess, bytes: &[u8]) -> String {
    let mut stream = open(gateway).await;
    // The server may have said all that it wants to say.
    stream.write_all(bytes).await.ok();
    let mut answer = Vec::new();
    timeout(PATIENCE, stream.read_to_end(&mut answer)).await.unwrap().ok();
    String::from_utf8_lossy(&answer).into_owned()
}

/// Two thousand connections are more files than a process may open at first.
fn allow_open_files() {
    let limit = getrlimit(Resource::Nofile);
    setrlimit(Resource::Nofile, Rlimit { current: limit.maximum, ..limit }).unwrap();
}

fn resident_kib(gateway: &GatewayProcess) -> u64 {
    let status =
        std::fs::read_to_string(format!("/proc/{}/status", gateway.process.pid())).unwrap();
    let line = status.lines().find(|line| line.starts_with("VmRSS:")).unwrap();
    line.split_whitespace().nth(1).unwrap().parse().unwrap()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn hostile_clients_are_refused_in_bounds_while_others_are_served() {
    let lab = Lab::start().await;
    let _worker = lab.harness.worker("worker");
    let gateway = GatewayProcess::start(&lab.harness.redis, "gateway_waiting_max = 1050").await;
    lab.post(&gateway, &bill("INV-first")).await.invoice();
    let before_kib = resident_kib(&gateway);

    // Two thousand that say nothing, or half a head, which use up no more than their connections.
    allow_open_files();
    let mut slow = Vec::new();
    for number in 0..2_000 {
        let mut stream = open(&gateway).await;
        if number % 2 == 0 {
            stream.write_all(b"POST /v2/invoices HTTP/1.1\r\nhost: ").await.unwrap();
        }
        slow.push(stream);
    }
    lab.post(&gateway, &bill("INV-1")).await.invoice();
    let files = std::fs::read_dir(format!("/proc/{}/fd", gateway.process.pid())).unwrap().count();
    assert!(files > 2_000, "{files}: the caller had to wait until others had gone");
    let grown_kib = resident_kib(&gateway).saturating_sub(before_kib);
    assert!(grown_kib < 64 * 1024, "{grown_kib} KiB for 2,000 connections");
    for mut stream in slow.drain(..2) {
        let mut rest = Vec::new();
        timeout(PATIENCE, stream.read_to_end(&mut rest)).await.unwrap().ok();
        assert!(rest.is_empty(), "{rest:?}");
    }
    drop(slow);

    let large =
        json!({ "external_id": "INV-2", "amount": 1, "description": "x".repeat(300 * 1024) });
    let large = lab.create(&gateway, &large.to_string()).send().await.unwrap();
    let large = got(large).await;
    assert_eq!((large.status, large.code()), (413, "ANTRE_BODY_TOO_LARGE".to_owned()));

    let head =
        format!("POST /v2/invoices HTTP/1.1\r\nhost: x\r\nx: {}\r\n\r\n", "x".repeat(20 * 1024));
    let answer = answer_to(&gateway, head.as_bytes()).await;
    assert!(answer.is_empty() || answer.starts_with("HTTP/1.1 431"), "{answer}");

    let form = lab.client.post(gateway.url("/v2/invoices")).basic_auth(KEY, Some(""));
    let form = form.header("content-type", "application/x-www-form-urlencoded");
    let form = got(form.body("external_id=INV-3&amount=1").send().await.unwrap()).await;
    assert_eq!((form.status, form.code()), (415, "ANTRE_SEND_JSON".to_owned()));

    let elsewhere = lab.client.get(gateway.url("/balance")).basic_auth(KEY, Some(""));
    let elsewhere = got(elsewhere.send().await.unwrap()).await;
    assert_eq!((elsewhere.status, elsewhere.code()), (404, "ANTRE_NOT_SERVED_HERE".to_owned()));
    assert_eq!(lab.accepted().await, (2, 0));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_request_that_two_programs_would_read_in_two_ways_is_one_or_none() {
    let lab = Lab::start().await;
    let _worker = lab.harness.worker("worker");
    let gateway = lab.gateway().await;
    let body = bill("INV-1").to_string();
    let body = body.as_str();
    let length = format!("content-length: {}", body.len());
    let chunked = format!("{:x}\r\n{body}\r\n0\r\n\r\n", body.len());
    let hidden = String::from_utf8(crate::repeats::raw(&bill("INV-hidden").to_string())).unwrap();
    let transfer = "transfer-encoding: chunked";
    let refused = [
        (format!("{length}\r\ncontent-length: {}", body.len() - 1), body),
        ("content-length: +5".to_owned(), body),
        ("content-length: 99999999999999999999999".to_owned(), body),
        ("transfer-encoding: chunked, identity".to_owned(), &chunked),
        ("transfer-encoding: xchunked".to_owned(), &chunked),
        (transfer.to_owned(), "zz\r\n"),
        (transfer.to_owned(), "-5\r\n{\"a\"}\r\n"),
        (transfer.to_owned(), "fffffffffffffffff\r\n{}\r\n"),
        (transfer.to_owned(), "2\r\n{}0\r\n\r\n"),
    ];
    let key = hidden.lines().find(|line| line.starts_with("authorization")).unwrap();
    let head = |lengths: &str| {
        format!("POST /v2/invoices HTTP/1.1\r\nhost: x\r\n{key}\r\n{lengths}\r\n\r\n")
    };
    for (lengths, body) in refused {
        let answer = answer_to(&gateway, (head(&lengths) + body + &hidden).as_bytes()).await;
        assert!(answer.starts_with("HTTP/1.1 400"), "{lengths} {body}: {answer}");
        assert_eq!(answer.matches("HTTP/1.1 ").count(), 1, "{lengths} {body}: {answer}");
    }
    assert_eq!(lab.accepted().await, (0, 0));
    // The chunks count (RFC 9112, 6.3), and nothing that stands behind them.
    for lengths in [format!("{transfer}\r\n{length}"), format!("{length}\r\n{transfer}")] {
        let request = head(&lengths) + &chunked + &hidden;
        let answer = answer_to(&gateway, request.as_bytes()).await;
        assert!(answer.starts_with("HTTP/1.1 200"), "{lengths}: {answer}");
        assert_eq!(answer.matches("HTTP/1.1 ").count(), 1, "{lengths}: {answer}");
    }
    assert_eq!(lab.accepted().await, (1, 0));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn who_tries_a_thousand_keys_is_slowed_down_and_nobody_else_is() {
    const KEYS: usize = 1_000;
    let lab = Lab::start().await;
    let _worker = lab.harness.worker("worker");
    let gateway = lab.gateway().await;
    allow_open_files();
    let began = Instant::now();
    let mut wrong = JoinSet::new();
    for number in 0..KEYS {
        let request = lab.client.post(gateway.url("/v2/invoices"));
        let request = request.basic_auth(format!("guess-{number}"), Some(""));
        let request = request.body(bill("INV-wrong").to_string());
        wrong.spawn(async move { request.send().await.unwrap().status().as_u16() });
    }
    lab.post(&gateway, &bill("INV-1")).await.invoice();
    let mut answered = 0;
    while let Some(answer) = wrong.try_join_next() {
        assert_eq!(answer.unwrap(), 401);
        answered += 1;
    }
    assert!(answered < KEYS, "the key that is right had to wait for all that are wrong");
    assert!(wrong.join_all().await.into_iter().all(|status| status == 401));
    // Fifty at once, each for a tenth of a second: this cannot be faster.
    assert!(began.elapsed() >= Duration::from_secs(2), "{:?}", began.elapsed());
    assert_eq!(lab.accepted().await, (1, 0));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn connections_beyond_the_bound_wait_until_another_one_ends() {
    let lab = Lab::start().await;
    let _worker = lab.harness.worker("worker");
    let gateway = GatewayProcess::start(&lab.harness.redis, "gateway_waiting_max = 2").await;
    let ask = b"GET /healthz HTTP/1.1\r\nhost: x\r\n\r\n";
    let mut answer = [0; 12];
    let mut taken = Vec::new();
    for _ in 0..4 {
        let mut stream = open(&gateway).await;
        stream.write_all(ask).await.unwrap();
        stream.read_exact(&mut answer).await.unwrap();
        taken.push(stream);
    }
    let mut further = open(&gateway).await;
    further.write_all(ask).await.unwrap();
    // Those that were taken go on.
    let mut again = vec![0; 4096];
    taken[0].write_all(ask).await.unwrap();
    assert!(timeout(PATIENCE, taken[0].read(&mut again)).await.unwrap().unwrap() > 0);
    assert!(further.try_read(&mut answer).is_err(), "one more than the bound is served");
    drop(taken.pop());
    timeout(PATIENCE, further.read_exact(&mut answer)).await.unwrap().unwrap();
    assert_eq!(&answer, b"HTTP/1.1 200");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn who_asks_before_it_sends_its_body_is_told_to_go_on_or_why_not() {
    let lab = Lab::start().await;
    let _worker = lab.harness.worker("worker");
    let gateway = lab.gateway().await;
    // As libcurl does with larger bodies, and so PHP.
    let body = bill("INV-1").to_string();
    let whole = crate::repeats::raw(&body);
    let head = &whole[..whole.len() - body.len() - 2];
    let mut stream = open(&gateway).await;
    stream.write_all(head).await.unwrap();
    stream.write_all(b"expect: 100-continue\r\nconnection: close\r\n\r\n").await.unwrap();
    let mut told = [0; 25];
    timeout(PATIENCE, stream.read_exact(&mut told)).await.unwrap().unwrap();
    assert_eq!(String::from_utf8_lossy(&told), "HTTP/1.1 100 Continue\r\n\r\n");
    stream.write_all(body.as_bytes()).await.unwrap();
    let mut answer = String::new();
    timeout(PATIENCE, stream.read_to_string(&mut answer)).await.unwrap().unwrap();
    assert!(answer.starts_with("HTTP/1.1 200"), "{answer}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn who_waits_beyond_the_bound_is_told_at_once_and_nothing_is_enqueued() {
    let lab = Lab::start().await;
    let gateway = GatewayProcess::start(&lab.harness.redis, "gateway_waiting_max = 3").await;
    let mut waiting = Vec::new();
    for number in 0..3 {
        let request = lab.create(&gateway, &bill(&format!("INV-{number}")).to_string());
        waiting.push(tokio::spawn(request.header("prefer", "wait=60").send()));
    }
    let three = async |lab: &Lab| lab.harness.queue.inbox_length().await.unwrap() == 3;
    lab.harness.until("three wait", async |_| three(&lab).await).await;
    let busy = lab.post(&gateway, &bill("INV-3")).await;
    assert_eq!((busy.status, busy.code()), (503, "ANTRE_BUSY".to_owned()));
    assert_eq!(busy.retry_after.as_deref(), Some("1"));
    assert!(three(&lab).await);
    let alive = lab.client.get(gateway.url("/readyz")).send().await.unwrap();
    assert_eq!(alive.status().as_u16(), 200);
    for one in waiting {
        one.abort();
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn neither_keys_nor_customers_get_into_the_log() {
    let lab = Lab::start().await;
    let _worker = lab.harness.worker("worker");
    let mut gateway = lab.gateway().await;
    let customer = json!({
        "external_id": "INV-1", "amount": 350_000, "payer_email": "budi@example.com",
        "customer": { "given_names": "Budi Secretname", "mobile_number": "+6281234567890" },
    });
    lab.post(&gateway, &customer).await.invoice();
    let wrong = json!({ "external_id": "INV-1", "amount": "Budi Secretname" });
    assert_eq!(lab.post(&gateway, &wrong).await.status, 400);
    let stranger = lab.client.post(gateway.url("/v2/invoices"));
    let stranger = stranger.basic_auth("xnd_production_of_somebody", Some("password"));
    stranger.body(customer.to_string()).send().await.unwrap();
    gateway.process.wait_for_line("unauthorized", Duration::from_secs(10)).await.unwrap();
    let log = gateway.process.output();
    assert!(log.contains("outcome=\"created\""), "{log}");
    for secret in [
        KEY,
        "xnd_production_of_somebody",
        "password",
        "Secretname",
        "budi@",
        "81234567890",
        "INV-1",
    ] {
        assert!(!log.contains(secret), "{secret} is in the log:\n{log}");
    }
}
