//! The container image: made without a daemon, small, no user but one, and it delivers from a root that nobody can write.

use std::path::PathBuf;
use std::process::Command;

use antre_testkit::{ChildProcess, eventually};
use antre_tests::machine::{run, text, tool};
use tempfile::TempDir;

use crate::made::image;
use crate::process::{Process, first_link};
use crate::stage::{KEY, PATIENCE, Stage, XENDIT};

/// Of the test's own build, which is larger than the one that is given to people.
const BYTES_MAX: u64 = 40_000_000;

/// The image, taken from its archive into a store of its own.
pub(crate) struct Image {
    /// Its files.
    pub(crate) root: PathBuf,
    container: String,
    store: Store,
}

/// Images and containers of buildah.
struct Store(TempDir);

impl Store {
    fn options(&self) -> Vec<String> {
        let place = self.0.path().display();
        [
            "--storage-driver=vfs".to_owned(),
            format!("--root={place}/store"),
            format!("--runroot={place}/run"),
        ]
        .into()
    }

    fn buildah(&self, words: &[&str]) -> String {
        let options = self.options();
        let all: Vec<&str> =
            options.iter().map(String::as_str).chain(words.iter().copied()).collect();
        run("buildah", &all).trim().to_owned()
    }
}

impl Drop for Store {
    fn drop(&mut self) {
        let unmounted =
            Command::new(tool("buildah")).args(self.options()).args(["rm", "--all"]).output();
        drop(unmounted);
    }
}

impl Image {
    pub(crate) fn load() -> Self {
        let store = Store(tempfile::tempdir_in(env!("CARGO_TARGET_TMPDIR")).unwrap());
        let archive = store.0.path().join("image.tar");
        let compressed = image().display().to_string();
        let unpack =
            Command::new(tool("gzip")).args(["--decompress", "--stdout", &compressed]).output();
        std::fs::write(&archive, unpack.unwrap().stdout).unwrap();
        let container =
            store.buildah(&["from", "--quiet", &format!("docker-archive:{}", archive.display())]);
        let root = store.buildah(&["mount", &container]).into();
        Self { root, container, store }
    }

    /// Returns what the image says of its processes.
    pub(crate) fn setting(&self, name: &str) -> String {
        let format = format!("{{{{.OCIv1.Config.{name}}}}}");
        self.store.buildah(&["inspect", "--format", &format, &self.container])
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_image_checks_itself_and_delivers_a_first_link_from_a_read_only_root() {
    let stage = Stage::set().await;
    let image = Image::load();
    let files = run("du", &["--summarize", "--bytes", &image.root.display().to_string()]);
    let bytes: u64 = files.split('\t').next().unwrap().parse().unwrap();
    assert!(bytes < BYTES_MAX, "{bytes} bytes");
    assert_eq!(image.setting("User"), "10001:10001");
    assert_eq!(
        (image.setting("Entrypoint"), image.setting("Cmd")),
        ("[/usr/bin/antre]".to_owned(), "[worker]".to_owned())
    );
    assert!(!image.root.join("bin").exists() && !image.root.join("usr/bin/sh").exists(), "a shell");

    let place = tempfile::tempdir().unwrap();
    let socket = place.path().join("redis.sock");
    let mut redis = Command::new("redis-server");
    redis
        .args(["--port", "0", "--save", "", "--unixsocketperm", "777", "--unixsocket"])
        .arg(&socket);
    let mut redis = ChildProcess::start(redis).unwrap();
    redis.wait_for_line("ready to accept connections", PATIENCE).await.unwrap();
    let at = "/run/redis";
    let variables = [
        ("ANTRE_REDIS_URL", format!("redis+unix://{at}/redis.sock")),
        ("ANTRE_BASE_URL", format!("http://{XENDIT}")),
        ("XENDIT_SECRET_KEY", KEY.to_owned()),
    ];
    std::fs::set_permissions(place.path(), std::os::unix::fs::PermissionsExt::from_mode(0o755))
        .unwrap();

    // As buildah, podman and Docker run it: user, entry point and files are the image's. Beside a machine that starts,
    // buildah was seen to end without a word.
    eventually(PATIENCE, "the image's own check", async || {
        let mut command = stage.command();
        command
            .arg(tool("buildah"))
            .args(image.store.options())
            .args(["run", "--isolation=chroot"]);
        command.arg(format!("--volume={}:{at}:ro", place.path().display()));
        command.args(variables.iter().map(|(name, value)| format!("--env={name}={value}")));
        let checked =
            command.args([&image.container, "--", "/usr/bin/antre", "check"]).output().unwrap();
        let said = text(&checked);
        let is_well = checked.status.success() && said.contains("default: test key");
        if is_well { Ok(Some(())) } else { Err(format!("{}: {said}", checked.status)) }
    })
    .await
    .unwrap();

    let process = || {
        let process = Process::within(&image.root)
            .user(&image.setting("User"))
            .read_only()
            .mount(place.path(), at);
        variables.iter().fold(process, |process, (name, value)| process.variable(name, value))
    };
    let _worker = process().start(&stage, &["/usr/bin/antre", "worker"]);
    first_link(&stage, process).await;
}
