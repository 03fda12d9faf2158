use antre_testkit::queue::{QueueFixture, introduce};
use tokio::{net::TcpListener, task::JoinHandle};

use super::*;
use crate::tests::{TEST_KEY, account_with_room};

const PATIENCE: Duration = Duration::from_secs(20);

/// A queue with one job, an account that may claim it, and something at Xendit's address that takes connections.
struct Setup {
    fixture: QueueFixture,
    account: Arc<Account>,
    _xendit: TcpListener,
}

impl Setup {
    async fn start() -> Self {
        Self::start_with_room(1).await
    }

    async fn start_with_room(concurrency: usize) -> Self {
        let fixture = QueueFixture::start().await;
        let xendit = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = format!("http://{}", xendit.local_addr().unwrap());
        let account = account_with_room(concurrency, &fixture.server.url(), &address, TEST_KEY);
        let account = Arc::new(account);
        introduce(&fixture.server, &fixture.queue, &account.worker).await;
        // After a first grant the server's windows are known, so the next claim has no reason to wait.
        fixture.accept("INV-0", |_| {}).await;
        fixture.try_claim_as(&account.worker).await.unwrap();
        fixture.accept("INV-1", |_| {}).await;
        Self { fixture, account, _xendit: xendit }
    }

    fn claim(&self) -> (JoinHandle<()>, mpsc::Receiver<Work>) {
        let (sink, works) = mpsc::channel(1);
        (tokio::spawn(claim_until_stopped(Arc::clone(&self.account), sink)), works)
    }

    /// Lets a claimer that nothing keeps back claim long since.
    async fn pass_time(&self) {
        for _ in 0..50 {
            self.fixture.queue.redis().ping().await.unwrap();
            self.account.queue.redis().ping().await.unwrap();
        }
    }
}

#[tokio::test]
async fn a_claim_waits_for_a_place_and_keeps_it_until_its_request_leaves() {
    let setup = Setup::start().await;
    let gate = &setup.account.process.claims;
    let mut places = Vec::new();
    while gate.free() > 0 {
        places.push(gate.enter().await.unwrap());
    }
    let (claimer, mut works) = setup.claim();
    setup.pass_time().await;
    assert!(works.try_recv().is_err(), "the gate is full");
    let all = places.len();
    drop(places);
    let work = works.recv().await.unwrap();
    assert_eq!((work.held.grant.external_id(), gate.free()), ("INV-1", all - 1));
    drop(work.place);
    assert_eq!(gate.free(), all);
    claimer.abort();
}

#[tokio::test]
async fn nothing_is_claimed_while_redis_may_lose_it() {
    let setup = Setup::start().await;
    setup.account.set_volatility(Some("it may forget".to_owned()));
    let (claimer, mut works) = setup.claim();
    setup.pass_time().await;
    assert!(works.try_recv().is_err(), "it may be forgotten");
    setup.account.set_volatility(None);
    assert_eq!(works.recv().await.unwrap().held.grant.external_id(), "INV-1");
    claimer.abort();
}

/// Receives as many works as there are slots; returns them by claim. Only the first of a claim has its place.
async fn by_claim(works: &mut mpsc::Receiver<Work>, slots: usize) -> Vec<Vec<Work>> {
    let mut claims: Vec<Vec<Work>> = Vec::new();
    for _ in 0..slots {
        let mut work = tokio::time::timeout(PATIENCE, works.recv()).await.unwrap().unwrap();
        if work.place.take().is_some() {
            claims.push(Vec::new());
        }
        claims.last_mut().unwrap().push(work);
    }
    claims
}

#[tokio::test]
async fn a_claim_asks_for_as_many_as_the_queue_gives_and_for_half_of_the_slots_at_most() {
    const SLOTS: usize = 12;
    let setup = Setup::start_with_room(SLOTS).await;
    for number in 2..3 * SLOTS {
        setup.fixture.accept(&format!("INV-{number}"), |_| {}).await;
    }
    let account = &setup.account;
    let mut connections = Vec::new();
    for _ in 0..SLOTS {
        connections.push(account.connections.take().await.unwrap());
    }
    for connection in connections {
        account.connections.put(connection);
    }

    let (claimer, mut works) = setup.claim();
    let sizes = |claims: &[Vec<Work>]| claims.iter().map(Vec::len).collect::<Vec<_>>();
    let claims = by_claim(&mut works, SLOTS).await;
    assert_eq!(sizes(&claims), [1, 2, 4, 5], "twice as many each time, as far as slots are free");
    // All slots are free at once, and all connections are idle: nothing else runs in between.
    for work in claims.into_iter().flatten() {
        account.connections.put(work.connection.into_inner().unwrap());
        account.running.release(&work.held);
    }
    let claims = by_claim(&mut works, SLOTS).await;
    assert_eq!(sizes(&claims), [SLOTS / 2, SLOTS / 2]);
    claimer.abort();
}
