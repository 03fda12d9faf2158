//! A container's process: its own network, processes, name and files; no more rights than are written.

use std::path::Path;
use std::process::Command;

use super::{Cable, Contained, tool};

/// Who a process is, and what it may.
#[derive(Clone, Debug)]
pub struct Rights {
    /// The user's number.
    pub user: u32,
    /// The group's number.
    pub group: u32,
    /// The group to which mounted files belong.
    pub volumes_group: u32,
    /// Without any capability.
    pub drops_all: bool,
    /// A program that it starts may have more rights.
    pub may_gain: bool,
}

/// A container before its start.
#[derive(Debug)]
pub struct Sandbox {
    command: Command,
    rights: Rights,
}

impl Sandbox {
    /// Returns one in the pod at the end of this cable, with this machine's programs and libraries as its image.
    pub fn in_pod(cable: &Cable, host: &str, rights: Rights) -> Self {
        let mut command = Command::new(tool("nsenter"));
        command.arg(format!("--net=/run/netns/{}", cable.namespace)).arg(tool("bwrap"));
        // Process 1 of its own namespace, as in a container: a signal that it does not handle does nothing.
        let own = "--unshare-pid --unshare-ipc --unshare-uts --as-pid-1 --new-session --hostname";
        command.args(own.split(' ')).arg(host);
        let image = "--ro-bind /usr /usr --symlink usr/bin /bin --symlink usr/lib /lib --symlink usr/lib64 /lib64";
        command.args(image.split(' '));
        command.args("--proc /proc --dev /dev --clearenv --setenv PATH /usr/bin:/bin".split(' '));
        Self { command, rights }
    }

    /// Sets a variable.
    pub fn variable(&mut self, name: &str, value: &str) {
        self.command.arg("--setenv").arg(name).arg(value);
    }

    /// Shows a file or folder at this path, to be read.
    pub fn show(&mut self, path: &Path, at: &str) {
        self.mount("--ro-bind", path, at);
    }

    /// Shows a folder at this path, to be read and written.
    pub fn lend(&mut self, path: &Path, at: &str) {
        self.mount("--bind", path, at);
    }

    fn mount(&mut self, how: &str, path: &Path, at: &str) {
        // Folders above a mount are root's alone unless they are made before.
        let above: Vec<&Path> = Path::new(at).ancestors().skip(1).collect();
        for folder in above.into_iter().rev().skip(1) {
            self.command.arg("--dir").arg(folder);
        }
        self.command.arg(how).arg(path).arg(at);
    }

    /// Starts the program. With `is_read_only`, nothing can be written but what was lent.
    pub fn start(self, is_read_only: ReadOnlyRoot, words: &[String]) -> Contained {
        let Self { mut command, rights } = self;
        if is_read_only == ReadOnlyRoot::Yes {
            command.args(["--remount-ro", "/"]);
        }
        // What it takes to become another user; nothing of it is left afterwards.
        for capability in ["SETUID", "SETGID", "SETPCAP"] {
            command.arg("--cap-add").arg(format!("CAP_{capability}"));
        }
        command.arg("--").arg(tool("setpriv")).args(rights.arguments()).args(words);
        Contained::start(command)
    }
}

/// Whether the root of a container can be written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ReadOnlyRoot {
    /// It cannot.
    Yes,
    /// It can.
    No,
}

impl From<bool> for ReadOnlyRoot {
    fn from(is_read_only: bool) -> Self {
        if is_read_only { Self::Yes } else { Self::No }
    }
}

impl Rights {
    /// Returns what `setpriv` is told.
    fn arguments(&self) -> Vec<String> {
        let mut arguments = vec![
            format!("--reuid={}", self.user),
            format!("--regid={}", self.group),
            format!("--groups={}", self.volumes_group),
            "--inh-caps=-all".to_owned(),
        ];
        if self.drops_all {
            arguments.push("--bounding-set=-all".to_owned());
        }
        if !self.may_gain {
            arguments.push("--no-new-privs".to_owned());
        }
        arguments
    }
}
