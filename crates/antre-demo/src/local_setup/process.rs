//! One process under its guard.

use std::fs::File;
use std::path::{Path, PathBuf};
use std::process::{ExitStatus, Stdio};
use std::time::Duration;

use tokio::io::{AsyncBufReadExt as _, AsyncWriteExt as _, BufReader};
use tokio::process::{Child, ChildStdin, ChildStdout, Command};

use crate::{DemoError, Result};

/// How much of a log is shown.
const LOG_LINES: usize = 20;

/// A guard and, through it, its process.
#[derive(Debug)]
pub(super) struct Process {
    name: String,
    guard: Child,
    orders: Option<ChildStdin>,
    output: Option<ChildStdout>,
    log: PathBuf,
}

impl Process {
    /// Starts the guard that `command` is. Its log is a file in `directory`; standard output goes there, too, unless
    /// `output` says otherwise.
    pub(super) fn start(
        name: &str,
        mut command: Command,
        directory: &Path,
        output: Option<Stdio>,
    ) -> Result<Self> {
        let path = directory.join(format!("{name}.log"));
        let log = File::create(&path)?;
        let output = match output {
            Some(output) => output,
            None => log.try_clone()?.into(),
        };
        command
            .current_dir(directory)
            .stdin(Stdio::piped())
            .stdout(output)
            .stderr(log)
            // Ctrl-C is for this program, which ends the others in their order.
            .process_group(0);
        let mut guard = match command.spawn() {
            Ok(guard) => guard,
            Err(source) => {
                return Err(DemoError::NotStarted { name: name.to_owned(), source });
            }
        };
        let (orders, output) = (guard.stdin.take(), guard.stdout.take());
        Ok(Self { name: name.to_owned(), guard, orders, output, log: path })
    }

    pub(super) fn name(&self) -> &str {
        &self.name
    }

    /// Returns the first line it writes to standard output, which must have been piped.
    pub(super) async fn first_line(&mut self, limit: Duration) -> Result<String> {
        let first_line = async {
            let mut line = String::new();
            if let Some(output) = self.output.take() {
                BufReader::new(output).read_line(&mut line).await?;
            }
            if line.is_empty() {
                let status = self.guard.wait().await?;
                return Err(self.ended(status));
            }
            Ok(line.trim_end().to_owned())
        };
        match tokio::time::timeout(limit, first_line).await {
            Ok(line) => line,
            Err(_elapsed) => Err(DemoError::NotReady { what: self.name.clone(), limit }),
        }
    }

    /// Gives the guard one of its lines. One that was told to end hears nothing.
    pub(super) async fn order(&mut self, order: &str) -> Result<()> {
        if let Some(orders) = &mut self.orders {
            orders.write_all(order.as_bytes()).await?;
        }
        Ok(())
    }

    /// Returns an error if it has ended.
    pub(super) fn check(&mut self) -> Result<()> {
        match self.guard.try_wait()? {
            None => Ok(()),
            Some(status) => Err(self.ended(status)),
        }
    }

    /// Tells it to end.
    pub(super) fn close(mut self) -> Self {
        self.orders = None;
        self
    }

    /// Returns when it is gone.
    pub(super) async fn gone(&mut self) -> Result<()> {
        self.guard.wait().await?;
        Ok(())
    }

    fn ended(&self, status: ExitStatus) -> DemoError {
        DemoError::Ended { name: self.name.clone(), status, log: self.log_end() }
    }

    fn log_end(&self) -> String {
        let log = std::fs::read(&self.log).unwrap_or_default();
        let log = String::from_utf8_lossy(&log);
        let lines: Vec<&str> = log.lines().collect();
        let skipped = lines.len().saturating_sub(LOG_LINES);
        lines.into_iter().skip(skipped).collect::<Vec<_>>().join("\n")
    }
}
