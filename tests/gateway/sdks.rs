//! Programs on Xendit's official SDKs, of which nothing is changed but the URL. The one for PHP is not in Debian: its program
//! sends what the SDK was seen to send, by the same libraries.

use std::{
    path::{Path, PathBuf},
    process::Command,
    time::Duration,
};

use antre_testkit::{ChildProcess, Direction, FaultProxy, Flow};
use antre_tests::{harness::PATIENCE, python};
use serde_json::{Value, json};
use tempfile::TempDir;

use crate::lab::{KEY, Lab};

/// Installing a small package from its registry.
const INSTALLING: Duration = Duration::from_mins(5);
const RUNNING: Duration = Duration::from_mins(2);
const FILES: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/gateway/sdks");

/// Returns a folder of this test's own.
fn folder(name: &str) -> PathBuf {
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join(name);
    std::fs::create_dir_all(&folder).unwrap();
    folder
}

async fn run(mut command: Command, limit: Duration, remedy: &str) -> String {
    command.env("NO_PROXY", "*");
    let started = ChildProcess::start(command);
    assert!(started.is_ok(), "{remedy}: {started:?}");
    let mut child = started.unwrap();
    let ended = child.wait(limit).await;
    assert!(ended.is_ok_and(|status| status.success()), "{remedy}\n{}", child.output());
    child.stdout()
}

async fn node() -> Command {
    let folder = folder("gateway-node");
    for file in ["package.json", "moved.mjs"] {
        std::fs::copy(Path::new(FILES).join(file), folder.join(file)).unwrap();
    }
    let mut install = Command::new("npm");
    install.args(["install", "--no-audit", "--no-fund", "--no-package-lock"]).current_dir(&folder);
    let remedy = "xendit-node cannot be installed: this test needs Node with npm (run sh deploy/setup.sh) and its package \
                  registry; let this machine reach it, or name a mirror in npm_config_registry";
    run(install, INSTALLING, remedy).await;
    let mut program = Command::new("node");
    program.arg("moved.mjs").current_dir(&folder);
    program
}

async fn python() -> Command {
    let requirements = format!("{FILES}/requirements.txt");
    let python =
        python::installed(&folder("gateway-python"), &["-r", &requirements]).await.unwrap();
    let mut program = Command::new(python);
    program.arg(Path::new(FILES).join("moved.py"));
    program
}

const PHP: &str = "this test needs PHP with curl and Guzzle: run sh deploy/setup.sh (php-cli, php-curl, \
                   php-guzzlehttp-guzzle)";

fn php(file: &str) -> Command {
    let mut program = Command::new("php");
    program.arg(Path::new(FILES).join(file)).env("NO_PROXY", "*");
    program
}

/// Runs a program against a gateway and returns what it printed.
async fn moved(mut program: Command, name: &str) -> (Lab, Value) {
    let lab = Lab::start().await;
    let worker = lab.harness.worker("worker");
    let gateway = lab.gateway().await;
    program.args([&gateway.url(""), KEY, name]);
    let printed =
        run(program, RUNNING, "the program failed (its runtime comes by sh deploy/setup.sh)").await;
    worker.stop().await;
    (lab, serde_json::from_str(&printed).unwrap())
}

/// All that a program of theirs does with invoices ends as at Xendit itself, and each bill has one payable invoice.
fn is_as_at_xendit(lab: &Lab, name: &str, told: &Value) {
    let invoices = lab.harness.xendit.invoices(name);
    assert_eq!(invoices.len(), 2, "{invoices:?}\n{told}");
    let (first, second) = (&invoices[0], &invoices[1]);
    let payable = lab.harness.payable(name);
    assert_eq!(payable.len(), 1, "{told}");
    let (id, url) = (first.id.to_string(), told["made"]["url"].as_str().unwrap());
    assert!(url.ends_with(&id), "{told}");
    assert_eq!((&told["made"]["id"], &told["made"]["status"]), (&json!(id), &json!("PENDING")));
    assert_eq!((&told["again"], &told["read"]), (&json!(id), &json!(id)));
    assert_eq!((&told["listed"], &told["expired"]), (&json!([id]), &json!("EXPIRED")));
    assert_eq!(told["anew"], json!(second.id.to_string()));
    assert_eq!(payable[0].id, second.id);
    assert_eq!(told["refused"], json!([400, "UNSUPPORTED_CURRENCY"]), "{told}");
    assert_eq!(told["conflict"], json!([409, "ANTRE_CONFLICT"]), "{told}");
    assert_eq!(told["otherUser"], json!([400, "ANTRE_UNSUPPORTED_HEADER"]), "{told}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_program_on_the_node_sdk_moves_by_one_url() {
    let (lab, told) = moved(node().await, "INV-node").await;
    is_as_at_xendit(&lab, "INV-node", &told);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_program_on_the_python_sdk_moves_by_one_url() {
    let (lab, told) = moved(python().await, "INV-python").await;
    is_as_at_xendit(&lab, "INV-python", &told);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_program_on_guzzle_as_the_php_sdk_moves_by_one_url() {
    let (lab, told) = moved(php("moved.php"), "INV-php").await;
    is_as_at_xendit(&lab, "INV-php", &told);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn libcurl_repeats_a_create_by_itself_and_there_is_one_invoice() {
    let lab = Lab::start().await;
    let _worker = lab.harness.worker("worker");
    let gateway = lab.gateway().await;
    let relay = FaultProxy::start(gateway.address()).await.unwrap();
    let folder = TempDir::new().unwrap();
    let go = folder.path().join("go");
    let mut program = php("cut.php");
    program.arg(relay.http_url()).arg(KEY).arg(&go);
    let mut program =
        ChildProcess::start(program).unwrap_or_else(|error| unreachable!("{PHP}: {error}"));
    let began = program.wait_for_line("first", PATIENCE).await;
    assert!(began.is_ok(), "{PHP}\n{}", program.output());
    assert_eq!(relay.counts().connections, 1);

    // The gateway takes the second create in, and its connection ends before the first byte of the answer. The repeat joins it.
    lab.harness.xendit.set_latency("1s".parse().unwrap());
    relay.set_flow(Direction::ToClient, Flow::Stalled);
    let before = relay.counts().to_server_bytes;
    std::fs::write(&go, "").unwrap();
    lab.until_accepted(2).await;
    let once = relay.counts().to_server_bytes - before;
    relay.cut_current().await;
    relay.set_flow(Direction::ToClient, Flow::Open);

    let ended = program.wait(PATIENCE).await;
    assert!(ended.is_ok_and(|status| status.success()), "{}", program.output());
    let told: Value = serde_json::from_str(program.stdout().lines().last().unwrap()).unwrap();
    // The program sent it once; the gateway got it twice, whole, over two connections.
    assert_eq!(relay.counts().connections, 2);
    assert_eq!(relay.counts().to_server_bytes - before, 2 * once);
    let payable = lab.harness.payable("INV-cut");
    assert_eq!(payable.len(), 1, "{payable:?}");
    assert_eq!(told, json!([200, payable[0].id.to_string()]));
    assert_eq!(lab.accepted().await, (2, 0));
    assert_eq!(lab.harness.steps("INV-cut"), "C");
}
