//! What the examples run against, and how: one Redis, one worker, one simulated Xendit a document.

use std::{
    os::unix::fs::PermissionsExt,
    path::{Path, PathBuf},
    process::Command,
    time::Duration,
};

use antre_testkit::ChildProcess;
use antre_tests::{languages::python_with_redis, served::Served};
use redis::aio::MultiplexedConnection;
use tempfile::TempDir;

use crate::{markdown::Example, output};

const LIMIT: Duration = Duration::from_mins(1);

/// Where examples run.
pub(crate) struct Fixture {
    served: Served,
    directory: TempDir,
    python: PathBuf,
    environment: Vec<(String, String)>,
    examples_run: usize,
}

impl Fixture {
    /// Starts everything, for the Python of this machine; the account `default` is served when this returns.
    pub(crate) async fn start() -> Self {
        Self::start_with(python_with_redis().await).await
    }

    /// Starts everything, for a Python that has redis-py.
    pub(crate) async fn start_with(python: PathBuf) -> Self {
        let served = Served::start(&["default"]).await;
        let directory = tempfile::tempdir().unwrap();
        std::fs::write(directory.path().join("variables"), "").unwrap();
        if python.is_absolute() {
            name_python3(&python, &directory.path().join("programs"));
        }
        Self { served, directory, python, environment: Vec::new(), examples_run: 0 }
    }

    /// Lets Xendit take so long for each answer from now on.
    pub(crate) fn set_latency(&self, latency: &str) {
        self.served.set_latency(latency);
    }

    /// Opens a connection to the Redis of the examples.
    pub(crate) async fn connection(&self) -> MultiplexedConnection {
        self.served.connection().await
    }

    /// Returns the folder in which examples run.
    pub(crate) fn directory(&self) -> &Path {
        self.directory.path()
    }

    /// Gives examples an environment variable.
    pub(crate) fn set_variable(&mut self, name: &str, value: &str) {
        self.environment.push((name.to_owned(), value.to_owned()));
    }

    /// Lets a command run as examples do: in their folder, with their environment.
    pub(crate) fn at_home(&self, mut command: Command) -> Command {
        command.current_dir(self.directory.path()).env("REDIS_URL", self.served.redis_url());
        command.envs(self.environment.iter().map(|(name, value)| (name, value)));
        command
    }

    /// Runs an example and returns what is wrong with it, if anything.
    pub(crate) async fn fault(&mut self, example: &Example) -> Option<String> {
        let mut child = self.run(example);
        let status = match child.wait(LIMIT).await {
            Ok(status) => status,
            Err(error) => return Some(format!("does not end: {error}\n{}", child.output())),
        };
        if !status.success() {
            return Some(format!("fails with {status}\n{}", child.output()));
        }
        let written = child.stdout();
        let error = output::error_of_redis(&written).map(str::to_owned);
        let difference = || output::difference(example.output.as_ref()?, &written);
        let fault = error.or_else(difference)?;
        Some(format!("{fault}\n{}", child.stderr()))
    }

    fn run(&mut self, example: &Example) -> ChildProcess {
        self.examples_run += 1;
        let is_python = example.block.language == "python";
        let name = format!("example-{}.{}", self.examples_run, if is_python { "py" } else { "sh" });
        std::fs::write(self.directory.path().join(&name), &example.block.text).unwrap();
        let command = if is_python {
            let mut command = Command::new(&self.python);
            command.arg(&name);
            command
        } else {
            // Variables live on from block to block, as in one terminal.
            let script = format!(
                "PATH=$PWD/programs:$PATH; set -aeu; . ./variables; . ./{name}; export -p > variables"
            );
            let mut command = Command::new("sh");
            command.args(["-c", &script]);
            command
        };
        ChildProcess::start(self.at_home(command)).unwrap()
    }
}

/// Makes a folder in which this Python is called `python3`, as commands of the documents say.
fn name_python3(python: &Path, programs: &Path) {
    std::fs::create_dir(programs).unwrap();
    let program = programs.join("python3");
    let script = format!("#!/bin/sh\nexec '{}' \"$@\"\n", python.display());
    std::fs::write(&program, script).unwrap();
    std::fs::set_permissions(program, std::fs::Permissions::from_mode(0o755)).unwrap();
}
