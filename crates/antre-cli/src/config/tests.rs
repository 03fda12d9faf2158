use super::*;

mod example;
mod files;
mod gateway;
mod pages;
mod ranges;
mod rules;
mod secrets;
mod variables;

const KEY: (&str, &str) = ("XENDIT_SECRET_KEY", "xnd_development_one");

/// A configuration file, variables, and what they make together.
struct Case {
    directory: tempfile::TempDir,
    sources: Sources,
}

impl Case {
    fn new(toml: &str, variables: &[(&str, &str)]) -> Self {
        let directory = tempfile::tempdir().unwrap();
        let file = directory.path().join("antre.toml");
        std::fs::write(&file, toml).unwrap();
        let pairs = variables.iter().map(|(name, value)| (name.to_string(), value.to_string()));
        let sources = Sources {
            file: Some(file),
            usual_files: Vec::new(),
            redis_url: None,
            environment: pairs.collect(),
        };
        Self { directory, sources }
    }

    fn load(&self, purpose: Purpose) -> Result<Config, Faults> {
        // Opening a Redis URL looks for a runtime, although nothing is connected.
        let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
        runtime.block_on(async { load(&self.sources, purpose) })
    }

    fn config(&self) -> Config {
        self.load(Purpose::Serving).unwrap()
    }

    /// Returns the faults, one text each, without the directory's name.
    fn faults(&self) -> Vec<String> {
        let directory = format!("{}/", self.directory.path().display());
        let faults = self.load(Purpose::Serving).unwrap_err();
        faults.0.iter().map(|fault| fault.to_string().replace(&directory, "")).collect()
    }
}

/// Returns the faults of a file beside a good key.
fn faults(toml: &str) -> Vec<String> {
    Case::new(toml, &[KEY]).faults()
}

/// Returns the configuration of a file beside a good key.
fn config(toml: &str) -> Config {
    Case::new(toml, &[KEY]).config()
}

#[track_caller]
fn assert_faults(found: &[String], expected: &[&str]) {
    assert_eq!(found.len(), expected.len(), "{found:#?}");
    for (found, expected) in found.iter().zip(expected) {
        assert!(found.contains(expected), "{expected:?} is not in {found:?}");
    }
}
