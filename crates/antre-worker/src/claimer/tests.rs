use antre_testkit::queue::{QueueFixture, introduce};
use tokio::{net::TcpListener, task::JoinHandle};

use super::*;
use crate::tests::{TEST_KEY, account};

/// A queue with one job, an account that may claim it, and something at Xendit's address that takes connections.
struct Setup {
    fixture: QueueFixture,
    account: Arc<Account>,
    _xendit: TcpListener,
}

impl Setup {
    async fn start() -> Self {
        let fixture = QueueFixture::start().await;
        let xendit = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = format!("http://{}", xendit.local_addr().unwrap());
        let account = Arc::new(account(&fixture.server.url(), &address, TEST_KEY));
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
