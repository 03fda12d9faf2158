//! Bills whose look-up always fails, in front of many good ones: their trouble stays their own.

use antre_core::state::State;
use antre_operating::notices;
use antre_store::operate::{Cancelled, Retried};
use antre_store::settings::Settings;
use antre_tests::fleet::RunningWorker;
use antre_tests::harness::{Harness, job, job_with, jobs, steady_settings};
use serde_json::json;
use xendit_sim::{Act, Fault, RequestKind};

const GOOD: usize = 60;
/// More than any list that is read.
const PADDED_BYTES: usize = 16 << 20;
/// Failures of its own after which a job is dead.
const OWN_FAILURES: usize = 8;
/// Requests of a poisonous job before the good ones are done: its waits grow, so it is far from its end.
const EARLY_MAX: usize = OWN_FAILURES;

fn settings() -> Settings {
    let mut settings = steady_settings();
    settings.limits = "50/500ms".parse().unwrap();
    settings.jitter_allowance = std::time::Duration::from_millis(50);
    settings.retry_delays = "20ms,50ms,100ms".parse().unwrap();
    settings
}

fn name(number: usize) -> String {
    format!("POISON-{number}")
}

/// Poisonous jobs stand before good ones; the lists of theirs are answered by `act`.
struct Poisoned {
    harness: Harness,
    _worker: RunningWorker,
    poison: Vec<String>,
    good: Vec<String>,
}

impl Poisoned {
    /// `has_invoices`: each has an invoice already, whose answer nobody heard.
    async fn start(count: usize, act: Act, has_invoices: bool) -> Self {
        let harness = Harness::start(&settings()).await;
        harness.queue.pause("tester", "so that all wait", None).await.unwrap();
        let mut fault = Fault::on(RequestKind::List, act);
        fault.external_id_prefix = Some("POISON".to_owned());
        harness.fault(fault);
        let looking = json!({ "check_first": true });
        let poison: Vec<String> =
            (0..count).map(|number| job_with(&name(number), &json!({}), &looking)).collect();
        let worker = harness.worker("worker");
        let poison = harness.submit_accepted(&poison).await;
        if has_invoices {
            for (number, id) in poison.iter().enumerate() {
                let mark = json!({ "antre_job": format!("default/{id}") });
                let invoice =
                    json!({ "external_id": name(number), "amount": 350_000, "metadata": mark });
                harness.bystander_creates(&invoice).await;
            }
        }
        let good = harness.submit_accepted(&jobs("GOOD", GOOD)).await;
        harness.queue.resume("tester").await.unwrap();
        Self { harness, _worker: worker, poison, good }
    }

    /// The good ones are done before the poisonous ones have cost much; those end, and say why.
    async fn harms_nobody(&self) {
        for id in &self.good {
            assert_eq!(self.harness.result(id).await["state"], "done");
        }
        let arrivals = self.harness.xendit.ledger().arrivals();
        let is_good = |id: &str| id.starts_with("GOOD");
        let last = arrivals.iter().rposition(|it| it.external_id.as_deref().is_some_and(is_good));
        let early = arrivals[..=last.unwrap()]
            .iter()
            .filter(|it| it.external_id.as_deref().is_some_and(|id| id.starts_with("POISON")))
            .count();
        assert!(early <= self.poison.len() * EARLY_MAX, "{early} before the last good one");
        for (number, id) in self.poison.iter().enumerate() {
            let result = self.harness.result(id).await;
            assert_eq!(result["error"]["code"], "lookup_refused", "{result}");
            let asked = self.harness.requests(&name(number)).len();
            // Those at which nobody else had been answered yet are not its own.
            assert!((OWN_FAILURES..=2 * OWN_FAILURES + EARLY_MAX).contains(&asked), "{asked}");
        }
        let status = self.harness.queue.status().await.unwrap();
        assert_eq!((&status.breaker, status.totals.worker_opened), (&None, 0));
        assert_eq!(status.dead, u64::try_from(self.poison.len()).unwrap());
        let notices = notices(&status);
        let notice = notices.iter().find(|it| it.code == "look_ups_fail").unwrap();
        assert!(self.poison.iter().any(|id| notice.text.contains(id)), "{notice:?}");
    }

    /// What follows a poisonous job looks first, and finds what there is.
    async fn keeps_the_doubt(&self) {
        let bill = self.harness.queue.bill(&name(0)).await.unwrap().unwrap();
        assert_eq!((bill.ended, bill.may_have_sent), (Some(State::Dead), true), "{bill:?}");
        self.harness.xendit.clear_faults();
        let retried = self.harness.queue.retry(&self.poison[1..2]).await.unwrap();
        assert_eq!(retried, [Retried::Revived]);
        assert_eq!(self.harness.queue.discard(&self.poison[2..3]).await.unwrap(), 1);
        // Without a wish to look: its predecessor's doubt is why it does.
        for number in [0, 2] {
            let before = self.harness.steps(&name(number)).len();
            let id = self.harness.submit_one(&job(&name(number))).await;
            assert_eq!(self.harness.result(&id).await["state"], "done");
            let steps = self.harness.steps(&name(number));
            assert_eq!(steps.get(before..=before), Some("L"), "{steps}");
        }
        assert_eq!(self.harness.result(&self.poison[1]).await["state"], "done");
        for number in 0..3 {
            assert_eq!(self.harness.payable(&name(number)).len(), 1, "{number}");
        }
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn three_bills_whose_look_up_is_forbidden_harm_nobody() {
    let poisoned = Poisoned::start(3, Act::status(403), false).await;
    poisoned.harms_nobody().await;
    poisoned.keeps_the_doubt().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn eight_bills_whose_look_up_is_forbidden_harm_nobody() {
    Poisoned::start(8, Act::status(403), false).await.harms_nobody().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn three_bills_whose_look_up_fails_harm_nobody() {
    let poisoned = Poisoned::start(3, Act::status(503), true).await;
    poisoned.harms_nobody().await;
    poisoned.keeps_the_doubt().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn eight_bills_whose_look_up_fails_harm_nobody() {
    Poisoned::start(8, Act::status(500), true).await.harms_nobody().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn three_bills_whose_lists_are_too_long_to_read_harm_nobody() {
    let poisoned = Poisoned::start(3, Act::Pad { bytes: PADDED_BYTES }, true).await;
    poisoned.harms_nobody().await;
    poisoned.keeps_the_doubt().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_list_of_several_megabytes_is_read() {
    let harness = Harness::start(&settings()).await;
    let known = json!({ "external_id": "INV-1", "amount": 350_000 });
    let known = harness.bystander_creates(&known).await;
    harness.fault(Fault::on(RequestKind::List, Act::Pad { bytes: 8 << 20 }));
    let _worker = harness.worker("worker");
    let id =
        harness.submit_one(&job_with("INV-1", &json!({}), &json!({ "check_first": true }))).await;
    assert_eq!(harness.result(&id).await["invoice_id"], known);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_job_that_was_never_sent_can_be_cancelled_while_its_look_up_fails() {
    let poisoned = Poisoned::start(1, Act::status(503), false).await;
    let (harness, id) = (&poisoned.harness, &poisoned.poison[0]);
    harness
        .until("it is cancelled", async |harness| {
            harness.queue.cancel(id).await.unwrap() == Cancelled::Cancelled
        })
        .await;
    assert_eq!(harness.result(id).await["state"], "cancelled");
    for id in &poisoned.good {
        assert_eq!(harness.result(id).await["state"], "done");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn bills_with_an_invoice_that_nobody_can_look_up_harm_nobody_and_end_in_doubt() {
    let harness = Harness::start(&settings()).await;
    for (on, act) in
        [(RequestKind::Create, Act::status(504)), (RequestKind::List, Act::status(503))]
    {
        let mut fault = Fault::on(on, act).after_creation();
        fault.external_id_prefix = Some("POISON".to_owned());
        harness.fault(fault);
    }
    let _worker = harness.worker("worker");
    harness.queue.pause("tester", "so that all wait", None).await.unwrap();
    let poison =
        harness.submit_accepted(&(0..3).map(|one| job(&name(one))).collect::<Vec<_>>()).await;
    let good = harness.submit_accepted(&jobs("GOOD", GOOD)).await;
    harness.queue.resume("tester").await.unwrap();
    for id in &good {
        assert_eq!(harness.result(id).await["state"], "done");
    }
    for id in &poison {
        assert!(matches!(
            harness.queue.cancel(id).await.unwrap(),
            Cancelled::TooLate(_) | Cancelled::Ended(_)
        ));
        let result = harness.result(id).await;
        assert_eq!(result["state"], "dead", "{result}");
    }
    harness.xendit.clear_faults();
    for (number, before) in poison.iter().enumerate() {
        let id = harness.submit_one(&job(&name(number))).await;
        assert_eq!(harness.result(&id).await["state"], "done", "{before}");
        assert_eq!(harness.payable(&name(number)).len(), 1, "{}", harness.steps(&name(number)));
        assert_eq!(harness.steps(&name(number)).matches('C').count(), 1);
    }
    assert_eq!(harness.queue.status().await.unwrap().breaker, None);
}
