//! One process under its guard.

use std::fs::File;
use std::path::{Path, PathBuf};
use std::process::Stdio;
use std::time::Duration;

use anyhow::{Context as _, bail};
use tokio::io::{AsyncBufReadExt as _, AsyncWriteExt as _, BufReader};
use tokio::process::{Child, ChildStdin, ChildStdout, Command};

/// How much of a log is shown.
const LOG_LINES: usize = 20;

/// A guard and, through it, its process.
pub(in crate::commands) struct Process {
    name: String,
    guard: Child,
    orders: Option<ChildStdin>,
    output: Option<ChildStdout>,
    log: PathBuf,
}

impl Process {
    /// Starts the guard that `command` is; its log is a file in `directory`.
    pub(super) fn start(
        name: &str,
        mut command: Command,
        directory: &Path,
        output: Stdio,
    ) -> anyhow::Result<Self> {
        let log = directory.join(format!("{name}.log"));
        command
            .current_dir(directory)
            .stdin(Stdio::piped())
            .stdout(output)
            .stderr(File::create(&log)?)
            // Ctrl-C is for this program, which ends the others in their order.
            .process_group(0);
        let mut guard = command.spawn().with_context(|| format!("cannot start {name}"))?;
        let (orders, output) = (guard.stdin.take(), guard.stdout.take());
        Ok(Self { name: name.to_owned(), guard, orders, output, log })
    }

    pub(super) fn name(&self) -> &str {
        &self.name
    }

    /// Returns the first line it writes to standard output.
    pub(super) async fn first_line(&mut self, limit: Duration) -> anyhow::Result<String> {
        let output = self.output.take().context("its output is not read")?;
        let mut line = String::new();
        let mut reader = BufReader::new(output);
        let read = tokio::time::timeout(limit, reader.read_line(&mut line)).await;
        let read =
            read.with_context(|| format!("{} said nothing within {limit:?}", self.name))??;
        if read == 0 {
            bail!("{} has ended; its log:\n{}", self.name, self.log_end());
        }
        Ok(line.trim_end().to_owned())
    }

    pub(super) async fn order(&mut self, order: &str) -> anyhow::Result<()> {
        let orders = self.orders.as_mut().context("it was told to end")?;
        Ok(orders.write_all(order.as_bytes()).await?)
    }

    /// Returns an error if it has ended.
    pub(super) fn check(&mut self) -> anyhow::Result<()> {
        match self.guard.try_wait()? {
            None => Ok(()),
            Some(status) => {
                bail!("{} has ended ({status}); its log:\n{}", self.name, self.log_end())
            }
        }
    }

    /// Tells it to end.
    pub(super) fn close(mut self) -> Self {
        self.orders = None;
        self
    }

    /// Returns when it is gone.
    pub(super) async fn gone(&mut self) -> anyhow::Result<()> {
        self.guard.wait().await?;
        Ok(())
    }

    fn log_end(&self) -> String {
        let log = std::fs::read(&self.log).unwrap_or_default();
        let log = String::from_utf8_lossy(&log);
        let lines: Vec<&str> = log.lines().collect();
        let skipped = lines.len().saturating_sub(LOG_LINES);
        lines.into_iter().skip(skipped).collect::<Vec<_>>().join("\n")
    }
}
