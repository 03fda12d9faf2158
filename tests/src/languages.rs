//! The languages whose programs tests run: their interpreters, and packages at fixed versions.
//!
//! What is downloaded or compiled goes under the target directory and stays from run to run.

use std::{
    path::{Path, PathBuf},
    process::Command,
    time::Duration,
};

use antre_testkit::ChildProcess;
use tokio::sync::OnceCell;

const LIMIT: Duration = Duration::from_mins(5);
/// The Node packages that programs of the tests and the documents import.
const NODE_PACKAGES: &str = include_str!("languages/package.json");
/// Where Debian puts the sources of Go packages.
const GOPATH: &str = "/usr/share/gocode";

/// Returns the first Python that has redis-py.
pub async fn python_with_redis() -> PathBuf {
    for program in ["python3", "/usr/bin/python3"] {
        let mut command = Command::new(program);
        command.args(["-c", "import redis"]);
        let Ok(mut child) = ChildProcess::start(command) else { continue };
        if child.wait(LIMIT).await.is_ok_and(|status| status.success()) {
            return PathBuf::from(program);
        }
    }
    panic!("no python3 with redis-py: run sh deploy/setup.sh, or pip install redis");
}

/// Returns a folder `node_modules` with the Redis clients, `SQLite` and TypeScript, somewhere under `target`.
pub async fn node_modules(target: &Path) -> PathBuf {
    static MODULES: OnceCell<PathBuf> = OnceCell::const_new();
    MODULES.get_or_init(async || install_node_packages(&target.join("node")).await).await.clone()
}

async fn install_node_packages(folder: &Path) -> PathBuf {
    let (modules, installed) = (folder.join("node_modules"), folder.join("installed.json"));
    if std::fs::read_to_string(&installed).is_ok_and(|it| it == NODE_PACKAGES) {
        return modules;
    }
    std::fs::create_dir_all(folder).unwrap();
    std::fs::write(folder.join("package.json"), NODE_PACKAGES).unwrap();
    let mut npm = Command::new("npm");
    npm.args(["install", "--no-audit", "--no-fund", "--no-package-lock"]).current_dir(folder);
    let remedy = "Node's packages cannot be installed: this test needs Node with npm (run sh deploy/setup.sh) and its \
                  package registry; let this machine reach it, or name a mirror in npm_config_registry";
    run(npm, remedy).await;
    std::fs::write(installed, NODE_PACKAGES).unwrap();
    modules
}

/// Returns `go` for programs whose packages are Debian's; what it compiles is kept under `target`.
pub fn go(target: &Path) -> Command {
    let mut go = Command::new("go");
    go.envs([("GO111MODULE", "off"), ("GOPATH", GOPATH), ("GOFLAGS", "")]);
    go.env("GOCACHE", target.join("go"));
    go
}

/// Builds the Go program `source`, with Debian's packages.
pub async fn build_go(source: &Path, program: &Path, target: &Path) {
    let mut build = go(target);
    build.arg("build").arg("-o").arg(program).arg(source);
    run(build, "the Go program is not built, or Go is not there: run sh deploy/setup.sh").await;
}

async fn run(command: Command, remedy: &str) {
    let mut child =
        ChildProcess::start(command).unwrap_or_else(|error| panic!("{remedy}: {error}"));
    let ended = child.wait(LIMIT).await;
    assert!(ended.is_ok_and(|status| status.success()), "{remedy}\n{}", child.output());
}
