//! What goes wrong while the portal makes a month's bills, and the hourly job afterwards.

use std::time::Duration;

use anyhow::{Result, ensure};
use tokio::time::sleep;
use xendit_sim::{Act, Fault, RequestKind};

use super::{Count, Portal, Variant};

/// The portal's hourly job comes after this time: no table should take days.
pub const HOUR: Duration = Duration::from_mins(1);
/// How often a person waits for it.
const HOURS: usize = 3;
/// Every fifth bill is struck, from the third on; each of them twice.
const STRUCK_EACH: usize = 5;
const STRUCK_FIRST: usize = 3;
const STRUCK_TIMES: u32 = 2;
const HANG_MS: u64 = 30_000;
const OUTAGE: Duration = Duration::from_secs(50);
/// From a request's first byte to a kill: less than Xendit takes, and enough for the rest of the request.
const UNDER_WAY: Duration = Duration::from_millis(100);
const WORKERS_GONE: Duration = Duration::from_secs(3);

/// One thing that goes wrong.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Trouble {
    /// Nothing does.
    None,
    /// A person presses the button for three bills that the run is about to make.
    Button,
    /// The invoice is made, and the connection is reset before the answer.
    LostAnswers,
    /// The connection is reset, and no invoice is made.
    Resets,
    /// No answer for 30 s. Every second time the invoice is made.
    Hangs,
    /// Xendit refuses connections.
    Outage,
    /// The application is killed in the middle of the run, while a request is under way. It is started again, and so is the run.
    PortalKilled,
    /// All workers, and the gateway, are killed in the middle of the run, while a request is under way, and started again.
    WorkersKilled,
}

/// What became of it.
#[derive(Debug, Clone)]
pub struct Played {
    /// Links missing after the run, and after each hourly job that was of use.
    pub links_missing: Vec<usize>,
    /// The last findings.
    pub count: Count,
}

impl Trouble {
    /// All of them, in the order of the table.
    pub const ALL: [Self; 8] = [
        Self::None,
        Self::Button,
        Self::LostAnswers,
        Self::Resets,
        Self::Hangs,
        Self::Outage,
        Self::PortalKilled,
        Self::WorkersKilled,
    ];

    /// Returns its name on the command line, and in the table.
    pub fn names(self) -> (&'static str, &'static str) {
        match self {
            Self::None => ("none", "nothing"),
            Self::Button => ("button", "the button is pressed for 3 bills of the run"),
            Self::LostAnswers => ("lost-answers", "6 bills: the answer is lost, twice"),
            Self::Resets => ("resets", "6 bills: the connection is reset, twice"),
            Self::Hangs => ("hangs", "6 bills: no answer for 30 s, twice"),
            Self::Outage => ("outage", "Xendit refuses connections for 50 s"),
            Self::PortalKilled => ("portal-killed", "the application is killed and started"),
            Self::WorkersKilled => {
                ("workers-killed", "all workers and the gateway are killed and started")
            }
        }
    }

    /// Returns whether it can happen to a variant.
    pub fn is_possible(self, variant: Variant) -> bool {
        self != Self::WorkersKilled || variant != Variant::Direct
    }

    /// Makes a month's bills while this goes wrong, and then runs the hourly job as long as links are missing.
    ///
    /// # Errors
    /// Something that was not meant to go wrong.
    pub async fn play(self, portal: &mut Portal) -> Result<Played> {
        self.script(portal)?;
        let run = tokio::spawn(portal.call("/jobs/month"));
        self.strike(portal).await?;
        let ended = run.await?;
        if self == Self::PortalKilled {
            ensure!(ended.is_err(), "the run was over before the kill");
            portal.call("/jobs/month").await?;
        } else {
            ended?;
        }
        let mut count = portal.count().await?;
        let mut links_missing = vec![count.links_missing];
        while count.links_missing > 0 && links_missing.len() <= HOURS {
            sleep(HOUR).await;
            portal.call("/jobs/retry").await?;
            count = portal.count().await?;
            links_missing.push(count.links_missing);
        }
        ensure!(count.bills == usize::try_from(portal.customers())?, "not everybody has a bill");
        Ok(Played { links_missing, count })
    }

    /// Scripts what the simulator does by itself.
    fn script(self, portal: &Portal) -> Result<()> {
        let bills = usize::try_from(portal.customers())?;
        let struck = (STRUCK_FIRST..=bills).step_by(STRUCK_EACH);
        for (place, bill) in struck.enumerate() {
            let is_made = match self {
                Self::LostAnswers => true,
                Self::Hangs => place % 2 == 1,
                Self::Resets => false,
                Self::None
                | Self::Button
                | Self::Outage
                | Self::PortalKilled
                | Self::WorkersKilled => return Ok(()),
            };
            let act = if self == Self::Hangs { Act::Hang { max_ms: HANG_MS } } else { Act::Reset };
            let fault = Fault::on(RequestKind::Create, act).times(STRUCK_TIMES);
            let fault = Fault { after_creation: is_made, ..fault };
            portal.xendit.add_fault(fault.for_external_id(format!("Jakinet/{bill}")))?;
        }
        Ok(())
    }

    /// Does what has its moment in the run.
    async fn strike(self, portal: &mut Portal) -> Result<()> {
        match self {
            Self::None | Self::LostAnswers | Self::Resets | Self::Hangs => {}
            Self::Button => {
                portal.until_creates(4).await?;
                let press = |customer: u8| portal.call(&format!("/customers/{customer}/invoice"));
                let (one, two, three) = tokio::join!(press(7), press(8), press(9));
                one.and(two).and(three)?;
            }
            Self::Outage => {
                portal.until_creates(5).await?;
                portal.xendit.go_down().await;
                sleep(OUTAGE).await;
                portal.xendit.come_back().await?;
            }
            Self::PortalKilled => {
                portal.until_creates(12).await?;
                sleep(UNDER_WAY).await;
                portal.kill_and_start().await?;
            }
            Self::WorkersKilled => {
                portal.until_creates(12).await?;
                sleep(UNDER_WAY).await;
                portal.kill_workers()?;
                sleep(WORKERS_GONE).await;
                portal.start_workers().await?;
            }
        }
        Ok(())
    }
}
