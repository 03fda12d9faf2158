//! A program under test: started, signalled and killed by its own id, its output kept.

use std::fs::File;
use std::path::PathBuf;
use std::process::{Command, ExitStatus, Stdio};
use std::time::Duration;

use rustix::process::Signal;
use tempfile::TempDir;

#[cfg(doc)]
use crate::Error;
use crate::owned_process::{OwnedProcess, read_tail};
use crate::{Result, eventually};

#[cfg(test)]
mod tests;

/// A running program whose output is kept for failure messages.
///
/// Output goes to files, so the child never blocks on a full pipe and nothing is missing once it
/// has ended; the last 64 KiB of each stream can be read. Dropping kills the child and removes the
/// files. What the child itself started is not touched.
#[derive(Debug)]
pub struct ChildProcess {
    // Declared first: killed before the directory goes.
    process: OwnedProcess,
    directory: TempDir,
}

impl ChildProcess {
    /// Starts `command` with an empty standard input.
    ///
    /// Program, arguments, environment and working directory are the caller's; standard input and
    /// output are set here.
    ///
    /// # Errors
    /// [`Error::Spawn`] if it cannot be started,
    /// [`Error::Io`] if no temporary file can be made.
    pub fn start(command: Command) -> Result<Self> {
        Self::start_with_input(command, &[])
    }

    /// Starts `command`, which can read `input` from its standard input.
    ///
    /// # Errors
    /// As [`ChildProcess::start`].
    pub fn start_with_input(mut command: Command, input: &[u8]) -> Result<Self> {
        let directory = tempfile::Builder::new().prefix("antre-child-").tempdir()?;
        let path = |name: &str| directory.path().join(name);
        std::fs::write(path("stdin"), input)?;
        command
            .stdin(Stdio::from(File::open(path("stdin"))?))
            .stdout(Stdio::from(File::create(path("stdout"))?))
            .stderr(Stdio::from(File::create(path("stderr"))?));
        Ok(Self { process: OwnedProcess::spawn(&mut command)?, directory })
    }

    /// Returns the process id.
    pub fn pid(&self) -> u32 {
        self.process.id()
    }

    /// Returns the end of what it wrote to standard output so far, at most 64 KiB.
    pub fn stdout(&self) -> String {
        read_tail(&self.path("stdout"))
    }

    /// Returns the end of what it wrote to standard error so far, at most 64 KiB.
    pub fn stderr(&self) -> String {
        read_tail(&self.path("stderr"))
    }

    /// Returns both streams with a heading each, for a failure message.
    pub fn output(&self) -> String {
        format!("-- stdout\n{}\n-- stderr\n{}", self.stdout(), self.stderr())
    }

    /// Returns the first line that contains `text` in the last 64 KiB of either stream, as soon as
    /// there is one.
    ///
    /// # Errors
    /// [`Error::Exited`] if the child ends without such a line,
    /// [`Error::NotInTime`] with all output.
    pub async fn wait_for_line(&mut self, text: &str, limit: Duration) -> Result<String> {
        let what = format!("a line with {text:?} from process {}", self.pid());
        eventually(limit, &what, async || {
            // Looks for the end before reading: what was written before it is then in the files.
            let exited = self.process.exited_error(String::new).is_some();
            let output = self.output();
            match output.lines().find(|line| line.contains(text)) {
                Some(line) => Ok(Some(Ok(line.to_owned()))),
                None if exited => Ok(self.process.exited_error(|| output).map(Err)),
                None => Err(output),
            }
        })
        .await?
    }

    /// Returns true until the child has ended.
    ///
    /// # Errors
    /// [`Error::Process`] if the system does not tell.
    pub fn is_running(&mut self) -> Result<bool> {
        Ok(self.process.exit_status()?.is_none())
    }

    /// Asks the child to end (SIGTERM).
    ///
    /// # Errors
    /// [`Error::Exited`] if it has already ended.
    pub fn terminate(&mut self) -> Result<()> {
        self.process.signal(Signal::TERM)
    }

    /// Interrupts the child as a terminal's Ctrl-C does (SIGINT).
    ///
    /// # Errors
    /// [`Error::Exited`] if it has already ended.
    pub fn interrupt(&mut self) -> Result<()> {
        self.process.signal(Signal::INT)
    }

    /// Tells the child that its terminal is gone, or to read its configuration again (SIGHUP).
    ///
    /// # Errors
    /// [`Error::Exited`] if it has already ended.
    pub fn hang_up(&mut self) -> Result<()> {
        self.process.signal(Signal::HUP)
    }

    /// Kills the child (SIGKILL) and returns when it is gone; fine if it has already ended.
    ///
    /// # Errors
    /// [`Error::Process`] if the system refuses.
    pub fn kill(&mut self) -> Result<ExitStatus> {
        self.process.kill()
    }

    /// Stops the child in its tracks (SIGSTOP): connections stay open, nothing answers.
    ///
    /// # Errors
    /// [`Error::Exited`] if it has already ended.
    pub fn suspend(&mut self) -> Result<()> {
        self.process.signal(Signal::STOP)
    }

    /// Lets a suspended child go on (SIGCONT).
    ///
    /// # Errors
    /// [`Error::Exited`] if it has already ended.
    pub fn resume(&mut self) -> Result<()> {
        self.process.signal(Signal::CONT)
    }

    /// Waits until the child ends by itself.
    ///
    /// # Errors
    /// [`Error::NotInTime`] if it still runs after `limit`; it then goes on
    /// running.
    pub async fn wait(&mut self, limit: Duration) -> Result<ExitStatus> {
        self.process.wait(limit).await
    }

    fn path(&self, name: &str) -> PathBuf {
        self.directory.path().join(name)
    }
}
