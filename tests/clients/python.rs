//! `clients/python`: installed with pip into an environment of its own, then its pytest.

use std::{path::PathBuf, process::Command, time::Duration};

use antre_tests::python;

use crate::{
    conformance::assert_module_conforms,
    environment::{client, copy, folder, run, with_antre},
};

const TESTS: Duration = Duration::from_mins(5);

/// Returns the Python that has the client. The tools stay, the client is installed anew.
async fn installed() -> PathBuf {
    // A copy, because pip builds where the sources are, and takes what it finds there of older builds.
    let source = copy("python", &["pyproject.toml", "README.md", "src"]);
    python::installed(&folder("python"), &[&format!("{}[test]", source.display())]).await.unwrap()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_tests_of_the_python_client_pass() {
    let python = installed().await;
    let mut tests = Command::new(&python);
    tests.args(["-m", "pytest", "-q"]).current_dir(client("python"));
    tests.env("ANTRE_TEST_FOLDER", folder("python-versions"));
    with_antre(&mut tests);
    run(tests, TESTS, "the tests of clients/python fail").await;
    let mut runner = Command::new(&python);
    runner.arg("tests/conformance.py").current_dir(client("python"));
    assert_module_conforms(runner).await;
}
