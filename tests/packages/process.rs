//! A process in another root: a Debian's, or that of an image.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::process::Command;

use antre_testkit::{ChildProcess, eventually};
use antre_tests::machine::{Contained, tool};

use crate::stage::{PATIENCE, Stage};

/// Mounts, in namespaces of its own, what a root lacks, then runs the words behind.
const ENTER: &str = r#"
root=$1 writable=$2
shift 2
mount --bind "$root" "$root"
mount -t proc proc "$root/proc"
mount --rbind /dev "$root/dev"
[ "$writable" = yes ] || mount -o remount,bind,ro "$root"
while [ "$1" != -- ]; do
    mount --bind "$1" "$root$2"
    shift 2
done
shift
exec "$@"
"#;

/// A process before its start: root's, in a root that can be written, unless it says otherwise.
pub(crate) struct Process {
    root: PathBuf,
    user: String,
    is_read_only: bool,
    variables: BTreeMap<String, String>,
    mounts: Vec<(PathBuf, String)>,
}

impl Process {
    pub(crate) fn within(root: &Path) -> Self {
        let path = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin";
        Self {
            root: root.to_owned(),
            user: "0:0".to_owned(),
            is_read_only: false,
            variables: [("PATH".to_owned(), path.to_owned())].into(),
            mounts: Vec::new(),
        }
    }

    /// As this user and group, by their numbers, who can never be more than that.
    pub(crate) fn user(mut self, user: &str) -> Self {
        user.clone_into(&mut self.user);
        self
    }

    /// Nothing can be written but what is mounted.
    pub(crate) fn read_only(mut self) -> Self {
        self.is_read_only = true;
        self
    }

    pub(crate) fn variable(mut self, name: &str, value: &str) -> Self {
        self.variables.insert(name.to_owned(), value.to_owned());
        self
    }

    /// Shows a file or folder of this machine at a path.
    pub(crate) fn mount(mut self, from: &Path, at: &str) -> Self {
        let target = self.root.join(at.trim_start_matches('/'));
        std::fs::create_dir_all(target.parent().unwrap()).unwrap();
        if from.is_dir() {
            std::fs::create_dir_all(&target).unwrap();
        } else if !target.exists() {
            std::fs::write(&target, "").unwrap();
        }
        self.mounts.push((from.to_owned(), at.to_owned()));
        self
    }

    fn command(self, stage: &Stage, words: &[&str]) -> Command {
        for folder in ["proc", "dev"] {
            std::fs::create_dir_all(self.root.join(folder)).unwrap();
        }
        let mut command = stage.command();
        command.arg(tool("unshare")).args(["--mount", "--pid", "--fork", "--kill-child"]);
        command.args(["sh", "-euc", ENTER, "enter"]).arg(&self.root);
        command.arg(if self.is_read_only { "no" } else { "yes" });
        for (from, at) in &self.mounts {
            command.arg(from).arg(at);
        }
        command.args(["--", "env", "-i"]);
        command.args(self.variables.iter().map(|(name, value)| format!("{name}={value}")));
        if self.user != "0:0" {
            command.arg(tool("setpriv")).arg("--no-new-privs");
        }
        command.arg(tool("chroot")).arg(format!("--userspec={}", self.user)).arg("--groups=");
        command.arg(&self.root).args(words);
        command
    }

    /// Starts it.
    pub(crate) fn start(self, stage: &Stage, words: &[&str]) -> Contained {
        Contained::start(self.command(stage, words))
    }

    /// Runs it to its end with this input. Returns what it wrote to standard output.
    ///
    /// # Errors
    /// All that it wrote, if it fails.
    pub(crate) async fn run(
        self,
        stage: &Stage,
        words: &[&str],
        input: &str,
    ) -> Result<String, String> {
        let command = self.command(stage, words);
        let mut child = ChildProcess::start_with_input(command, input.as_bytes()).unwrap();
        let status = child.wait(PATIENCE).await.unwrap();
        if status.success() { Ok(child.stdout()) } else { Err(child.output()) }
    }
}

/// Sends a bill as soon as a worker serves, and waits for its link.
pub(crate) async fn first_link(stage: &Stage, client: impl Fn() -> Process) {
    let bill = r#"{"invoice":{"external_id":"INV-1","amount":350000}}"#;
    eventually(PATIENCE, "a worker that serves", async || {
        client().run(stage, &["/usr/bin/antre", "enqueue"], bill).await.map(Some)
    })
    .await
    .unwrap();
    eventually(PATIENCE, "a first link", async || {
        let said = client().run(stage, &["/usr/bin/antre", "job", "INV-1"], "").await?;
        if said.contains("https://") { Ok(Some(())) } else { Err(said) }
    })
    .await
    .unwrap();
}
