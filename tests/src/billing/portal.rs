//! The portal: put together from its files, started, called, killed and started again.

use std::{
    fs,
    path::{Path, PathBuf},
    process::Command,
    time::Duration,
};

use antre_testkit::ChildProcess;
use anyhow::{Context as _, Result, ensure};
use reqwest::Client;
use tempfile::TempDir;
use xendit_sim::{Options, RequestKind, Running, Simulator};

use super::{
    Variant,
    queue::{KEY, Queue},
};
use crate::python;

const FILES: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/billing");
/// A portal in miniature stands there already, with its limiter replaced.
const CLIENT: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../clients/python");
const LIMITER: &str = "rate_limiter.py";
const STARTING: Duration = Duration::from_mins(1);
/// Longer than any run with its failures.
const REQUEST_MAX: Duration = Duration::from_mins(10);

/// How a portal and what is around it are started.
#[derive(Debug, Clone)]
pub struct Setup {
    /// The Python that has the portal's packages: [`environment`].
    pub python: PathBuf,
    /// The program under test.
    pub antre: PathBuf,
    /// How many customers the portal has.
    pub customers: u32,
    /// The simulated Xendit.
    pub xendit: Options,
    /// The workers' limits.
    pub limits: &'static str,
    /// More options of the workers, as environment variables.
    pub worker_options: &'static [(&'static str, &'static str)],
}

/// Makes the environment that portals run in, in this folder, and returns its Python.
///
/// # Errors
/// What is missing on this machine, and the remedy.
pub async fn environment(folder: &Path) -> Result<PathBuf> {
    python::installed(folder, &["-r", &format!("{FILES}/requirements.txt")]).await
}

/// A portal with its database and the rest of its world. Everything ends when this is dropped.
#[derive(Debug)]
pub struct Portal {
    // Declared first: it ends before what it calls.
    process: ChildProcess,
    url: String,
    queue: Option<Queue>,
    /// The simulated Xendit.
    pub xendit: Running,
    setup: Setup,
    directory: TempDir,
    client: Client,
}

impl Portal {
    /// Starts one of the variants, and what it needs.
    ///
    /// # Errors
    /// Whatever does not start.
    pub async fn start(variant: Variant, setup: Setup) -> Result<Self> {
        let xendit = Simulator::start(setup.xendit.clone()).await?;
        let queue = match variant {
            Variant::Direct => None,
            Variant::Gateway | Variant::Module => {
                Some(Queue::start(variant, &setup, &xendit.base_url()).await?)
            }
        };
        let directory = tempfile::tempdir()?;
        put_together(variant, directory.path())?;
        let client = Client::builder().no_proxy().timeout(REQUEST_MAX).build()?;
        let (process, url) = start(&setup, directory.path(), queue.as_ref(), &xendit).await?;
        Ok(Self { process, url, queue, xendit, setup, directory, client })
    }

    /// Returns how many customers it has.
    pub fn customers(&self) -> u32 {
        self.setup.customers
    }

    /// Calls a route of the portal. The call borrows nothing: it may take as long as a run, while the portal is killed.
    ///
    /// # Errors
    /// There is no answer, or it is a failure.
    pub fn call(&self, path: &str) -> impl Future<Output = Result<()>> + Send + use<> {
        let request = self.client.post(format!("{}{path}", self.url));
        async move {
            request.send().await?.error_for_status()?;
            Ok(())
        }
    }

    /// Kills the portal (SIGKILL) and starts it again on its database.
    ///
    /// # Errors
    /// It does not start.
    pub async fn kill_and_start(&mut self) -> Result<()> {
        self.process.kill()?;
        let (queue, xendit) = (self.queue.as_ref(), &self.xendit);
        (self.process, self.url) = start(&self.setup, self.directory.path(), queue, xendit).await?;
        Ok(())
    }

    /// Kills the workers and the gateway (SIGKILL).
    ///
    /// # Errors
    /// This variant has none.
    pub fn kill_workers(&mut self) -> Result<()> {
        self.queue.as_mut().context("no workers")?.kill_workers()
    }

    /// Starts workers and gateway again.
    ///
    /// # Errors
    /// This variant has none, or they do not start.
    pub async fn start_workers(&mut self) -> Result<()> {
        let queue = self.queue.as_mut().context("no workers")?;
        queue.start_workers(&self.setup, &self.xendit.base_url()).await
    }

    /// Waits until so many creates have arrived at Xendit.
    ///
    /// # Errors
    /// They do not come.
    pub async fn until_creates(&self, count: u64) -> Result<()> {
        let has_come = |totals: &xendit_sim::Totals| {
            totals.by_kind.get(&RequestKind::Create).is_some_and(|creates| *creates >= count)
        };
        let has_come = self.xendit.ledger().wait_until(STARTING, has_come).await;
        ensure!(has_come, "no {count} creates at Xendit\n{}", self.output());
        Ok(())
    }

    /// Returns what the processes wrote, for a failure message.
    pub fn output(&self) -> String {
        let queue = self.queue.as_ref().map(Queue::output).unwrap_or_default();
        format!("{}\n{queue}", self.process.output())
    }

    /// Returns a command that prints the bills in the database.
    pub(super) fn links(&self) -> Command {
        let mut command = Command::new(&self.setup.python);
        command.arg(Path::new(FILES).join("links.py")).arg(self.directory.path().join("portal.db"));
        command
    }
}

/// Starts the application and returns it with its URL.
async fn start(
    setup: &Setup,
    directory: &Path,
    queue: Option<&Queue>,
    xendit: &Running,
) -> Result<(ChildProcess, String)> {
    let mut command = Command::new(&setup.python);
    let arguments = ["-m", "uvicorn", "portal.app:app", "--port", "0", "--no-access-log"];
    let base_url = queue.and_then(Queue::gateway_url).unwrap_or_else(|| xendit.base_url());
    command
        .args(arguments)
        .current_dir(directory)
        .env("NO_PROXY", "*")
        .env("PORTAL_DATABASE", directory.join("portal.db"))
        .env("PORTAL_CUSTOMERS", setup.customers.to_string())
        .env("PORTAL_XENDIT_URL", format!("{base_url}/v2/invoices"))
        .env("PORTAL_XENDIT_KEY", KEY);
    if let Some(queue) = queue {
        command.env("ANTRE_REDIS_URL", queue.redis_url());
    }
    let mut process = ChildProcess::start(command)?;
    let line = process.wait_for_line("Uvicorn running on ", STARTING).await?;
    let url = line.split_whitespace().find(|word| word.starts_with("http://"));
    Ok((process, url.with_context(|| format!("no URL in {line:?}"))?.to_owned()))
}

/// Puts the variant's files into a folder: the module's portal in miniature, and over it the application.
fn put_together(variant: Variant, folder: &Path) -> Result<()> {
    let portal = folder.join("portal");
    copy(&Path::new(CLIENT).join("tests/portal"), &portal, |_| true)?;
    let is_kept = |name: &str| variant != Variant::Module || name != LIMITER;
    copy(&Path::new(FILES).join("portal"), &portal, is_kept)?;
    if variant == Variant::Module {
        let antre = folder.join("antre");
        copy(&Path::new(CLIENT).join("src/antre"), &antre, |_| true)?;
        copy(&Path::new(CLIENT).join("src/antre/billing"), &antre.join("billing"), |_| true)?;
    }
    Ok(())
}

/// Copies a folder's own programs that are wanted.
fn copy(from: &Path, to: &Path, is_wanted: impl Fn(&str) -> bool) -> Result<()> {
    fs::create_dir_all(to)?;
    for entry in fs::read_dir(from)? {
        let path = entry?.path();
        let name = path.file_name().and_then(|name| name.to_str()).unwrap_or_default();
        if path.extension().is_some_and(|it| it == "py") && is_wanted(name) {
            fs::copy(&path, to.join(name))?;
        }
    }
    Ok(())
}
