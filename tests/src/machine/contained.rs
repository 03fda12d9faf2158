//! A program that another one has put into namespaces of its own.

use std::process::{Command, ExitStatus};
use std::time::Duration;

use antre_testkit::ChildProcess;
use rustix::process::{Pid, Signal, kill_process};

/// A program in its container. Dropping kills it.
#[derive(Debug)]
pub struct Contained(ChildProcess);

impl Contained {
    /// Starts a command that makes the namespaces and waits for the program's end.
    pub fn start(command: Command) -> Self {
        Self(ChildProcess::start(command).unwrap())
    }

    /// Returns the process that is number 1 inside; none before it is there and after its end.
    pub fn first_process(&self) -> Option<Pid> {
        // The outer process only waits for it.
        let outer = self.0.pid();
        let children =
            std::fs::read_to_string(format!("/proc/{outer}/task/{outer}/children")).ok()?;
        Pid::from_raw(children.split_whitespace().next()?.parse().ok()?)
    }

    /// Tells it to end.
    pub fn terminate(&self) {
        kill_process(self.first_process().unwrap(), Signal::TERM).unwrap();
    }

    /// Kills it and all that it has started; the program that waits for it then ends by itself.
    pub fn kill(&self) {
        if let Some(process) = self.first_process() {
            kill_process(process, Signal::KILL).ok();
        }
    }

    /// Waits for its end.
    pub async fn wait(&mut self, limit: Duration) -> ExitStatus {
        self.0.wait(limit).await.unwrap()
    }

    /// Returns true until it has ended.
    pub fn is_running(&mut self) -> bool {
        self.0.is_running().unwrap()
    }

    /// Returns the end of what it wrote, for a failure message.
    pub fn output(&self) -> String {
        self.0.output()
    }
}

impl Drop for Contained {
    fn drop(&mut self) {
        // It would outlive the outer process: to become another user undoes the wish to die with it.
        self.kill();
    }
}
