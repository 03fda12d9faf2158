//! `clients/php`: its composer.json as Composer reads it, and its tests with Debian's packages, each file in a process.

use std::{fs, process::Command, time::Duration};

use futures_util::future::join_all;

use crate::{
    conformance::assert_module_conforms,
    environment::{client, run, with_antre},
};

const CHECKING: Duration = Duration::from_mins(1);
const TESTS: Duration = Duration::from_mins(5);

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn composer_takes_the_package() {
    let mut composer = Command::new("composer");
    composer.args(["validate", "--strict", "--no-check-publish", "--no-interaction"]);
    composer.current_dir(client("php")).env("COMPOSER_ALLOW_SUPERUSER", "1");
    let remedy =
        "composer refuses clients/php/composer.json, or is not there: run sh deploy/setup.sh";
    run(composer, CHECKING, remedy).await;
}

/// Each file starts servers of its own and mostly waits, so all run at once.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_tests_of_the_php_client_pass() {
    let entries = fs::read_dir(client("php").join("tests")).unwrap();
    let names = entries.map(|entry| entry.unwrap().file_name().into_string().unwrap());
    let files: Vec<String> = names.filter(|name| name.ends_with("Test.php")).collect();
    assert!(!files.is_empty(), "clients/php has no tests");
    join_all(files.iter().map(async |file| {
        let mut tests = Command::new("phpunit");
        tests.arg(format!("tests/{file}")).current_dir(client("php"));
        let remedy =
            format!("{file} of clients/php fails, or PHP is not there: run sh deploy/setup.sh");
        with_antre(&mut tests);
        run(tests, TESTS, &remedy).await;
    }))
    .await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_php_client_conforms() {
    for library in ["phpredis", "predis"] {
        let mut runner = Command::new("php");
        runner.arg("tests/app/conformance.php").arg(library).current_dir(client("php"));
        assert_module_conforms(runner).await;
    }
}
