use std::fs::File;
use std::time::Duration;

use super::*;

/// A binary, and two sources in a folder with a blank in its name.
struct Built {
    directory: tempfile::TempDir,
    binary: PathBuf,
    sources: [PathBuf; 2],
}

impl Built {
    fn new() -> Self {
        let directory = tempfile::tempdir().unwrap();
        let root = directory.path().join("a checkout");
        fs::create_dir(&root).unwrap();
        let sources = [root.join("main.rs"), root.join("claim.lua")];
        let binary = directory.path().join("program");
        let written = |path: &PathBuf| path.display().to_string().replace(' ', "\\ ");
        let list = sources.each_ref().map(written).join(" ");
        fs::write(binary.with_extension("d"), format!("{}: {list}\n", binary.display())).unwrap();
        let built = Self { directory, binary, sources };
        write(&built.sources[0], 1);
        write(&built.sources[1], 2);
        write(&built.binary, 3);
        built
    }

    fn outdated_by(&self) -> Option<PathBuf> {
        outdated_by(&self.binary, &self.directory.path().join("a checkout"))
    }
}

/// Writes a file as if at that second.
fn write(path: &Path, at_s: u64) {
    let file = File::create(path).unwrap();
    file.set_modified(SystemTime::UNIX_EPOCH + Duration::from_secs(at_s)).unwrap();
}

#[test]
fn a_binary_newer_than_all_its_sources_is_up_to_date() {
    assert_eq!(Built::new().outdated_by(), None);
}

#[test]
fn a_source_that_changed_or_is_gone_outdates_the_binary() {
    let built = Built::new();
    write(&built.sources[1], 4);
    assert_eq!(built.outdated_by().as_ref(), Some(&built.sources[1]));
    write(&built.binary, 5);
    assert_eq!(built.outdated_by(), None, "built again");
    fs::remove_file(&built.sources[0]).unwrap();
    assert_eq!(built.outdated_by().as_ref(), Some(&built.sources[0]));
}

#[test]
fn a_binary_of_another_checkout_is_outdated_and_one_of_unknown_sources_is_taken() {
    let built = Built::new();
    assert!(outdated_by(&built.binary, Path::new("/another/checkout")).is_some());
    fs::remove_file(built.binary.with_extension("d")).unwrap();
    assert_eq!(built.outdated_by(), None, "a clean checkout was only ever tested");
    fs::remove_file(&built.binary).unwrap();
    assert_eq!(built.outdated_by().as_ref(), Some(&built.binary));
}

#[test]
fn a_binary_that_is_not_built_or_old_names_the_command() {
    let error = built_binary("no-such-binary").unwrap_err();
    assert!(error.to_string().ends_with("run `cargo build --bin no-such-binary`"), "{error}");
    let path = PathBuf::from("target/debug/antre");
    let error = Error::BinaryOutdated { path, source_file: "claim.lua".into() };
    // As `unwrap` shows it.
    assert!(format!("{error:?}").ends_with("run `cargo build --bin antre`"), "{error:?}");
}
