//! `clients/node`: its packages as the lock file has them, built by the compiler, then its own tests.

use std::{process::Command, time::Duration};

use crate::{
    conformance::assert_module_conforms,
    environment::{client, run, with_antre},
};

const INSTALLING: Duration = Duration::from_mins(5);
const TESTS: Duration = Duration::from_mins(5);

fn npm(arguments: &[&str]) -> Command {
    let mut npm = Command::new("npm");
    npm.args(arguments).current_dir(client("node"));
    npm
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_tests_of_the_node_client_pass() {
    // Its script `prepare` builds it.
    let remedy = "clients/node cannot be installed and built: this test needs Node with npm (run sh deploy/setup.sh) and \
                  its package registry; let this machine reach it, or name a mirror in npm_config_registry";
    run(npm(&["ci"]), INSTALLING, remedy).await;
    let mut tests = npm(&["test"]);
    with_antre(&mut tests);
    run(tests, TESTS, "the tests of clients/node fail").await;
    for library in ["redis", "ioredis"] {
        let mut runner = Command::new("node");
        runner.arg("test/app/conformance.mjs").arg(library).current_dir(client("node"));
        assert_module_conforms(runner).await;
    }
}
