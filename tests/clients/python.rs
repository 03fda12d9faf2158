//! `clients/python`: installed with pip into an environment of its own, then its pytest.

use std::{process::Command, time::Duration};

use crate::{
    conformance::assert_module_conforms,
    environment::{client, copy, folder, run, with_antre},
};

const INSTALLING: Duration = Duration::from_mins(5);
const TESTS: Duration = Duration::from_mins(5);

/// Returns a command in the environment, which is made if it is not there. The tools stay, the client is installed anew.
async fn python() -> impl Fn() -> Command {
    let environment = folder("python");
    let program = environment.join("bin/python");
    if !program.exists() {
        let mut make = Command::new("python3");
        make.args(["-m", "venv", "--clear"]).arg(&environment);
        let remedy = "python3 cannot make a virtual environment: run sh deploy/setup.sh (it installs python3-venv)";
        run(make, INSTALLING, remedy).await;
    }
    move || Command::new(&program)
}

async fn install(python: &impl Fn() -> Command) {
    // A copy, because pip builds where the sources are, and takes what it finds there of older builds.
    let source = copy("python", &["pyproject.toml", "README.md", "src"]);
    let mut pip = python();
    pip.args(["-m", "pip", "install", "--quiet", "--disable-pip-version-check"]);
    pip.arg(format!("{}[test]", source.display()));
    let remedy = "clients/python cannot be installed: this test needs the Python package registry; \
                  let this machine reach it, or name a mirror in PIP_INDEX_URL";
    run(pip, INSTALLING, remedy).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_tests_of_the_python_client_pass() {
    let python = python().await;
    install(&python).await;
    let mut tests = python();
    tests.args(["-m", "pytest", "-q"]).current_dir(client("python"));
    tests.env("ANTRE_TEST_FOLDER", folder("python-versions"));
    with_antre(&mut tests);
    run(tests, TESTS, "the tests of clients/python fail").await;
    let mut runner = python();
    runner.arg("tests/conformance.py").current_dir(client("python"));
    assert_module_conforms(runner).await;
}
