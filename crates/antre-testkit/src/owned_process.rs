//! One child process that only its owner signals and reaps.
//!
//! The owner alone waits for the child, so its id stays taken as long as signals can be sent: none
//! can ever hit a stranger. Dropping kills and reaps.

use std::io::{self, Read, Seek, SeekFrom};
use std::path::Path;
use std::process::{Child, Command, ExitStatus};
use std::time::Duration;

use rustix::process::{Pid, Signal, kill_process};

use crate::{Error, Result, eventually};

/// How much of a child's output is read back.
const OUTPUT_BYTES_MAX: u64 = 64 * 1024;

#[derive(Debug)]
pub(crate) struct OwnedProcess {
    program: String,
    child: Child,
}

impl OwnedProcess {
    pub(crate) fn spawn(command: &mut Command) -> Result<Self> {
        let program = command.get_program().to_string_lossy().into_owned();
        match command.spawn() {
            Ok(child) => Ok(Self { program, child }),
            Err(source) => Err(Error::Spawn { program, source }),
        }
    }

    pub(crate) fn id(&self) -> u32 {
        self.child.id()
    }

    /// Returns how the child ended, or `None` while it lives.
    pub(crate) fn exit_status(&mut self) -> Result<Option<ExitStatus>> {
        self.child.try_wait().map_err(|source| self.fault(source))
    }

    /// Returns the error for a child that ended although it was needed, or `None` while it lives.
    pub(crate) fn exited_error(&mut self, output: impl FnOnce() -> String) -> Option<Error> {
        match self.exit_status() {
            Ok(None) => None,
            Ok(Some(status)) => {
                Some(Error::Exited { program: self.program.clone(), status, output: output() })
            }
            Err(error) => Some(error),
        }
    }

    /// Sends `signal`. An ended child is an error and nothing is sent.
    pub(crate) fn signal(&mut self, signal: Signal) -> Result<()> {
        if let Some(error) = self.exited_error(String::new) {
            return Err(error);
        }
        kill_process(Pid::from_child(&self.child), signal).map_err(|errno| self.fault(errno.into()))
    }

    /// Kills and reaps; fine for a child that has already ended.
    pub(crate) fn kill(&mut self) -> Result<ExitStatus> {
        self.child.kill().and_then(|()| self.child.wait()).map_err(|source| self.fault(source))
    }

    pub(crate) async fn wait(&mut self, limit: Duration) -> Result<ExitStatus> {
        let what = format!("`{}` (process {}) ends", self.program, self.id());
        // A system error is final, so it is a found value and not a "not yet".
        eventually(limit, &what, async || self.exit_status().transpose()).await?
    }

    fn fault(&self, source: io::Error) -> Error {
        Error::Process { id: self.child.id(), source }
    }
}

impl Drop for OwnedProcess {
    fn drop(&mut self) {
        // Nothing is left to tell when even this fails.
        self.kill().ok();
    }
}

/// Returns the end of a file that a child writes, at most 64 KiB; empty if there is none.
pub(crate) fn read_tail(path: &Path) -> String {
    let read = || -> io::Result<Vec<u8>> {
        let mut file = std::fs::File::open(path)?;
        let length_bytes = file.metadata()?.len();
        file.seek(SeekFrom::Start(length_bytes.saturating_sub(OUTPUT_BYTES_MAX)))?;
        let mut tail = Vec::new();
        file.take(OUTPUT_BYTES_MAX).read_to_end(&mut tail)?;
        Ok(tail)
    };
    String::from_utf8_lossy(&read().unwrap_or_default()).into_owned()
}
