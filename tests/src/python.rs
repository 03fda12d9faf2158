//! Python programs that tests start: an environment with packages from the package registry.

use std::{
    path::{Path, PathBuf},
    process::Command,
    time::Duration,
};

use antre_testkit::ChildProcess;
use anyhow::{Context as _, Result, ensure};

/// Making the environment, or installing small packages.
const LIMIT: Duration = Duration::from_mins(5);

/// Returns the Python of the environment in this folder, which is made if it is not there, after `pip install` of these.
///
/// # Errors
/// What is missing on this machine, and the remedy.
pub async fn installed(folder: &Path, packages: &[&str]) -> Result<PathBuf> {
    let python = folder.join("bin/python");
    if !python.exists() {
        let mut make = Command::new("python3");
        make.args(["-m", "venv", "--clear"]).arg(folder);
        run(make).await.context(
            "python3 cannot make a virtual environment: run sh deploy/setup.sh (it installs python3-venv)",
        )?;
    }
    let mut pip = Command::new(&python);
    pip.args(["-m", "pip", "install", "--quiet", "--disable-pip-version-check"]).args(packages);
    run(pip).await.with_context(|| {
        format!(
            "pip install {} fails, and needs the Python package registry: let this machine reach it, or name a mirror in \
             PIP_INDEX_URL",
            packages.join(" ")
        )
    })?;
    Ok(python)
}

async fn run(command: Command) -> Result<()> {
    let mut child = ChildProcess::start(command)?;
    let ended = child.wait(LIMIT).await?;
    ensure!(ended.success(), "{}", child.output());
    Ok(())
}
