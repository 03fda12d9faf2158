//! `just table-package`: how large what `just package` made is, how soon its worker has started, and how much memory it
//! takes while nothing is to do.
#![expect(clippy::print_stdout, reason = "it prints a table")]

use std::os::unix::net::UnixDatagram;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::{Duration, Instant};

use antre_testkit::{ChildProcess, RedisServer};
use antre_tests::chaos::moment::pass;
use antre_tests::fleet::TEST_KEY;
use antre_tests::machine::{ROOT, run};
use anyhow::{Context, Result};
use xendit_sim::{Options, Simulator};

const STARTS: usize = 21;
const IDLE: Duration = Duration::from_secs(30);
const PATIENCE: Duration = Duration::from_secs(10);

#[tokio::main]
async fn main() -> Result<()> {
    let folder = Path::new(ROOT).join("target/packages");
    println!("| made by `just package` | bytes |\n|---|--:|");
    let mut files: Vec<PathBuf> = std::fs::read_dir(&folder)
        .context("run `just package` first")?
        .map(|entry| Ok(entry?.path()))
        .collect::<Result<_>>()?;
    files.sort();
    for file in &files {
        line(&format!("`{}`", name(file)), file.metadata()?.len());
    }
    let place = tempfile::tempdir()?;
    let program = unpacked(&files, place.path())?;
    line("the program in them", program.metadata()?.len());

    let server = RedisServer::start().await?;
    let xendit = Simulator::start(Options::default()).await?;
    let notices = UnixDatagram::bind(place.path().join("notify"))?;
    notices.set_read_timeout(Some(PATIENCE))?;
    let start = || -> Result<ChildProcess> {
        let mut command = Command::new(&program);
        command.arg("worker").current_dir(place.path());
        command.env("ANTRE_REDIS_URL", server.url()).env("XENDIT_SECRET_KEY", TEST_KEY);
        command.env("ANTRE_BASE_URL", xendit.base_url()).env("ANTRE_HTTP_LISTEN", "127.0.0.1:0");
        command.env("NOTIFY_SOCKET", place.path().join("notify"));
        Ok(ChildProcess::start(command)?)
    };
    let mut times = Vec::with_capacity(STARTS);
    for _ in 0..STARTS {
        let begun = Instant::now();
        let mut worker = start()?;
        hear(&notices, "READY=1")?;
        times.push(begun.elapsed());
        worker.terminate()?;
        worker.wait(PATIENCE).await?;
        hear(&notices, "STOPPING=1")?;
    }
    times.sort_unstable();
    let [median, last] = [STARTS / 2, STARTS - 1].map(|at| times.get(at).copied());
    println!(
        "\nfrom the start of a worker to `READY=1`, {STARTS} times: median {:.1?}, at most {:.1?}",
        median.context("a start")?,
        last.context("a start")?
    );

    let worker = start()?;
    pass(IDLE).await;
    println!("\n| a worker that was idle for {IDLE:?} | KiB |\n|---|--:|");
    let status = std::fs::read_to_string(format!("/proc/{}/status", worker.pid()))?;
    for field in ["VmRSS", "RssAnon", "RssFile"] {
        let found = status.lines().find_map(|line| line.strip_prefix(&format!("{field}:")));
        println!("| {field} | {} |", found.context("a field")?.trim().trim_end_matches(" kB"));
    }
    Ok(())
}

fn line(what: &str, bytes: u64) {
    println!("| {what} | {bytes} |");
}

fn name(file: &Path) -> String {
    file.file_name().unwrap_or_default().display().to_string()
}

/// Returns the program in the archive.
fn unpacked(files: &[PathBuf], place: &Path) -> Result<PathBuf> {
    let archive =
        files.iter().find(|file| name(file).ends_with("-linux.tar.gz")).context("no archive")?;
    let folder = name(archive).trim_end_matches(".tar.gz").to_owned();
    let [archive, into] = [archive, place].map(|path| path.display().to_string());
    run("tar", &["--extract", "--file", &archive, "--directory", &into]);
    Ok(place.join(folder).join("antre"))
}

/// Waits for a notice to systemd.
fn hear(notices: &UnixDatagram, line: &str) -> Result<()> {
    let mut buffer = [0; 1024];
    loop {
        let length = notices.recv(&mut buffer).with_context(|| line.to_owned())?;
        let message =
            String::from_utf8_lossy(buffer.get(..length).unwrap_or_default()).into_owned();
        if message.lines().any(|found| found == line) {
            return Ok(());
        }
    }
}
