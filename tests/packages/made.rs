//! What is installed, made once for all tests by the scripts of `deploy/package`.

use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::LazyLock;

use antre_testkit::built_binary;
use antre_tests::machine::{ROOT, text, tool};

/// The version of the package that comes after the first.
const NEXT: &str = "99.0.0-1";

static MADE: LazyLock<PathBuf> = LazyLock::new(|| {
    let place = Path::new(env!("CARGO_TARGET_TMPDIR")).join("packages");
    if place.exists() {
        std::fs::remove_dir_all(&place).unwrap();
    }
    std::fs::create_dir_all(&place).unwrap();
    let mut strip = Command::new(tool("strip"));
    strip.arg(built_binary("antre").unwrap()).arg("-o").arg(place.join("antre"));
    assert!(strip.status().unwrap().success());
    place
});

/// Returns the program without its debug symbols.
pub(crate) fn program() -> PathBuf {
    MADE.join("antre")
}

/// Runs a script of `deploy/package` that makes one file, and returns that file.
fn make(script: &str, name: &str, options: &[&str]) -> PathBuf {
    let folder = MADE.join(name);
    let script = Path::new(ROOT).join("deploy/package").join(script);
    let mut command = Command::new("sh");
    let made = command.arg(script).arg(program()).arg(&folder).args(options).output().unwrap();
    assert!(made.status.success(), "{}", text(&made));
    let mut files = std::fs::read_dir(&folder).unwrap();
    let file = files.next().unwrap_or_else(|| unreachable!("no file: {}", text(&made)));
    assert!(files.next().is_none(), "more than one file");
    file.unwrap().path()
}

/// Returns the package.
pub(crate) fn package() -> PathBuf {
    static PACKAGE: LazyLock<PathBuf> = LazyLock::new(|| make("deb.sh", "package", &["--fast"]));
    PACKAGE.clone()
}

/// Returns the package of a later version.
pub(crate) fn next_package() -> PathBuf {
    make("deb.sh", "next", &["--fast", "--deb-version", NEXT])
}

/// Returns the archive of the image.
pub(crate) fn image() -> PathBuf {
    static IMAGE: LazyLock<PathBuf> = LazyLock::new(|| make("image.sh", "image", &[]));
    IMAGE.clone()
}
