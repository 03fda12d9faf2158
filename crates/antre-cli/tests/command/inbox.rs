//! Jobs in the inbox of a mistyped account, and dead jobs under their bill's name.

use std::collections::HashSet;
use std::process::Command;

use antre_testkit::{ChildProcess, eventually};

use crate::stage::{PATIENCE, Stage, bill, run};

const KEYLESS: &str = "XENDIT_SECRET_KEY";

async fn length(stage: &Stage, account: &str) -> u64 {
    let queue = antre_store::Redis::open(&stage.server.url()).unwrap();
    queue.queue(account.parse().unwrap()).inbox_length().await.unwrap()
}

#[tokio::test]
async fn jobs_of_a_mistyped_account_are_moved_once_and_served() {
    let stage = Stage::start().await;
    let worker = stage.worker().await;
    for number in 1..=250 {
        let job = bill(&format!("INV-{number}"));
        stage.tell(&["XADD", "antre:{defualt}:inbox", "*", "job", job.trim()]).await;
    }
    stage.tell(&["XADD", "antre:{No Such}:inbox", "*", "job", bill("INV-251").trim()]).await;
    let page = stage.antre(&["check"]).await.expect(1).stdout;
    for part in [
        "defualt: nobody serves it with 250 jobs to do: if the name is right, start a worker for it; if it is mistyped, `antre inbox move defualt default`",
        "`antre inbox move 'No Such' default` moves its jobs",
    ] {
        assert!(page.contains(part), "{part}\n{page}");
    }
    let moved = stage.antre(&["inbox", "move", "defualt", "default"]).await.expect(0).stdout;
    assert_eq!(moved, "250 jobs moved from the inbox of defualt to account default\n");
    stage.antre(&["inbox", "move", "No Such", "default"]).await.expect(0);
    let again = stage.antre(&["inbox", "move", "defualt", "default"]).await.expect(0).stdout;
    assert_eq!(again, "0 jobs moved from the inbox of defualt to account default\n");
    stage.until("all are done", |status| status.done == 251).await;
    // The wrong name takes nothing any more.
    let page = stage.antre(&["check"]).await.expect(0).stdout;
    assert!(!page.contains("defualt") && !page.contains("No Such"), "{page}");
    drop(worker);
}

#[tokio::test]
async fn jobs_are_moved_neither_from_a_served_account_nor_to_one_that_nobody_served() {
    let stage = Stage::start().await;
    let _worker = stage.worker().await;
    stage.tell(&["XADD", "antre:{defualt}:inbox", "*", "job", bill("INV-1").trim()]).await;
    let refused = stage.antre(&["inbox", "move", "defualt", "other"]).await.expect(1).stdout;
    assert!(refused.contains("no worker has ever served account other"), "{refused}");
    let refused = stage.antre(&["inbox", "move", "default", "default"]).await.expect(2).stderr;
    assert!(refused.contains("one account"), "{refused}");
    stage.tell(&["XGROUP", "CREATE", "antre:{other}:inbox", "g", "0", "MKSTREAM"]).await;
    let refused = stage.antre(&["inbox", "move", "default", "other"]).await.expect(1).stdout;
    assert!(refused.contains("a worker serves account default"), "{refused}");
    assert_eq!(length(&stage, "defualt").await, 1);
}

/// Returns the external ids in an inbox, in its order.
fn bills(stage: &Stage, account: &str) -> Vec<String> {
    let mut command = Command::new("redis-cli");
    let inbox = format!("antre:{{{account}}}:inbox");
    // The script's answer is one text: what a test reads of a program is bounded.
    let names = "local names = {} for _, entry in ipairs(redis.call('XRANGE', KEYS[1], '-', '+')) do \
                 names[#names + 1] = string.match(entry[2][2], 'INV%-(%d+)') end return table.concat(names, ' ')";
    command.arg("-s").arg(stage.server.socket_path()).args(["EVAL", names, "1", &inbox]);
    let said = String::from_utf8(command.output().unwrap().stdout).unwrap();
    said.split_whitespace().map(str::to_owned).collect()
}

#[tokio::test]
async fn a_mover_that_is_killed_on_its_way_loses_no_job_and_moves_none_twice() {
    const JOBS: usize = 30_000;
    let stage = Stage::start().await;
    stage.tell(&["XGROUP", "CREATE", "antre:{default}:inbox", "g", "0", "MKSTREAM"]).await;
    let fill =
        format!("for i = 1, {JOBS} do redis.call('XADD', KEYS[1], '*', 'job', 'INV-' .. i) end");
    stage.tell(&["EVAL", &fill, "1", "antre:{defualt}:inbox"]).await;
    let mut killed = 0;
    for _ in 0..10 {
        let before = length(&stage, "defualt").await;
        let mut mover =
            ChildProcess::start(stage.command(&["inbox", "move", "defualt", "default"])).unwrap();
        let moves = async || length(&stage, "defualt").await < before;
        eventually(PATIENCE, "it moves jobs", moves).await.unwrap();
        mover.kill().unwrap();
        let left = length(&stage, "defualt").await;
        if left == 0 {
            break;
        }
        killed += 1;
    }
    assert!(killed > 0, "it was never killed on its way");
    run(stage.command(&["inbox", "move", "defualt", "default"])).await.expect(0);
    let moved = bills(&stage, "default");
    let expected: Vec<String> = (1..=JOBS).map(|number| number.to_string()).collect();
    assert_eq!(moved.iter().collect::<HashSet<_>>().len(), JOBS);
    assert!(moved == expected, "{} jobs, not in their order or not once each", moved.len());
    assert_eq!(length(&stage, "defualt").await, 0);
}

#[tokio::test]
async fn a_key_that_only_the_worker_has_is_no_fault() {
    let stage = Stage::start().await;
    let check = || {
        let mut command = stage.command(&["check"]);
        command.env_remove(KEYLESS);
        run(command)
    };
    let page = check().await.expect(64).stdout;
    assert!(
        page.contains("FAULT  configuration  XENDIT_SECRET_KEY: secret_key is missing"),
        "{page}"
    );
    let mut worker = stage.worker().await;
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
async fn dead_ones() -> (Stage, ChildProcess) {
    let stage = Stage::start().await;
    let worker = stage.worker().await;
    stage.bill("INV-1").await.expect(0);
    stage
        .tell(&[
            "XADD",
            "antre:{default}:inbox",
            "*",
            "job",
            r#"{"invoice":{"external_id":"INV-1","amount":1000}}"#,
        ])
        .await;
    stage.until("it is dead", |status| status.dead == 1).await;
    let refusal = stage.xendit.add_fault(crate::operate::refusal()).unwrap();
    stage.bill("INV-2").await.expect(1);
    stage.xendit.remove_fault(refusal);
    stage.bill("INV-2").await.expect(0);
    (stage, worker)
}

#[tokio::test]
async fn a_dead_job_is_meant_by_the_name_that_the_list_shows() {
    let (stage, _worker) = dead_ones().await;
    let list = stage.antre(&["dead", "list"]).await.expect(0).stdout;
    let row = list.lines().find(|line| line.contains("INV-1")).unwrap();
    let id = row.split_whitespace().next().unwrap();
    let shown = stage.antre(&["dead", "show", "INV-1", "--json"]).await.expect(0).json();
    assert_eq!((&shown["job"], &shown["state"]), (&id.into(), &"dead".into()), "{list}");
    assert_eq!(shown["error_code"], "conflict");
    let retried = stage.antre(&["dead", "retry", "INV-1"]).await.expect(1).stdout;
    assert_eq!(
        retried,
        format!("job {id} would fail in the same way; correct it and enqueue it again\n")
    );
    let discarded = stage.antre(&["dead", "discard", "INV-1"]).await.expect(0).stdout;
    assert_eq!(discarded, "1 of 1 job discarded\n");
    let gone = stage.antre(&["dead", "show", "INV-1"]).await.expect(1).stderr;
    assert!(gone.contains("no dead job of account default is called \"INV-1\": job "), "{gone}");
    assert!(gone.contains(" is done"), "{gone}");
}

#[tokio::test]
async fn a_dead_job_whose_bill_was_corrected_says_discard_it() {
    let (stage, _worker) = dead_ones().await;
    let list = stage.antre(&["dead", "list"]).await.expect(0).stdout;
    let row = list.lines().find(|line| line.contains("INV-2")).unwrap();
    let id = row.split_whitespace().next().unwrap();
    assert!(
        row.contains("corrected by job ") && row.contains(&format!("antre dead discard {id}")),
        "{list}"
    );
    let conflict = list.lines().find(|line| line.contains("INV-1")).unwrap();
    assert!(!conflict.contains("corrected"), "{list}");
    let retried = stage.antre(&["dead", "retry", "INV-2"]).await.expect(1).stdout;
    assert!(retried.contains(&format!("antre dead discard {id}")), "{retried}");
    let retried = stage.antre(&["dead", "retry", "--all"]).await.expect(0).stdout;
    assert!(retried.contains("1 job left dead whose bill another job has taken over"), "{retried}");
}
