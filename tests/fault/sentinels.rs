//! Fail-overs by Sentinels, under load, with the defaults of a worker.

use std::time::Duration;

use antre_testkit::built_binary;
use antre_tests::sentinels::{Fall, Sentinels};

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn fail_overs_by_sentinels_lose_nothing_and_double_nothing() {
    let set = Sentinels::start(&built_binary("antre").unwrap()).await.unwrap();
    let falls = [Fall::Ordered, Fall::Killed, Fall::Stopped];
    let outcome = set.run(&falls, |_round| {}).await.unwrap();
    assert_eq!(outcome.payable_twice, Vec::<String>::new());
    assert_eq!(outcome.without_invoice, Vec::<String>::new());
    for round in &outcome.rounds {
        assert_eq!(round.accepted_and_lost, 0, "{round:?}");
        assert!(round.request_after < Duration::from_secs(30), "{round:?}");
    }
}
