use std::fs::{self, File};
use std::io::Write as _;
use std::process::Command;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;

use serde_json::Value;

use crate::fixture::{Fixture, PATIENCE, bill, run, run_with_input};

#[tokio::test]
async fn nothing_is_sent_when_a_line_is_wrong() {
    let fixture = Fixture::start().await;
    fixture.write("bills.csv", "external_id,amount\nINV-1,350000\nINV-2,\n");
    for arguments in [&["enqueue", "bills.csv"][..], &["enqueue", "bills.csv", "--dry-run"]] {
        let ended = fixture.antre(arguments).await.expect(1);
        assert!(ended.stderr.contains("bills.csv: 1 fault, nothing was sent"), "{}", ended.stderr);
        assert!(ended.stderr.contains("line 3"), "{}", ended.stderr);
    }
}

#[tokio::test]
async fn a_dry_run_sends_nothing_and_needs_no_redis() {
    let mut fixture = Fixture::start().await;
    fixture.server.stop().await.unwrap();
    fixture.write("bills.csv", "external_id,amount\nINV-1,350000\nINV-2,1\n");
    let ended = fixture.antre(&["enqueue", "bills.csv", "--dry-run"]).await.expect(0);
    assert_eq!(ended.stdout, "nothing is wrong with 2 jobs; none was sent\n");
}

#[tokio::test]
async fn a_dry_run_shows_what_the_worker_will_remark_and_the_results_show_the_same() {
    let fixture = Fixture::start().await;
    fixture.write(
        "bills.csv",
        "\u{FEFF}external_id;amount;customer.mobile_number;customer.email\r\n\
         INV-1;350000;0812-3456-7890 / 0813-9999-8888;a@b\r\n",
    );
    let foreseen = [
        "line 2, column customer.mobile_number: warning: invoice.customer.mobile_number cannot be",
        "line 2, column customer.email: warning: invoice.customer.email cannot be",
    ];
    let ended = fixture.antre(&["enqueue", "bills.csv", "--dry-run"]).await.expect(0);
    let lines: Vec<&str> = ended.stdout.lines().collect();
    assert!(lines.iter().zip(foreseen).all(|(line, start)| line.starts_with(start)), "{lines:#?}");
    assert_eq!(lines[2..], ["1 job, 2 warnings; none was sent"]);

    let _worker = fixture.worker().await;
    let ended = fixture.antre(&["enqueue", "bills.csv", "--wait"]).await.expect(0);
    assert!(ended.stderr.contains(lines[0]) && ended.stderr.contains(lines[1]), "{}", ended.stderr);
    assert!(
        ended.stderr.contains("1 job enqueued in account default, 2 warnings"),
        "{}",
        ended.stderr
    );
    assert_eq!(ended.stderr.matches("cannot be").count(), 2, "said once: {}", ended.stderr);
    let summary = "1 done, 0 dead, 0 cancelled, 2 warnings; results in bills.results.csv\n";
    assert_eq!(ended.stdout, summary);
    let results = fixture.read("bills.results.csv");
    assert!(results.starts_with("\u{FEFF}external_id;state;"), "{results}");
    for line in &lines[..2] {
        let words = line.split_once("warning: ").unwrap().1;
        assert!(results.contains(words), "the worker says {results}, and the dry run {words}");
    }
}

#[tokio::test]
async fn a_dry_run_knows_the_accounts_settings_and_equal_rows() {
    let fixture = Fixture::start().await;
    fixture.write("antre.toml", "[accounts.default]\nphone_region = \"SG\"\n");
    fixture.write(
        "bills.csv",
        "external_id,amount,customer.mobile_number\nINV-1,5,9123456\nINV-1,5,9123456\n",
    );
    let ended = fixture.antre(&["enqueue", "bills.csv", "--dry-run"]).await.expect(0);
    assert!(ended.stdout.contains("line 3: note: is the same as line 2"), "{}", ended.stdout);
    assert!(
        ended.stdout.ends_with("\n2 jobs, 2 warnings, 1 note; none was sent\n"),
        "{}",
        ended.stdout
    );
}

#[tokio::test]
async fn results_come_in_the_order_of_the_file() {
    let fixture = Fixture::start().await;
    let _worker = fixture.worker().await;
    // The last one in the file goes first.
    let rows: Vec<String> = (0..12)
        .map(|number| format!("INV-{number}|1000|{}", if number < 9 { "low" } else { "high" }))
        .collect();
    fixture.write("bills.txt", &format!("external_id|amount|priority\n{}\n", rows.join("\n")));
    fixture.antre(&["enqueue", "bills.txt", "--wait"]).await.expect(0);
    let results = fixture.read("bills.results.csv");
    let names: Vec<&str> =
        results.lines().skip(1).filter_map(|row| row.split('|').next()).collect();
    let expected: Vec<String> = (0..12).map(|number| format!("INV-{number}")).collect();
    assert_eq!(names, expected);
}

#[tokio::test]
async fn waiting_says_at_once_why_nothing_is_sent_and_in_the_end_which_bills_have_none() {
    let fixture = Fixture::start().await;
    let mut worker = fixture.worker().await;
    fixture.antre(&["pause", "--by", "sari", "--reason", "price change"]).await.expect(0);
    fixture.write("bills.csv", "external_id,amount\nINV-1,1000\nINV-2,1000\nINV-1,1000\n");
    let ended =
        fixture.antre(&["enqueue", "bills.csv", "--wait", "--timeout", "3s"]).await.expect(1);
    let reason = "2 bills without a result: paused by sari ";
    assert!(
        ended.stderr.contains(reason) && ended.stderr.contains("price change"),
        "{}",
        ended.stderr
    );
    assert!(
        ended.stderr.contains("2 bills (INV-1, INV-2) not ended within 3s"),
        "{}",
        ended.stderr
    );
    assert_eq!(ended.stdout, "0 done, 0 dead, 0 cancelled; results in bills.results.csv\n");

    fixture.antre(&["resume"]).await.expect(0);
    worker.terminate().unwrap();
    worker.wait(PATIENCE).await.unwrap();
    let ended =
        fixture.antre(&["enqueue", "bills.csv", "--wait", "--timeout", "3s"]).await.expect(1);
    assert!(
        ended.stderr.contains("2 bills without a result: no worker that serves this account"),
        "{}",
        ended.stderr
    );
}

/// Returns the command with what `producer` writes into a pipe as its standard input.
fn piped(producer: &str, antre: &Command) -> Command {
    let mut command = Command::new("sh");
    command.args(["-c", &format!("{producer} | \"$0\" \"$@\"")]);
    command.arg(antre.get_program()).args(antre.get_args()).env_clear();
    command.envs(antre.get_envs().filter_map(|(name, value)| Some((name, value?))));
    command.current_dir(antre.get_current_dir().unwrap());
    command
}

#[tokio::test]
async fn a_pipe_with_a_name_is_read_once_and_sent_whole() {
    let fixture = Fixture::start().await;
    let _worker = fixture.worker().await;
    // With more empty rows than are kept in memory.
    let empty = "\n".repeat(17 * 1024 * 1024);
    fixture.write("one.csv", "external_id,amount\nINV-1,1000\n");
    fixture.write("two.csv", &format!("external_id,amount\nINV-1,1000\n{empty}INV-2,1000\n"));
    for (producer, jobs) in [("cat one.csv", 1), ("cat two.csv", 2)] {
        let antre = fixture.command(&["enqueue", "/dev/stdin", "--wait"]);
        let ended = run(piped(producer, &antre)).await.expect(0);
        let summary = format!("{jobs} done, 0 dead, 0 cancelled; results in antre.results.csv\n");
        assert_eq!(ended.stdout, summary);
        assert_eq!(fixture.read("antre.results.csv").lines().count(), jobs + 1);
    }
}

#[tokio::test]
async fn a_file_that_somebody_writes_to_is_not_sent() {
    let fixture = Fixture::start().await;
    let _worker = fixture.worker().await;
    // Reading it takes long enough for the other program to write.
    let empty = "\n".repeat(4 * 1024 * 1024);
    fixture.write("bills.csv", &format!("external_id,amount\nINV-1,1000\n{empty}"));
    let mut file = File::options().append(true).open(fixture.path("bills.csv")).unwrap();
    let is_over = AtomicBool::new(false);
    let ended = thread::scope(|scope| {
        scope.spawn(|| {
            while !is_over.load(Ordering::Relaxed) {
                file.write_all(b"\n").unwrap();
            }
        });
        let antre = fixture.command(&["enqueue", "bills.csv"]).output().unwrap();
        is_over.store(true, Ordering::Relaxed);
        antre
    });
    let stderr = String::from_utf8(ended.stderr).unwrap();
    let reason = "antre: bills.csv: the file cannot be read: a program writes to it";
    assert!(stderr.starts_with(reason), "{stderr}");
    assert_eq!(ended.status.code(), Some(1));
    assert_eq!(fixture.queue().status().await.unwrap().done, 0);
    fixture.antre(&["enqueue", "bills.csv", "--wait"]).await.expect(0);
}

#[tokio::test]
async fn results_of_an_earlier_run_stay_when_nothing_was_sent() {
    let fixture = Fixture::start().await;
    fixture.write("bills.csv", "external_id,amount\nINV-1,1000\n");
    fixture.write("bills.results.csv", "the links of yesterday\n");
    let ended = fixture.antre(&["enqueue", "bills.csv", "--wait"]).await.expect(1);
    assert!(ended.stderr.contains("nobody serves account"), "{}", ended.stderr);
    assert_eq!(fixture.read("bills.results.csv"), "the links of yesterday\n");
    let _worker = fixture.worker().await;
    fixture.antre(&["enqueue", "bills.csv", "--wait"]).await.expect(0);
    assert!(fixture.read("bills.results.csv").starts_with("external_id,state,"));
}

#[tokio::test]
async fn a_row_that_did_not_get_the_bill_has_its_own_warnings_in_the_results() {
    let fixture = Fixture::start().await;
    let _worker = fixture.worker().await;
    fixture.write("a.csv", "external_id,amount,customer.mobile_number\nINV-1,1000,081234567890\n");
    fixture.antre(&["enqueue", "a.csv", "--wait"]).await.expect(0);
    // Another payer: the number that cannot be one is left out.
    fixture.write("b.csv", "external_id,amount,customer.mobile_number\nINV-1,1000,12\n");
    let ended = fixture.antre(&["enqueue", "b.csv", "--wait"]).await.expect(1);
    assert!(ended.stdout.starts_with("0 done, 1 dead, 0 cancelled, 1 warning;"), "{ended:?}");
    let results = fixture.read("b.results.csv");
    assert!(results.contains(",conflict,") && results.contains("cannot be a mobile"), "{results}");
}

#[tokio::test]
async fn a_table_in_utf_16_is_sent_and_its_results_have_a_byte_order_mark() {
    let fixture = Fixture::start().await;
    let _worker = fixture.worker().await;
    let table =
        "\u{FEFF}external_id\tamount\tcustomer.given_names\r\nINV-1\t1000\tSiti “Ayu” é\r\n";
    let bytes: Vec<u8> = table.encode_utf16().flat_map(u16::to_le_bytes).collect();
    fs::write(fixture.path("bills.txt"), bytes).unwrap();
    fixture.antre(&["enqueue", "bills.txt", "--wait"]).await.expect(0);
    let results = fixture.read("bills.results.csv");
    assert!(results.starts_with("\u{FEFF}external_id\tstate\t"), "{results}");
    let again = ["enqueue", "bills.txt", "--wait", "--results", "links.jsonl"];
    fixture.antre(&again).await.expect(0);
    let result: Value = serde_json::from_str(fixture.read("links.jsonl").trim()).unwrap();
    assert_eq!(result["state"], "done", "the same payer as before: {result}");
}

#[tokio::test]
async fn an_account_that_nobody_serves_takes_nothing() {
    let fixture = Fixture::start().await;
    let ended = run_with_input(fixture.command(&["enqueue"]), &bill("INV-1")).await.expect(1);
    assert!(ended.stderr.contains("nobody serves account `default`"), "{}", ended.stderr);
}

#[tokio::test]
async fn waiting_writes_a_results_file_beside_the_input() {
    let fixture = Fixture::start().await;
    let _worker = fixture.worker().await;
    fixture
        .write("bills.csv", "external_id,amount,reference\nINV-1,350000,row 1\nINV-2,1000,row 2\n");
    let ended = fixture.antre(&["enqueue", "bills.csv", "--wait"]).await.expect(0);
    assert_eq!(ended.stdout, "2 done, 0 dead, 0 cancelled; results in bills.results.csv\n");
    let results = fixture.read("bills.results.csv");
    assert_eq!(results.lines().count(), 3, "{results}");
    assert!(results.contains("INV-1,done,https://"), "{results}");
    assert!(results.contains("row 2"), "{results}");
}

#[tokio::test]
async fn ids_can_be_written_and_the_second_time_costs_no_request() {
    let fixture = Fixture::start().await;
    let _worker = fixture.worker().await;
    for _ in 0..2 {
        let arguments = ["enqueue", "-", "--ids", "--wait", "--results", "links.jsonl"];
        let ended = run_with_input(fixture.command(&arguments), &bill("INV-1")).await.expect(0);
        let id = ended.stdout.lines().next().unwrap().to_owned();
        let result: Value = serde_json::from_str(fixture.read("links.jsonl").trim()).unwrap();
        assert_eq!(result["job"], id);
        assert_eq!(result["state"], "done");
    }
    assert_eq!(fixture.xendit.ledger().totals().requests, 2, "one shows whose the key is");
}

#[tokio::test]
async fn a_bill_is_looked_up_first_when_asked() {
    let fixture = Fixture::start().await;
    let _worker = fixture.worker().await;
    let arguments = ["enqueue", "--check-first", "--wait"];
    run_with_input(fixture.command(&arguments), &bill("INV-1")).await.expect(0);
    let kinds: Vec<String> =
        fixture.xendit.ledger().arrivals().iter().map(|it| it.method.clone()).collect();
    assert_eq!(kinds, ["GET", "GET", "POST"], "the first shows whose the key is");
}

#[tokio::test]
async fn a_bill_that_xendit_refuses_ends_with_1_and_says_why_in_the_file() {
    let fixture = Fixture::start().await;
    let _worker = fixture.worker().await;
    fixture.xendit.add_fault(crate::operate::refusal()).unwrap();
    fixture.bill("INV-1").await.expect(1);
    let result: Value = serde_json::from_str(fixture.read("one.jsonl").trim()).unwrap();
    assert_eq!(result["state"], "dead");
    assert_eq!(result["error"]["code"], "API_VALIDATION_ERROR");
}
