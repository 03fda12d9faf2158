//! A consumer of `ended` that writes links into a database, killed at the two worst places.

use std::{process::Command, time::Duration};

use antre_testkit::{ChildProcess, eventually};
use antre_tests::languages::python_with_redis;
use redis::aio::MultiplexedConnection;

use crate::fixture::Fixture;

pub(crate) const LIMIT: Duration = Duration::from_mins(1);
const ENDED: &str = "antre:{default}:ended";
const GROUP: &str = "billing";
/// Holds the right to write, until it is killed.
const HOLD: &str = "
import signal, sqlite3
db = sqlite3.connect('billing.db', isolation_level=None)
db.execute('BEGIN IMMEDIATE')
print('held', flush=True)
signal.pause()
";
/// Forgets all links, adds a bill whose job will be invalid, and tells the name of the first one.
const FORGET: &str = "
import sqlite3
with sqlite3.connect('billing.db') as db:
    db.execute(\"UPDATE bills SET link = NULL, error = NULL, entry = ''\")
    db.execute(\"INSERT OR IGNORE INTO bills (id, external_id, amount, currency) VALUES (9001, 'WRONG', 1, 'IDR')\")
print(db.execute('SELECT external_id FROM bills WHERE id = 1').fetchone()[0])
";
const COUNT: &str = "
import sqlite3
db = sqlite3.connect('billing.db')
bills = db.execute('SELECT count(*) FROM bills WHERE id < 9001').fetchone()[0]
links = db.execute(\"SELECT count(*) FROM bills WHERE link LIKE 'https://%'\").fetchone()[0]
failures = db.execute('SELECT id, error FROM bills WHERE error IS NOT NULL').fetchall()
print('all' if links == bills >= 20 and failures == [(9001, 'invalid')] else 'none' if links == 0 else 'some')
";

async fn python(fixture: &Fixture, program: &str) -> ChildProcess {
    let mut command = Command::new(python_with_redis().await);
    command.args(["-c", program]);
    ChildProcess::start(fixture.at_home(command)).unwrap()
}

/// Runs a small program on the database and returns what it prints.
async fn sqlite(fixture: &Fixture, program: &str) -> String {
    let mut child = python(fixture, program).await;
    let ended = child.wait(LIMIT).await;
    assert!(ended.is_ok_and(|status| status.success()), "{}", child.output());
    child.stdout().trim().to_owned()
}

/// An unacknowledged entry, its consumer, for how long, and how many times it was given out.
type Pending = (String, String, u64, usize);

/// Returns the first unacknowledged entry, if there is one.
async fn pending(connection: &mut MultiplexedConnection) -> Vec<Pending> {
    let mut command = redis::cmd("XPENDING");
    command.arg(ENDED).arg(GROUP).arg("-").arg("+").arg(1);
    // There is no group before the consumer has made it.
    command.query_async(connection).await.unwrap_or_default()
}

async fn is_given_out(connection: &mut MultiplexedConnection, times: usize) -> bool {
    pending(connection).await.iter().any(|(_, _, _, given_out)| *given_out >= times)
}

/// Submits an invalid job of the last bill and one in conflict with the first, and waits for their ends.
async fn submit_wrong_jobs(connection: &mut MultiplexedConnection, first_bill: &str) {
    let invalid = r#"{"invoice":{"external_id":"WRONG","amount":"1.000"},"reference":"9001"}"#;
    let conflict =
        format!(r#"{{"invoice":{{"external_id":"{first_bill}","amount":1}},"reference":"1"}}"#);
    for job in [invalid, &conflict] {
        let mut add = redis::cmd("XADD");
        add.arg("antre:{default}:inbox").arg("NOMKSTREAM").arg("*").arg("job").arg(job);
        let id: String = add.query_async(connection).await.unwrap();
        let result = format!("antre:{{default}}:result:{id}");
        let is_ended = eventually(LIMIT, "the job ends", async || {
            let mut exists = redis::cmd("EXISTS");
            exists.arg(&result).query_async::<bool>(&mut connection.clone()).await
        });
        is_ended.await.unwrap();
    }
}

/// Kills the consumer before its commit, and between its commit and its acknowledgement. Then every bill has its link,
/// or the reason why it has none.
pub(crate) async fn survives_kills(fixture: &Fixture, consumer: impl Fn() -> Command) {
    let mut connection = fixture.connection().await;
    let first_bill = sqlite(fixture, FORGET).await;
    submit_wrong_jobs(&mut connection, &first_bill).await;
    let mut destroy = redis::cmd("XGROUP");
    let () =
        destroy.arg("DESTROY").arg(ENDED).arg(GROUP).query_async(&mut connection).await.unwrap();

    let holder = python(fixture, HOLD).await;
    eventually(LIMIT, "the database is held", async || holder.stdout().contains("held"))
        .await
        .unwrap();
    let mut first = ChildProcess::start(consumer()).unwrap();
    let is_read = eventually(LIMIT, "entries are read", async || {
        is_given_out(&mut connection.clone(), 1).await
    });
    assert!(is_read.await.is_ok(), "{}", first.output());
    first.kill().unwrap();
    assert_eq!(sqlite(fixture, COUNT).await, "none");

    let mut second = ChildProcess::start(consumer()).unwrap();
    let is_read_again = eventually(LIMIT, "entries are read again", async || {
        is_given_out(&mut connection.clone(), 2).await
    });
    assert!(is_read_again.await.is_ok(), "{}", second.output());
    let mut pause = redis::cmd("CLIENT");
    let () =
        pause.arg("PAUSE").arg(600_000).arg("WRITE").query_async(&mut connection).await.unwrap();
    drop(holder);
    let are_written =
        eventually(LIMIT, "links are committed", async || sqlite(fixture, COUNT).await == "all");
    assert!(are_written.await.is_ok(), "{}", second.output());
    second.kill().unwrap();
    let () = redis::cmd("CLIENT").arg("UNPAUSE").query_async(&mut connection).await.unwrap();

    let mut third = ChildProcess::start(consumer()).unwrap();
    let is_done = eventually(LIMIT, "everything is acknowledged", async || {
        let is_left = !pending(&mut connection.clone()).await.is_empty();
        !is_left && sqlite(fixture, COUNT).await == "all"
    });
    assert!(is_done.await.is_ok(), "{}", third.output());
    third.terminate().unwrap();
    let ended = third.wait(LIMIT).await;
    assert!(ended.is_ok_and(|status| status.success()), "{}", third.output());
}
