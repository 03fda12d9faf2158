use std::process::Command;
use std::time::Duration;

use super::ChildProcess;
use crate::{Error, eventually};

const LIMIT: Duration = Duration::from_secs(30);

fn shell(script: &str) -> Command {
    let mut command = Command::new("sh");
    command.args(["-c", script]);
    command
}

/// Returns the state letter of a process (`T` = stopped), or `None` once it is gone.
fn state_letter(id: u32) -> Option<char> {
    let stat = std::fs::read_to_string(format!("/proc/{id}/stat")).ok()?;
    stat.rsplit_once(") ")?.1.chars().next()
}

#[tokio::test]
async fn output_and_exit_status_are_kept() {
    let mut child = ChildProcess::start(shell("echo out; echo err >&2; exit 3")).unwrap();
    assert_eq!(child.wait(LIMIT).await.unwrap().code(), Some(3));
    assert_eq!((child.stdout(), child.stderr()), ("out\n".to_owned(), "err\n".to_owned()));
}

#[tokio::test]
async fn input_reaches_the_child() {
    let mut child = ChildProcess::start_with_input(Command::new("cat"), b"one bill").unwrap();
    child.wait(LIMIT).await.unwrap();
    assert_eq!(child.stdout(), "one bill");
}

#[tokio::test]
async fn only_the_end_of_long_output_is_read() {
    let mut child =
        ChildProcess::start(shell("head -c 200000 /dev/zero | tr '\\0' x; echo end")).unwrap();
    child.wait(LIMIT).await.unwrap();
    let output = child.stdout();
    assert_eq!(output.len(), 64 * 1024);
    assert!(output.ends_with("xend\n"));
}

#[tokio::test]
async fn a_line_is_awaited_while_the_child_runs() {
    let script = "echo listening on port 1; exec tail -f /dev/null";
    let mut child = ChildProcess::start(shell(script)).unwrap();
    let line = child.wait_for_line("listening", LIMIT).await.unwrap();
    assert_eq!(line, "listening on port 1");
    assert!(child.is_running().unwrap());
}

#[tokio::test]
async fn a_child_that_ends_without_the_line_is_an_error_with_its_output() {
    let mut child = ChildProcess::start(shell("echo no licence; exit 64")).unwrap();
    let error = child.wait_for_line("listening", LIMIT).await.unwrap_err();
    assert!(matches!(&error, Error::Exited { status, .. } if status.code() == Some(64)));
    assert!(error.to_string().contains("no licence"), "{error}");
}

#[tokio::test]
async fn terminate_lets_the_child_clean_up() {
    let script = "trap 'kill $!; echo bye; exit 0' TERM; tail -f /dev/null & echo ready; wait";
    let mut child = ChildProcess::start(shell(script)).unwrap();
    child.wait_for_line("ready", LIMIT).await.unwrap();
    child.terminate().unwrap();
    assert_eq!(child.wait(LIMIT).await.unwrap().code(), Some(0));
    assert!(child.stdout().ends_with("bye\n"));
}

#[tokio::test]
async fn a_suspended_child_stands_still_until_resumed() {
    let mut child = ChildProcess::start(shell("exec tail -f /dev/null")).unwrap();
    let id = child.pid();
    child.suspend().unwrap();
    eventually(LIMIT, "the child is stopped", async || state_letter(id) == Some('T'))
        .await
        .unwrap();
    child.resume().unwrap();
    eventually(LIMIT, "the child goes on", async || state_letter(id) == Some('S')).await.unwrap();
}

#[tokio::test]
async fn an_ended_child_is_never_signalled() {
    let mut child = ChildProcess::start(shell("exit 0")).unwrap();
    child.wait(LIMIT).await.unwrap();
    assert!(matches!(child.terminate(), Err(Error::Exited { .. })));
    assert!(child.kill().is_ok());
}

#[tokio::test]
async fn dropping_kills_even_a_suspended_child() {
    let mut child = ChildProcess::start(shell("exec tail -f /dev/null")).unwrap();
    let id = child.pid();
    child.suspend().unwrap();
    drop(child);
    assert_eq!(state_letter(id), None);
}

#[tokio::test]
async fn a_missing_program_is_named() {
    let error = ChildProcess::start(Command::new("no-such-program")).unwrap_err();
    assert_eq!(error.to_string(), "cannot start `no-such-program`");
}

#[tokio::test]
async fn a_child_that_does_not_end_in_time_goes_on_running() {
    let mut child = ChildProcess::start(shell("exec tail -f /dev/null")).unwrap();
    let error = child.wait(Duration::from_millis(1)).await.unwrap_err();
    assert!(matches!(error, Error::NotInTime { .. }));
    assert!(child.is_running().unwrap());
}
