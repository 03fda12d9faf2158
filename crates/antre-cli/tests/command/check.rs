use crate::fixture::{Fixture, bill, run, run_with_input};

#[tokio::test]
async fn a_served_account_has_no_fault() {
    let fixture = Fixture::start().await;
    let _worker = fixture.worker().await;
    let page = fixture.antre(&["check"]).await.expect(0).stdout;
    for part in [
        "ok     account        default: test key, limits 50/1s",
        "note   redis          the append-only file is off",
        "ok     account        default: served by 1 worker",
        "ok     key            default: the key works (test mode)",
        "nothing is wrong",
    ] {
        assert!(page.contains(part), "{part}\n{page}");
    }
}

#[tokio::test]
async fn a_live_key_on_a_volatile_redis_is_a_fault() {
    let fixture = Fixture::start().await;
    let mut command = fixture.command(&["check"]);
    command.env("XENDIT_SECRET_KEY", "xnd_production_test");
    let page = run(command).await.expect(1).stdout;
    assert!(page.contains("FAULT  redis          the append-only file is off"), "{page}");
}

#[tokio::test]
async fn waiting_jobs_that_nobody_serves_are_a_fault() {
    let fixture = Fixture::start().await;
    let mut worker = fixture.worker().await;
    worker.terminate().unwrap();
    worker.wait(crate::fixture::PATIENCE).await.unwrap();
    run_with_input(fixture.command(&["enqueue"]), &bill("INV-1")).await.expect(0);
    let page = fixture.antre(&["check"]).await.expect(1).stdout;
    assert!(
        page.contains("FAULT  account        default: nobody serves it with 1 job to do"),
        "{page}"
    );
    assert!(page.ends_with("1 fault\n"), "{page}");
}

#[tokio::test]
async fn the_inbox_of_a_mistyped_account_is_a_fault() {
    let fixture = Fixture::start().await;
    for inbox in ["antre:{defualt}:inbox", "antre:{No Such}:inbox"] {
        let socket = fixture.server.socket_path();
        let mut command = std::process::Command::new("redis-cli");
        command.arg("-s").arg(socket).args(["XADD", inbox, "*", "job", bill("INV-1").trim()]);
        run(command).await.expect(0);
    }
    let page = fixture.antre(&["check"]).await.expect(1).stdout;
    for part in [
        "FAULT  account        defualt: nobody serves it with 1 job to do",
        "FAULT  account        there is an inbox of `No Such`",
    ] {
        assert!(page.contains(part), "{part}\n{page}");
    }
}

#[tokio::test]
async fn a_redis_that_does_not_answer_is_a_fault() {
    let mut fixture = Fixture::start().await;
    fixture.server.stop().await.unwrap();
    let page = fixture.antre(&["check"]).await.expect(1).stdout;
    assert!(page.contains("FAULT  redis          redis is unavailable"), "{page}");
}

#[tokio::test]
async fn faults_of_the_configuration_are_told_beside_those_of_redis() {
    let fixture = Fixture::start().await;
    fixture.write("antre.toml", "nonsense = 1\nlease = \"9\"\n");
    let mut command = fixture.command(&["check"]);
    command.env("XENDIT_SECRET_KEY", "xnd_production_test");
    let page = run(command).await.expect(64).stdout;
    for part in [
        "FAULT  configuration  antre.toml:1: nonsense is not an option",
        "FAULT  configuration  antre.toml:2: lease \"9\" is not a duration",
        "FAULT  redis          the append-only file is off",
        "3 faults",
    ] {
        assert!(page.contains(part), "{part}\n{page}");
    }
}

#[tokio::test]
async fn an_unsafe_time_is_explained_and_an_unwise_one_is_noted() {
    let fixture = Fixture::start().await;
    fixture.write("antre.toml", "lease = \"100ms\"\nretention_done = \"10m\"\n");
    let page = fixture.antre(&["check"]).await.expect(64).stdout;
    for part in [
        "FAULT  configuration  antre.toml:1: lease 100ms is not within 300ms to 1h: a shorter one runs out",
        "the default is 9s",
        "note   configuration  account default: retention_done 10m is shorter than 30m",
    ] {
        assert!(page.contains(part), "{part}\n{page}");
    }
}

#[tokio::test]
async fn a_live_key_is_held_to_narrower_ranges() {
    let fixture = Fixture::start().await;
    fixture.write("antre.toml", "trust_absence_unanswered = \"400ms\"\n");
    fixture.antre(&["check"]).await.expect(0);
    let mut command = fixture.command(&["check"]);
    command.env("XENDIT_SECRET_KEY", "xnd_production_test");
    let page = run(command).await.expect(64).stdout;
    let fault = "trust_absence_unanswered 400ms is not within 10s to 1h, the range with a live key";
    assert!(page.contains(fault), "{page}");
}

#[tokio::test]
async fn inboxes_with_made_up_ids_or_of_another_type_are_faults() {
    let fixture = Fixture::start().await;
    let largest = format!("{0}-{0}", u64::MAX);
    for words in [
        ["XADD", "antre:{default}:inbox", &largest, "job", "{}"].as_slice(),
        &["XADD", "antre:{later}:inbox", "9999999999999-0", "job", "{}"],
        &["SET", "antre:{mine}:inbox", "x"],
    ] {
        let socket = fixture.server.socket_path();
        let mut command = std::process::Command::new("redis-cli");
        command.arg("-s").arg(socket).args(words);
        run(command).await.expect(0);
    }
    let page = fixture.antre(&["check"]).await.expect(1).stdout;
    for part in [
        "FAULT  account        default: the last id of its inbox is the largest that there is",
        "FAULT  account        later: the last id of its inbox is in the future",
        "FAULT  account        mine: its inbox antre:{mine}:inbox is a string, not a stream",
    ] {
        assert!(page.contains(part), "{part}\n{page}");
    }
}
