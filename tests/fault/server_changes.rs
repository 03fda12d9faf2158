//! Another server than before, or the same one started again: it may have forgotten the last claims.

use antre_tests::chaos::bills::Bill;
use antre_tests::chaos::conditions::Conditions;
use xendit_sim::RequestKind;

use crate::scene;

const BEFORE: usize = 15;

fn bills(name: &str, count: usize) -> Vec<Bill> {
    (0..count).map(|number| Bill::new(format!("INV-{name}-{number}"))).collect()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn after_a_restart_a_bounded_number_of_jobs_accepted_before_is_looked_up_first() {
    let conditions = Conditions { limits: "1/200ms", ..Conditions::quick() };
    let mut arena = scene::arena(conditions).await;
    let _worker = arena.working().await.unwrap();
    arena.queue.pause("test", "gathers jobs", None).await.unwrap();
    arena.submit(&bills("before", BEFORE)).await.unwrap();
    arena.until("all wait", |status| status.waiting_total() == 15).await.unwrap();
    arena.primary.server.kill().unwrap();
    arena.primary.server.restart().await.unwrap();
    arena.until("redis answers", |status| status.is_known()).await.unwrap();
    arena.submit(&bills("after", 3)).await.unwrap();
    arena.until("all wait", |status| status.waiting_total() == 18).await.unwrap();
    arena.queue.resume("test").await.unwrap();
    scene::verify(&arena).await;
    let begins_with = |external_id: &str| arena.arrivals(external_id).first().map(|it| it.kind);
    for bill in bills("before", BEFORE) {
        assert_eq!(begins_with(&bill.external_id), Some(RequestKind::List), "{}", bill.external_id);
    }
    for bill in bills("after", 3) {
        assert_eq!(begins_with(&bill.external_id), Some(RequestKind::Create), "{}", bill.external_id);
    }
}
