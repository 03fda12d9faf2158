//! Every language keeps the rules of docs/languages/conformance.tsv: a runner performs its rows, and what it prints is
//! compared with the table here.
//!
//! A new language is a runner in `runners/` and a test below.

mod answers;
mod table;

use std::{
    path::{Path, PathBuf},
    process::Command,
    time::Duration,
};

use antre_testkit::ChildProcess;
use antre_tests::{languages, served::Served};

use self::table::Table;
use crate::environment::folder;

const ACCOUNT: &str = "conformance";
const LIMIT: Duration = Duration::from_mins(2);
/// What a module may refuse by itself.
const NOT_FOR_MODULES: [&str; 5] =
    ["unclear", "unclear_result", "broken", "broken_result", "cancel_unreadable"];

fn runner(file: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("clients/runners").join(file)
}

/// Runs a runner against a fleet of its own, and returns each row that went another way than the table says.
///
/// The runner is `command` with the table's path as its last argument.
async fn faults(mut command: Command, table: &Table) -> Vec<String> {
    let served = Served::start(&[ACCOUNT]).await;
    let mut connection = served.connection().await;
    for given in table.given(ACCOUNT) {
        let (name, arguments) = given.split_first().unwrap();
        let () = redis::cmd(name).arg(arguments).query_async(&mut connection).await.unwrap();
    }
    command.arg(Table::path()).env("REDIS_URL", served.redis_url()).env("ACCOUNT", ACCOUNT);
    let mut child = ChildProcess::start(command).unwrap();
    let ended = child.wait(LIMIT).await;
    if !ended.is_ok_and(|status| status.success()) {
        return vec![format!("the runner fails\n{}", child.output())];
    }
    table.faults(&child.stdout())
}

/// Performs the table, and fails with the rows that went another way.
async fn assert_conforms(command: Command) {
    assert_keeps(command, &Table::read()).await;
}

/// The same for a module of `clients/`, which may leave out what it cannot be told to send.
pub(crate) async fn assert_module_conforms(command: Command) {
    assert_keeps(command, &Table::read().with_optional(&NOT_FOR_MODULES)).await;
}

async fn assert_keeps(command: Command, table: &Table) {
    let faults = faults(command, table).await;
    assert!(faults.is_empty(), "{} faults\n{}", faults.len(), faults.join("\n"));
}

fn program(name: &str, arguments: &[&str]) -> Command {
    let mut command = Command::new(name);
    command.args(arguments);
    command
}

fn interpreted(program_name: &str, file: &str, library: Option<&str>) -> Command {
    let mut command = program(program_name, &[]);
    command.arg(runner(file)).args(library);
    command
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn redis_cli_conforms() {
    assert_conforms(interpreted("sh", "redis_cli.sh", None)).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn redis_py_conforms() {
    let python = languages::python_with_redis().await;
    assert_conforms(interpreted(python.to_str().unwrap(), "redis_py.py", None)).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn phpredis_conforms() {
    assert_conforms(interpreted("php", "php.php", Some("phpredis"))).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn predis_conforms() {
    assert_conforms(interpreted("php", "php.php", Some("predis"))).await;
}

async fn node(library: &str) -> Command {
    let modules = languages::node_modules(Path::new(env!("CARGO_TARGET_TMPDIR"))).await;
    // A module is looked for beside the program that imports it.
    let program = modules.with_file_name(format!("conformance-{library}.mjs"));
    std::fs::copy(runner("node.mjs"), &program).unwrap();
    let mut command = Command::new("node");
    command.arg(program).arg(library);
    command
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn node_redis_conforms() {
    assert_conforms(node("redis").await).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn ioredis_conforms() {
    assert_conforms(node("ioredis").await).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn redigo_conforms() {
    let program = folder("redigo");
    std::fs::create_dir_all(program.parent().unwrap()).unwrap();
    let cache = Path::new(env!("CARGO_TARGET_TMPDIR"));
    languages::build_go(&runner("redigo.go"), &program, cache).await;
    assert_conforms(Command::new(program)).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn redis_rb_conforms() {
    assert_conforms(interpreted("ruby", "redis_rb.rb", None)).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_runner_that_says_nothing_or_something_else_is_a_fault() {
    let table = Table::read();
    let rows = table.rows_to_answer();
    assert!(rows > 30, "{rows}");
    assert_eq!(faults(program("true", &[]), &table).await.len(), rows);
    let wrong = program("sed", &["-n", "2,$s/.*\\t.*\\t.*\\t\\(.*\\)\\t.*\\t.*/\\1\\t7/p"]);
    assert_eq!(
        faults(wrong, &table).await.len(),
        rows + 1,
        "the row without a name is one too many"
    );
}
