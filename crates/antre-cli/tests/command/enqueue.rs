use serde_json::Value;

use crate::stage::{Stage, bill, run_with_input};

#[tokio::test]
async fn nothing_is_sent_when_a_line_is_wrong() {
    let stage = Stage::start().await;
    stage.write("bills.csv", "external_id,amount\nINV-1,350000\nINV-2,\n");
    for arguments in [&["enqueue", "bills.csv"][..], &["enqueue", "bills.csv", "--dry-run"]] {
        let ended = stage.antre(arguments).await.expect(1);
        assert!(ended.stderr.contains("bills.csv: 1 fault, nothing was sent"), "{}", ended.stderr);
        assert!(ended.stderr.contains("line 3"), "{}", ended.stderr);
    }
}

#[tokio::test]
async fn a_dry_run_sends_nothing_and_needs_no_redis() {
    let mut stage = Stage::start().await;
    stage.server.stop().await.unwrap();
    stage.write("bills.csv", "external_id,amount\nINV-1,350000\nINV-2,1\n");
    let ended = stage.antre(&["enqueue", "bills.csv", "--dry-run"]).await.expect(0);
    assert_eq!(ended.stdout, "nothing is wrong with 2 jobs; none was sent\n");
}

#[tokio::test]
async fn an_account_that_nobody_serves_takes_nothing() {
    let stage = Stage::start().await;
    let ended = run_with_input(stage.command(&["enqueue"]), &bill("INV-1")).await.expect(1);
    assert!(ended.stderr.contains("nobody serves account `default`"), "{}", ended.stderr);
}

#[tokio::test]
async fn waiting_writes_a_results_file_beside_the_input() {
    let stage = Stage::start().await;
    let _worker = stage.worker().await;
    stage
        .write("bills.csv", "external_id,amount,reference\nINV-1,350000,row 1\nINV-2,1000,row 2\n");
    let ended = stage.antre(&["enqueue", "bills.csv", "--wait"]).await.expect(0);
    assert_eq!(ended.stdout, "2 done, 0 dead, 0 cancelled; results in bills.results.csv\n");
    let results = stage.read("bills.results.csv");
    assert_eq!(results.lines().count(), 3, "{results}");
    assert!(results.contains("INV-1,done,https://"), "{results}");
    assert!(results.contains("row 2"), "{results}");
}

#[tokio::test]
async fn ids_can_be_written_and_the_second_time_costs_no_request() {
    let stage = Stage::start().await;
    let _worker = stage.worker().await;
    for _ in 0..2 {
        let arguments = ["enqueue", "-", "--ids", "--wait", "--results", "links.jsonl"];
        let ended = run_with_input(stage.command(&arguments), &bill("INV-1")).await.expect(0);
        let id = ended.stdout.lines().next().unwrap().to_owned();
        let result: Value = serde_json::from_str(stage.read("links.jsonl").trim()).unwrap();
        assert_eq!(result["job"], id);
        assert_eq!(result["state"], "done");
    }
    assert_eq!(stage.xendit.ledger().totals().requests, 2, "one shows whose the key is");
}

#[tokio::test]
async fn a_bill_is_looked_up_first_when_asked() {
    let stage = Stage::start().await;
    let _worker = stage.worker().await;
    let arguments = ["enqueue", "--check-first", "--wait"];
    run_with_input(stage.command(&arguments), &bill("INV-1")).await.expect(0);
    let kinds: Vec<String> =
        stage.xendit.ledger().arrivals().iter().map(|it| it.method.clone()).collect();
    assert_eq!(kinds, ["GET", "GET", "POST"], "the first shows whose the key is");
}

#[tokio::test]
async fn a_bill_that_xendit_refuses_ends_with_1_and_says_why_in_the_file() {
    let stage = Stage::start().await;
    let _worker = stage.worker().await;
    stage.xendit.add_fault(crate::operate::refusal()).unwrap();
    stage.bill("INV-1").await.expect(1);
    let result: Value = serde_json::from_str(stage.read("one.jsonl").trim()).unwrap();
    assert_eq!(result["state"], "dead");
    assert_eq!(result["error"]["code"], "API_VALIDATION_ERROR");
}
