use antre_testkit::ChildProcess;

use crate::fixture::{Fixture, PATIENCE, antre, run};

async fn ended(arguments: &[&str]) -> crate::fixture::Ended {
    let directory = tempfile::tempdir().unwrap();
    run(antre(directory.path(), arguments)).await
}

#[tokio::test]
async fn help_names_every_command_and_hides_the_guard() {
    let help = ended(&["--help"]).await.expect(0).stdout;
    let local: &[&str] = if cfg!(feature = "demo") { &["demo", "dev", "xendit-sim"] } else { &[] };
    let commands =
        ["worker", "enqueue", "status", "job", "dead", "cancel", "pause", "resume", "check"];
    for command in commands.iter().chain(local) {
        assert!(help.contains(&format!("\n  {command} ")), "{command}\n{help}");
    }
    assert!(!help.contains("guard"), "{help}");
}

#[tokio::test]
async fn wrong_usage_ends_with_2() {
    for arguments in [
        &[][..],
        &["nonsense"],
        &["status", "--watch", "--json"],
        &["pause", "--for", "soon"],
        &["demo", "--workers", "0"],
        &["dead", "retry"],
        &["dead", "discard", "--all"],
        &["status", "-a", "Not A Name"],
        &["xendit-sim", "--limit", "2"],
    ] {
        ended(arguments).await.expect(2);
    }
}

#[tokio::test]
async fn a_redis_that_does_not_answer_is_named_without_its_password() {
    let url = "redis://antre:hush@127.0.0.1:1";
    let ended = ended(&["status", "--redis-url", url]).await.expect(1);
    assert!(ended.stderr.contains("no redis at redis://127.0.0.1:1: "), "{}", ended.stderr);
}

#[cfg(feature = "demo")]
#[tokio::test]
async fn the_simulator_names_its_address_and_ends_when_told() {
    let directory = tempfile::tempdir().unwrap();
    let command = antre(directory.path(), &["xendit-sim", "--listen", "127.0.0.1:0"]);
    let mut simulator = ChildProcess::start(command).unwrap();
    let line = simulator.wait_for_line("simulated Xendit listens on ", PATIENCE).await.unwrap();
    assert!(line.contains("http://127.0.0.1:"), "{line}");
    simulator.terminate().unwrap();
    assert!(simulator.wait(PATIENCE).await.unwrap().success(), "{}", simulator.output());
}

#[tokio::test]
async fn a_watched_status_is_drawn_until_it_is_interrupted_whatever_becomes_of_redis() {
    let mut fixture = Fixture::start().await;
    let mut watch = ChildProcess::start(fixture.command(&["status", "--watch"])).unwrap();
    watch.wait_for_line("no worker has ever served this account", PATIENCE).await.unwrap();
    fixture.server.stop().await.unwrap();
    watch.wait_for_line("redis is unavailable", PATIENCE).await.unwrap();
    watch.interrupt().unwrap();
    assert!(watch.wait(PATIENCE).await.unwrap().success(), "{}", watch.output());
}
