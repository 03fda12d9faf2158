use xendit_sim::RequestKind;

use crate::fixture::Fixture;

fn kinds(fixture: &Fixture, external_id: &str) -> Vec<RequestKind> {
    let arrivals = fixture.xendit.ledger().arrivals();
    let ours = arrivals.iter().filter(|it| it.external_id.as_deref() == Some(external_id));
    ours.map(|arrival| arrival.kind).collect()
}

#[tokio::test]
async fn after_recheck_waiting_and_new_jobs_look_at_xendit_before_they_create() {
    let fixture = Fixture::start().await;
    // A look-up that finds nothing counts once no request of before can still act.
    let short = "trust_absence_unanswered = \"400ms\"\nrequest_timeout = \"2s\"\nconnect_timeout = \"1s\"\n";
    fixture.write("antre.toml", short);
    let _worker = fixture.worker().await;
    fixture.bill("INV-0").await.expect(0);
    fixture.antre(&["pause"]).await.expect(0);
    fixture.submit("INV-1").await;
    fixture.until("it waits", |status| status.waiting_total() == 1).await;
    let said = fixture.antre(&["recheck", "--for", "2h", "--by", "ops"]).await.expect(0).stdout;
    assert_eq!(
        said,
        "account default: 1 waiting job and those submitted within 2h look at Xendit before they create\n"
    );
    fixture.antre(&["resume"]).await.expect(0);
    fixture.bill("INV-1").await.expect(0);
    fixture.bill("INV-2").await.expect(0);
    assert_eq!(kinds(&fixture, "INV-0"), [RequestKind::Create]);
    for external_id in ["INV-1", "INV-2"] {
        let kinds = kinds(&fixture, external_id);
        let (last, first) = kinds.split_last().unwrap();
        assert_eq!(*last, RequestKind::Create);
        assert!(
            !first.is_empty() && first.iter().all(|kind| *kind == RequestKind::List),
            "{kinds:?}"
        );
    }
}

#[tokio::test]
async fn recheck_covers_a_day_unless_told_otherwise() {
    let fixture = Fixture::start().await;
    let _worker = fixture.worker().await;
    let said = fixture.antre(&["recheck"]).await.expect(0).stdout;
    assert!(said.contains("0 waiting jobs and those submitted within 1d look"), "{said}");
}
