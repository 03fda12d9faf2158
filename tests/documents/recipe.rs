//! The recipe for a billing system, as PROTOCOL.md has it, against everything that can happen to a bill, in every
//! order: a link that can be paid is never taken away.

use std::{collections::VecDeque, process::Command, time::Duration};

use antre_core::Quota;
use antre_core::amount::Amount;
use antre_core::job_outcome::Findings;
use antre_core::job_outcome::FollowUpOutcome;
use antre_core::job_outcome::Invoice;
use antre_core::job_outcome::Outcome;
use antre_core::state::State;
use antre_store::{
    claim::{Grant, GrantKind},
    intake::ACCEPT_MAX,
    settings::Settings,
};
use antre_testkit::ChildProcess;
use antre_testkit::queue::{
    QueueFixture, created, delivered, follow_up_done, invoice, quick_settings, rejected,
};
use antre_tests::languages::python_with_redis;
use antre_worker::intake::submission;
use antre_xendit::body::notification;
use redis::{AsyncCommands, aio::MultiplexedConnection};

use crate::markdown::{blocks, document, section};

const LIMIT: Duration = Duration::from_mins(1);
const AMOUNT: &str = "350000";
/// When the invoices of these bills expire: in a thousand years.
const NEVER_MS: i64 = 32_503_680_000_000;

fn never_expiring(id: &str) -> Invoice {
    Invoice { expires_at_ms: Some(NEVER_MS), ..invoice(id) }
}
/// Runs the recipe's own functions, one call for each order that comes by Redis; answers with the bill's row.
const DRIVER: &str = r#"
from random import Random
shuffle = Random(7).shuffle
blocking = r.xreadgroup
r.xreadgroup = lambda *names, **options: blocking(*names, **{**options, "block": None})
while order := r.blpop("recipe:orders", 60):
    what, number = order[1].split()
    if what == "bill":
        bill(int(number), 350000)
    if what == "submit":
        submit_open_bills()
    write_links_back()
    if what == "again":  # the same entries in another order, as several consumers may read them
        with db:
            name = f"INV-2027-01-{int(number):04}"
            db.execute("UPDATE bills SET link = NULL, error = NULL, entry = '' WHERE external_id = ?", (name,))
            entries = [one for one in r.xrange(ended) if one[1]["external_id"] in (name, "")]
            shuffle(entries)
            for entry, fields in entries:
                write_back(entry, fields)
    row = db.execute("SELECT link, error FROM bills WHERE external_id = ?", (f"INV-2027-01-{int(number):04}",)).fetchone()
    r.rpush("recipe:answers", json.dumps(row))
"#;

/// What can happen to a bill after it was submitted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Happening {
    /// Others enqueue its `external_id` with another amount or currency, or what is no job; some with our reference.
    Conflict,
    /// Somebody enqueues it again.
    Duplicate,
    /// Its job is refused and retried, and gets an invoice at last.
    Retry,
    /// The answer of a request that was given up comes after all.
    LateAnswer,
    /// Its customer paid another invoice of the bill.
    Relink,
}

const HAPPENINGS: [Happening; 5] = [
    Happening::Conflict,
    Happening::Duplicate,
    Happening::Retry,
    Happening::LateAnswer,
    Happening::Relink,
];

struct Drill {
    fixture: QueueFixture,
    connection: MultiplexedConnection,
    recipe: ChildProcess,
    _directory: tempfile::TempDir,
    invoices: usize,
}

/// One bill and what the recipe made of it.
struct Bill {
    number: usize,
    /// The last grant of a create, whose answer may come late.
    grant: Option<Grant>,
    link: Option<String>,
}

impl Bill {
    fn external_id(&self) -> String {
        format!("INV-2027-01-{:04}", self.number)
    }
}

/// Returns the recipe's functions, without the calls at its end.
fn recipe() -> String {
    let text = document("PROTOCOL.md");
    let found = blocks(section(&text, "## A billing system that misses nothing"));
    let python = found.into_iter().find(|block| block.language == "python").unwrap();
    let (functions, _calls) = python.text.split_once("\nbill(1, ").unwrap();
    functions.to_owned()
}

impl Drill {
    async fn start() -> Self {
        let server = antre_testkit::RedisServer::builder().tcp().start().await.unwrap();
        // Audits of bills wait for a request's time-out, so none is due here.
        let settings = Settings { request_timeout: LIMIT, ..quick_settings() };
        let fixture = QueueFixture::start_on(server, &settings).await;
        let directory = tempfile::tempdir().unwrap();
        std::fs::write(directory.path().join("recipe.py"), recipe() + DRIVER).unwrap();
        let mut command = Command::new(python_with_redis().await);
        command.arg("recipe.py").current_dir(directory.path());
        command.env("REDIS_URL", fixture.server.tcp_url().unwrap());
        let connection = fixture.server.connect().await.unwrap();
        let recipe = ChildProcess::start(command).unwrap();
        Self { fixture, connection, recipe, _directory: directory, invoices: 0 }
    }

    async fn order(&mut self, what: &str, number: usize) -> (Option<String>, Option<String>) {
        let () = self.connection.rpush("recipe:orders", format!("{what} {number}")).await.unwrap();
        let answer: Option<(String, String)> =
            self.connection.blpop("recipe:answers", LIMIT.as_secs_f64()).await.unwrap();
        let (_, row) = answer.unwrap_or_else(|| panic!("{}", self.recipe.output()));
        serde_json::from_str(&row).unwrap()
    }

    /// Accepts what is in the inbox, as a worker does.
    async fn take_in(&self) {
        let queue = &self.fixture.queue;
        let entries = queue.read_inbox(ACCEPT_MAX, 300_000, "tester").await.unwrap();
        let submission = |one| submission(one, notification::Settings::default(), 3);
        let taken: Vec<_> = entries.iter().map(submission).collect();
        queue.accept(&taken).await.unwrap();
    }

    async fn enqueue(&self, bill: &Bill, amount: &str, more: &str) {
        let external_id = bill.external_id();
        let job =
            format!(r#"{{"invoice":{{"external_id":"{external_id}","amount":{amount}}}{more}}}"#);
        self.fixture.queue.submit(&[job]).await.unwrap();
        self.take_in().await;
    }

    fn next_invoice(&mut self) -> String {
        self.invoices += 1;
        format!("i{}", self.invoices)
    }

    /// Ends the bill's living job with a new invoice, if it has one.
    async fn answer(&mut self, bill: &mut Bill) {
        while let Some(grant) = self.fixture.try_claim().await {
            let quota = Quota::default();
            if grant.kind == GrantKind::FollowUp {
                self.fixture.queue.finish(&grant, &follow_up_done(), quota).await.unwrap();
                continue;
            }
            let invoice = self.next_invoice();
            let delivered = delivered(never_expiring(&invoice));
            self.fixture.queue.finish(&grant, &delivered, quota).await.unwrap();
            bill.grant = Some(grant);
        }
    }

    /// Refuses the bill's living job, if it has one.
    async fn refuse(&self, bill: &mut Bill) {
        while let Some(grant) = self.fixture.try_claim().await {
            let quota = Quota::default();
            if grant.kind == GrantKind::FollowUp {
                self.fixture.queue.finish(&grant, &follow_up_done(), quota).await.unwrap();
                continue;
            }
            let died = rejected("UNSUPPORTED_CURRENCY");
            self.fixture.queue.finish(&grant, &died, quota).await.unwrap();
            bill.grant = Some(grant);
            return;
        }
    }

    async fn play(&mut self, happening: Happening, bill: &mut Bill) {
        let reference = format!(r#","reference":"{}""#, bill.number);
        match happening {
            Happening::Conflict => {
                self.enqueue(bill, "1", "").await;
                self.enqueue(bill, "2", &reference).await;
                self.enqueue(bill, "350000,\"currency\":\"PHP\"", &reference).await;
                self.enqueue(bill, "\"a lot\"", &reference).await;
            }
            Happening::Duplicate => self.enqueue(bill, AMOUNT, "").await,
            Happening::Retry => {
                self.refuse(bill).await;
                let record = self.fixture.queue.bill(&bill.external_id()).await.unwrap();
                let job = record.and_then(|record| record.job);
                self.fixture.queue.retry(&[job.unwrap()]).await.unwrap();
                self.answer(bill).await;
            }
            Happening::LateAnswer => {
                self.refuse(bill).await;
                let Some(grant) = bill.grant.clone() else { return };
                let late = delivered(never_expiring(&self.next_invoice()));
                self.fixture.queue.finish(&grant, &late, Quota::default()).await.unwrap();
            }
            Happening::Relink => self.relink(bill).await,
        }
    }

    /// A second answer makes a surplus invoice, which turns out to be paid when it is to be expired.
    async fn relink(&mut self, bill: &mut Bill) {
        self.answer(bill).await;
        let Some(grant) = bill.grant.clone() else { return };
        let (queue, quota) = (&self.fixture.queue, Quota::default());
        let invoice = format!("paid{}", bill.number);
        queue.finish(&grant, &created(&invoice), quota).await.unwrap();
        let Some(follow_up) = self.fixture.try_claim().await else { return };
        let relinked = Some(Box::new(never_expiring(&invoice)));
        let done =
            Outcome::FollowUp(FollowUpOutcome::Done(Findings { relinked, ..Findings::default() }));
        queue.finish(&follow_up, &done, quota).await.unwrap();
    }

    /// Compares the row with what the bill has.
    async fn check(&mut self, bill: &mut Bill, what: &str) -> Option<String> {
        let (link, error) = self.order("write", bill.number).await;
        let record = self.fixture.queue.bill(&bill.external_id()).await.unwrap().unwrap();
        let amount = record.amount.as_ref().map(Amount::as_str);
        let is_ours = amount == Some(AMOUNT) && record.currency.is_none();
        let has_link = record.ended == Some(State::Done) && is_ours;
        let right = record.invoice.url.filter(|_| has_link);
        assert!(right.is_none() || link == right, "{what}: {link:?} ({error:?}) for {right:?}");
        assert!(right.is_none() || error.is_none(), "{what}: {error:?} beside {link:?}");
        assert!(bill.link.is_none() || link.is_some(), "{what}: {:?} was taken away", bill.link);
        bill.link = link;
        error
    }
}

/// Returns all orders of the happenings.
fn orders(happenings: &[Happening]) -> Vec<VecDeque<Happening>> {
    if happenings.is_empty() {
        return vec![VecDeque::new()];
    }
    let mut all = Vec::new();
    for (place, first) in happenings.iter().enumerate() {
        let rest: Vec<_> = [&happenings[..place], &happenings[place + 1..]].concat();
        for mut order in orders(&rest) {
            order.push_front(*first);
            all.push(order);
        }
    }
    all
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn in_every_order_of_events_the_recipe_has_the_bills_link_and_never_loses_one() {
    let mut drill = Drill::start().await;
    let orders = orders(&HAPPENINGS);
    assert_eq!(orders.len(), 120);
    for (index, order) in orders.into_iter().enumerate() {
        let mut bill = Bill { number: index + 1, grant: None, link: None };
        drill.order("bill", bill.number).await;
        drill.order("submit", bill.number).await;
        drill.take_in().await;
        for (step, happening) in order.iter().enumerate() {
            drill.play(*happening, &mut bill).await;
            drill.check(&mut bill, &format!("{happening:?}, step {step} of {order:?}")).await;
        }
        drill.order("submit", bill.number).await;
        drill.take_in().await;
        drill.answer(&mut bill).await;
        drill.check(&mut bill, &format!("the end of {order:?}")).await;
        for _ in 0..4 {
            let (link, _) = drill.order("again", bill.number).await;
            assert_eq!(link, bill.link, "in another order, {order:?}");
        }
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_bill_whose_name_another_amount_took_first_has_an_error_and_no_link() {
    let mut drill = Drill::start().await;
    let mut bill = Bill { number: 1, grant: None, link: None };
    drill.order("bill", 1).await;
    drill.enqueue(&bill, "1", "").await;
    drill.answer(&mut bill).await;
    assert_eq!(drill.check(&mut bill, "another amount").await, None);
    drill.order("submit", 1).await;
    drill.take_in().await;
    assert_eq!(drill.check(&mut bill, "ours").await.as_deref(), Some("conflict"));
    assert_eq!(bill.link, None);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_bill_whose_name_another_currency_took_gets_no_link_of_it() {
    let mut drill = Drill::start().await;
    let mut bill = Bill { number: 1, grant: None, link: None };
    drill.order("bill", 1).await;
    drill.order("submit", 1).await;
    drill.take_in().await;
    drill.refuse(&mut bill).await;
    drill.enqueue(&bill, "350000,\"currency\":\"PHP\"", "").await;
    drill.answer(&mut bill).await;
    let record = drill.fixture.queue.bill("INV-2027-01-0001").await.unwrap().unwrap();
    assert_eq!(record.ended, Some(State::Done));
    let error = drill.check(&mut bill, "pesos").await;
    assert_eq!((error.as_deref(), bill.link), (Some("UNSUPPORTED_CURRENCY"), None));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_failure_of_another_bill_with_our_reference_is_not_ours() {
    let mut drill = Drill::start().await;
    drill.order("bill", 1).await;
    for (number, error) in [(2, None), (1, Some("invalid"))] {
        let bill = Bill { number, grant: None, link: None };
        drill.enqueue(&bill, "0", r#","reference":"1""#).await;
        assert_eq!(drill.order("write", 1).await, (None, error.map(str::to_owned)), "{number}");
    }
}
