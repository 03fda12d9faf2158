//! What a worker tells systemd, over a socket like systemd's.

use std::os::unix::net::UnixDatagram;
use std::time::Duration;

use antre_testkit::ChildProcess;

use crate::fixture::{Fixture, PATIENCE};

/// The socket on which systemd listens for one unit.
struct Manager(UnixDatagram);

impl Manager {
    fn of(fixture: &Fixture) -> Self {
        let socket = UnixDatagram::bind(fixture.path("notify")).unwrap();
        socket.set_read_timeout(Some(PATIENCE)).unwrap();
        Self(socket)
    }

    /// Returns the first message that has this line; those of the watchdog before it are passed over.
    fn hear(&self, line: &str) -> String {
        let mut buffer = [0; 1024];
        loop {
            let length = self.0.recv(&mut buffer).unwrap_or_else(|error| panic!("{line}: {error}"));
            let message = String::from_utf8(buffer[..length].to_vec()).unwrap();
            if message.lines().any(|found| found == line) {
                return message;
            }
            assert_eq!(message.trim(), "WATCHDOG=1", "before {line}");
        }
    }
}

fn worker(fixture: &Fixture, variables: &[(&str, &str)]) -> ChildProcess {
    let mut command = fixture.command(&["worker"]);
    command.env("NOTIFY_SOCKET", fixture.path("notify")).envs(variables.iter().copied());
    ChildProcess::start(command).unwrap()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn systemd_hears_of_the_start_a_reload_and_the_stop() {
    let fixture = Fixture::start().await;
    let manager = Manager::of(&fixture);
    let mut worker = worker(&fixture, &[]);
    manager.hear("READY=1");
    fixture.await_worker().await;
    worker.hang_up().unwrap();
    let reloading = manager.hear("RELOADING=1");
    assert!(reloading.contains("MONOTONIC_USEC="), "{reloading}");
    manager.hear("READY=1");
    fixture.write("antre.toml", "lease = \"never\"\n");
    worker.hang_up().unwrap();
    manager.hear("RELOADING=1");
    manager.hear("READY=1");
    assert!(
        worker.output().contains("the old configuration stays in force"),
        "{}",
        worker.output()
    );
    worker.terminate().unwrap();
    manager.hear("STOPPING=1");
    assert_eq!(worker.wait(PATIENCE).await.unwrap().code(), Some(0));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn signs_of_life_come_when_the_unit_wants_them() {
    let fixture = Fixture::start().await;
    let manager = Manager::of(&fixture);
    let limit_us = Duration::from_millis(300).as_micros().to_string();
    let mut watched = worker(&fixture, &[("WATCHDOG_USEC", &limit_us)]);
    manager.hear("READY=1");
    for _ in 0..3 {
        manager.hear("WATCHDOG=1");
    }
    watched.terminate().unwrap();
    manager.hear("STOPPING=1");
    watched.wait(PATIENCE).await.unwrap();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_worker_that_waits_for_redis_has_started() {
    let fixture = Fixture::start().await;
    let manager = Manager::of(&fixture);
    let nowhere = format!("redis+unix://{}", fixture.path("nowhere.sock").display());
    let mut worker = worker(&fixture, &[("ANTRE_REDIS_URL", &nowhere)]);
    manager.hear("READY=1");
    worker.terminate().unwrap();
    manager.hear("STOPPING=1");
    worker.wait(PATIENCE).await.unwrap();
}
