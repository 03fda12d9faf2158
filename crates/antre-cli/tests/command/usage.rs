use crate::stage::{antre, run};

async fn ended(arguments: &[&str]) -> crate::stage::Ended {
    let directory = tempfile::tempdir().unwrap();
    run(antre(directory.path(), arguments)).await
}

#[tokio::test]
async fn help_names_every_command_and_hides_the_guard() {
    let help = ended(&["--help"]).await.expect(0).stdout;
    for command in [
        "demo",
        "dev",
        "worker",
        "enqueue",
        "status",
        "job",
        "dead",
        "cancel",
        "pause",
        "resume",
        "check",
        "xendit-sim",
    ] {
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
