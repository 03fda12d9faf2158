//! The billing application of `tests/billing` in its three variants, while two answers of Xendit are lost.

use antre_testkit::built_binary;
use antre_tests::billing::{Count, Portal, Setup, Variant, environment};
use futures_util::future::join_all;
use xendit_sim::{Act, Fault, Limits, Options, RequestKind};

use crate::environment::folder;

const CUSTOMERS: u32 = 6;
const QUICK: [(&str, &str); 3] = [
    ("ANTRE_TRUST_ABSENCE_ANSWERED", "200ms"),
    ("ANTRE_TRUST_ABSENCE_UNANSWERED", "500ms"),
    ("ANTRE_LEASE", "1500ms"),
];

/// Bills a month while the answers of two bills are lost, then runs the hourly job once.
async fn billed(variant: Variant, setup: Setup) -> Count {
    let portal = Portal::start(variant, setup).await.unwrap();
    for bill in [2, 5] {
        let lost = Fault::on(RequestKind::Create, Act::Reset).after_creation().times(1);
        portal.xendit.add_fault(lost.for_external_id(format!("Jakinet/{bill}"))).unwrap();
    }
    portal.call("/jobs/month").await.unwrap();
    portal.call("/jobs/retry").await.unwrap();
    let count = portal.count().await.unwrap();
    assert_eq!(portal.xendit.faults(), [], "the answers of both bills were lost");
    assert_eq!(count.links_missing, 0, "{variant:?}: {count:?}\n{}", portal.output());
    count
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn lost_answers_make_second_invoices_only_where_nothing_looks_first() {
    let setup = Setup {
        python: environment(&folder("billing")).await.unwrap(),
        antre: built_binary("antre").unwrap(),
        customers: CUSTOMERS,
        xendit: Options { limits: Limits(Vec::new()), ..Options::default() },
        limits: "20/1s",
        worker_options: &QUICK,
    };
    let counts = join_all(Variant::ALL.map(|variant| billed(variant, setup.clone()))).await;
    let payable: Vec<(usize, usize)> =
        counts.iter().map(|count| (count.payable, count.payable_twice)).collect();
    // Directly both bills have two, which shows that the answers were lost after the invoice was made.
    assert_eq!(payable, [(8, 2), (6, 0), (6, 0)], "{counts:?}");
}
