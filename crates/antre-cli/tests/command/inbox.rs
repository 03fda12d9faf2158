//! Jobs in the inbox of a mistyped account, and dead jobs under their bill's name.

use std::collections::HashSet;
use std::process::Command;

use antre_testkit::{ChildProcess, eventually};

use crate::fixture::{Fixture, PATIENCE, bill, run};

const KEYLESS: &str = "XENDIT_SECRET_KEY";

async fn length(fixture: &Fixture, account: &str) -> u64 {
    let queue = antre_store::Redis::open(&fixture.server.url()).unwrap();
    queue.queue(account.parse().unwrap()).inbox_length().await.unwrap()
}

#[tokio::test]
async fn jobs_of_a_mistyped_account_are_moved_once_and_served() {
    let fixture = Fixture::start().await;
    let worker = fixture.worker().await;
    for number in 1..=250 {
        let job = bill(&format!("INV-{number}"));
        fixture.tell(&["XADD", "antre:{defualt}:inbox", "*", "job", job.trim()]).await;
    }
    fixture.tell(&["XADD", "antre:{No Such}:inbox", "*", "job", bill("INV-251").trim()]).await;
    let page = fixture.antre(&["check"]).await.expect(1).stdout;
    for part in [
        "defualt: nobody serves it with 250 jobs to do: if the name is right, start a worker for it; if it is mistyped, `antre inbox move defualt default`",
        "`antre inbox move 'No Such' default` moves its jobs",
    ] {
        assert!(page.contains(part), "{part}\n{page}");
    }
    let moved = fixture.antre(&["inbox", "move", "defualt", "default"]).await.expect(0).stdout;
    assert_eq!(moved, "250 jobs moved from the inbox of defualt to account default\n");
    fixture.antre(&["inbox", "move", "No Such", "default"]).await.expect(0);
    let again = fixture.antre(&["inbox", "move", "defualt", "default"]).await.expect(0).stdout;
    assert_eq!(again, "0 jobs moved from the inbox of defualt to account default\n");
    fixture.until("all are done", |status| status.done == 251).await;
    // The wrong name takes nothing any more.
    let page = fixture.antre(&["check"]).await.expect(0).stdout;
    assert!(!page.contains("defualt") && !page.contains("No Such"), "{page}");
    drop(worker);
}

#[tokio::test]
async fn jobs_are_moved_neither_from_a_served_account_nor_to_one_that_nobody_served() {
    let fixture = Fixture::start().await;
    let _worker = fixture.worker().await;
    fixture.tell(&["XADD", "antre:{defualt}:inbox", "*", "job", bill("INV-1").trim()]).await;
    let refused = fixture.antre(&["inbox", "move", "defualt", "other"]).await.expect(1).stdout;
    assert!(refused.contains("no worker has ever served account other"), "{refused}");
    let refused = fixture.antre(&["inbox", "move", "default", "default"]).await.expect(2).stderr;
    assert!(refused.contains("one account"), "{refused}");
    fixture.tell(&["XGROUP", "CREATE", "antre:{other}:inbox", "g", "0", "MKSTREAM"]).await;
    let refused = fixture.antre(&["inbox", "move", "default", "other"]).await.expect(1).stdout;
    assert!(refused.contains("a worker serves account default"), "{refused}");
    assert_eq!(length(&fixture, "defualt").await, 1);
}

/// Returns the external ids in an inbox, in its order.
fn bills(fixture: &Fixture, account: &str) -> Vec<String> {
    let mut command = Command::new("redis-cli");
    let inbox = format!("antre:{{{account}}}:inbox");
    // The script's answer is one text: what a test reads of a program is bounded.
    let names = "local names = {} for _, entry in ipairs(redis.call('XRANGE', KEYS[1], '-', '+')) do \
                 names[#names + 1] = string.match(entry[2][2], 'INV%-(%d+)') end return table.concat(names, ' ')";
    command.arg("-s").arg(fixture.server.socket_path()).args(["EVAL", names, "1", &inbox]);
    let said = String::from_utf8(command.output().unwrap().stdout).unwrap();
    said.split_whitespace().map(str::to_owned).collect()
}

#[tokio::test]
async fn a_mover_that_is_killed_on_its_way_loses_no_job_and_moves_none_twice() {
    const JOBS: usize = 30_000;
    let fixture = Fixture::start().await;
    fixture.tell(&["XGROUP", "CREATE", "antre:{default}:inbox", "g", "0", "MKSTREAM"]).await;
    let fill =
        format!("for i = 1, {JOBS} do redis.call('XADD', KEYS[1], '*', 'job', 'INV-' .. i) end");
    fixture.tell(&["EVAL", &fill, "1", "antre:{defualt}:inbox"]).await;
    let mut killed = 0;
    for _ in 0..10 {
        let before = length(&fixture, "defualt").await;
        let mut mover =
            ChildProcess::start(fixture.command(&["inbox", "move", "defualt", "default"])).unwrap();
        let moves = async || length(&fixture, "defualt").await < before;
        eventually(PATIENCE, "it moves jobs", moves).await.unwrap();
        mover.kill().unwrap();
        let left = length(&fixture, "defualt").await;
        if left == 0 {
            break;
        }
        killed += 1;
    }
    assert!(killed > 0, "it was never killed on its way");
    run(fixture.command(&["inbox", "move", "defualt", "default"])).await.expect(0);
    let moved = bills(&fixture, "default");
    let expected: Vec<String> = (1..=JOBS).map(|number| number.to_string()).collect();
    assert_eq!(moved.iter().collect::<HashSet<_>>().len(), JOBS);
    assert!(moved == expected, "{} jobs, not in their order or not once each", moved.len());
    assert_eq!(length(&fixture, "defualt").await, 0);
}

#[tokio::test]
async fn a_key_that_only_the_worker_has_is_no_fault() {
    let fixture = Fixture::start().await;
    let check = || {
        let mut command = fixture.command(&["check"]);
        command.env_remove(KEYLESS);
        run(command)
    };
    let page = check().await.expect(64).stdout;
    assert!(
        page.contains("FAULT  configuration  XENDIT_SECRET_KEY: secret_key is missing"),
        "{page}"
    );
    let mut worker = fixture.worker().await;
    let page = check().await.expect(0).stdout;
    assert!(
        page.contains("note   configuration  XENDIT_SECRET_KEY: secret_key is missing"),
        "{page}"
    );
    worker.terminate().unwrap();
    worker.wait(PATIENCE).await.unwrap();
    check().await.expect(64);
}

/// A done bill with a conflict under its name, and one that was refused and then corrected.
async fn dead_ones() -> (Fixture, ChildProcess) {
    let fixture = Fixture::start().await;
    let worker = fixture.worker().await;
    fixture.bill("INV-1").await.expect(0);
    fixture
        .tell(&[
            "XADD",
            "antre:{default}:inbox",
            "*",
            "job",
            r#"{"invoice":{"external_id":"INV-1","amount":1000}}"#,
        ])
        .await;
    fixture.until("it is dead", |status| status.dead == 1).await;
    let refusal = fixture.xendit.add_fault(crate::operate::refusal()).unwrap();
    fixture.bill("INV-2").await.expect(1);
    fixture.xendit.remove_fault(refusal);
    fixture.bill("INV-2").await.expect(0);
    (fixture, worker)
}

#[tokio::test]
async fn a_dead_job_is_meant_by_the_name_that_the_list_shows() {
    let (fixture, _worker) = dead_ones().await;
    let list = fixture.antre(&["dead", "list"]).await.expect(0).stdout;
    let row = list.lines().find(|line| line.contains("INV-1")).unwrap();
    let id = row.split_whitespace().next().unwrap();
    let shown = fixture.antre(&["dead", "show", "INV-1", "--json"]).await.expect(0).json();
    assert_eq!((&shown["job"], &shown["state"]), (&id.into(), &"dead".into()), "{list}");
    assert_eq!(shown["error_code"], "conflict");
    let retried = fixture.antre(&["dead", "retry", "INV-1"]).await.expect(1).stdout;
    assert_eq!(
        retried,
        format!("job {id} would fail in the same way; correct it and enqueue it again\n")
    );
    let discarded = fixture.antre(&["dead", "discard", "INV-1"]).await.expect(0).stdout;
    assert_eq!(discarded, "1 of 1 job discarded\n");
    let gone = fixture.antre(&["dead", "show", "INV-1"]).await.expect(1).stderr;
    assert!(gone.contains("no dead job of account default is called \"INV-1\": job "), "{gone}");
    assert!(gone.contains(" is done"), "{gone}");
}

#[tokio::test]
async fn a_dead_job_whose_bill_was_corrected_says_discard_it() {
    let (fixture, _worker) = dead_ones().await;
    let list = fixture.antre(&["dead", "list"]).await.expect(0).stdout;
    let row = list.lines().find(|line| line.contains("INV-2")).unwrap();
    let id = row.split_whitespace().next().unwrap();
    assert!(
        row.contains("corrected by job ") && row.contains(&format!("antre dead discard {id}")),
        "{list}"
    );
    let conflict = list.lines().find(|line| line.contains("INV-1")).unwrap();
    assert!(!conflict.contains("corrected"), "{list}");
    let retried = fixture.antre(&["dead", "retry", "INV-2"]).await.expect(1).stdout;
    assert!(retried.contains(&format!("antre dead discard {id}")), "{retried}");
    let retried = fixture.antre(&["dead", "retry", "--all"]).await.expect(0).stdout;
    assert!(retried.contains("1 job left dead whose bill another job has taken over"), "{retried}");
}
