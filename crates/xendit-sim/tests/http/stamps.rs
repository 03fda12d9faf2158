//! When an arrival is said to have arrived, and what counts as one.

use tokio::io::AsyncWriteExt as _;
use tokio::net::TcpStream;
use xendit_sim::{Act, Arrival, Fault, RequestKind};

use crate::support::{PATIENCE, Xendit, eventually, raw_create, read_answer, write};

fn arrival_of(arrivals: &[Arrival], external_id: &str) -> Arrival {
    let is_it = |arrival: &&Arrival| arrival.external_id.as_deref() == Some(external_id);
    arrivals.iter().find(is_it).unwrap().clone()
}

/// Makes requests on other connections until what was written before has certainly been read.
async fn let_others_pass(xendit: &Xendit, name: &str) {
    for _ in 0..5 {
        xendit.create(name).await;
    }
}

#[tokio::test]
async fn an_arrival_is_the_instant_of_its_first_byte_however_slow_the_rest() {
    let xendit = Xendit::start().await;
    let mut stream = xendit.connect().await;
    for name in ["first", "second"] {
        let request = raw_create(name);
        let (first_byte, rest) = request.split_at(1);
        let (head, body) = rest.split_once("\r\n\r\n").unwrap();
        write(&mut stream, first_byte).await;
        let_others_pass(&xendit, &format!("after the byte of {name}")).await;
        write(&mut stream, head).await;
        write(&mut stream, "\r\n\r\n").await;
        let_others_pass(&xendit, &format!("after the head of {name}")).await;
        write(&mut stream, body).await;
        assert!(read_answer(&mut stream).await.starts_with("HTTP/1.1 200 OK"));

        let arrivals = xendit.running.ledger().arrivals();
        let last = arrivals
            .iter()
            .rfind(|arrival| {
                arrival.external_id.as_deref() == Some(&format!("after the byte of {name}"))
            })
            .unwrap();
        let slow = arrival_of(&arrivals, name);
        assert!(slow.arrived_us < last.finished_us.unwrap(), "{name}");
        assert!(slow.finished_us.unwrap() > last.finished_us.unwrap(), "{name}");
    }
}

#[tokio::test]
async fn a_connection_kept_warm_is_no_arrival() {
    let xendit = Xendit::start().await;
    let mut stream = xendit.connect().await;
    let_others_pass(&xendit, "other").await;
    write(&mut stream, &raw_create("warm")).await;
    read_answer(&mut stream).await;
    drop(stream);
    drop(xendit.connect().await);
    let arrivals = xendit.running.ledger().arrivals();
    let warm = arrival_of(&arrivals, "warm");
    let last_other = arrivals.iter().rfind(|arrival| arrival.sequence < warm.sequence).unwrap();
    assert!(warm.arrived_us > last_other.finished_us.unwrap());
    assert_eq!(xendit.running.ledger().totals().requests, 6);
}

#[tokio::test]
async fn pipelined_requests_are_arrivals_each() {
    let xendit = Xendit::start().await;
    let mut stream = xendit.connect().await;
    write(&mut stream, &format!("{}{}", raw_create("one"), raw_create("two"))).await;
    read_answer(&mut stream).await;
    read_answer(&mut stream).await;
    let arrivals = xendit.running.ledger().arrivals();
    assert_eq!(arrivals.len(), 2);
    assert!(arrivals[0].arrived_us <= arrivals[1].arrived_us);
}

#[tokio::test]
async fn a_request_whose_client_has_gone_arrives_and_creates() {
    let xendit = Xendit::start().await;
    xendit.running.add_fault(Fault::always(Act::Delay { ms: 500 })).unwrap();
    let mut stream = xendit.connect().await;
    write(&mut stream, &raw_create("gone")).await;
    drop(stream);
    let ledger = xendit.running.ledger();
    assert!(ledger.wait_until(PATIENCE, |totals| totals.finished == 1).await);
    let arrival = arrival_of(&ledger.arrivals(), "gone");
    assert!(arrival.is_client_gone);
    assert_eq!(arrival.status, Some(200));
    assert_eq!(arrival.invoice_id, Some(xendit.running.invoices("gone")[0].id.clone()));
}

#[tokio::test]
async fn half_a_request_arrives_and_creates_nothing() {
    let xendit = Xendit::start().await;
    let request = raw_create("half");
    let mut stream = xendit.connect().await;
    write(&mut stream, request.split_at(request.len() - 5).0).await;
    stream.shutdown().await.unwrap();
    let ledger = xendit.running.ledger();
    assert!(ledger.wait_until(PATIENCE, |totals| totals.finished == 1).await);
    let arrival = ledger.arrivals()[0].clone();
    assert_eq!((arrival.kind, arrival.status), (RequestKind::Create, None));
    assert!(arrival.is_client_gone);
    assert!(xendit.running.invoices("half").is_empty());
}

#[tokio::test]
async fn bytes_that_never_become_a_request_are_an_arrival() {
    let xendit = Xendit::start().await;
    for bytes in ["POST /v2/inv", "\u{16}\u{3}\u{1} no HTTP\r\n\r\n"] {
        let mut stream = xendit.connect().await;
        write(&mut stream, bytes).await;
        stream.shutdown().await.unwrap();
    }
    let ledger = xendit.running.ledger();
    eventually("both are in the ledger", || ledger.totals().finished == 2).await;
    assert!(ledger.arrivals().iter().all(|arrival| arrival.kind == RequestKind::Unreadable));
}

#[tokio::test]
async fn an_outage_refuses_connections_until_it_ends() {
    let xendit = Xendit::start().await;
    xendit.create("before").await;
    xendit.running.go_down().await;
    let refused = TcpStream::connect(xendit.running.address()).await.unwrap_err();
    assert_eq!(refused.kind(), std::io::ErrorKind::ConnectionRefused);
    xendit.running.come_back().await.unwrap();
    xendit.create("after").await;
    assert_eq!(xendit.running.ledger().totals().requests, 2);
    assert_eq!(xendit.running.invoices("before").len(), 1);
}

#[tokio::test]
async fn a_stopped_simulator_leaves_its_ledger() {
    let xendit = Xendit::start().await;
    xendit.create("INV-1").await;
    let ledger = xendit.running.ledger();
    xendit.running.stop().await;
    assert_eq!(ledger.totals().requests, 1);
}
