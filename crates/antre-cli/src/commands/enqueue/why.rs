//! Why nothing is sent, said while somebody waits for it.

use std::time::Duration;

use antre_store::Queue;
use indicatif::ProgressBar;
use tokio::time::{Instant, MissedTickBehavior, interval};

use crate::commands::status::{Stop, stops};
use crate::output::{complain, counted, plain};

/// How often the queue is looked at.
const LOOK: Duration = Duration::from_secs(2);
/// How often one reason is said.
const SAY_AGAIN: Duration = Duration::from_mins(1);

/// Returns what `work` returns. Meanwhile, it says why nothing is sent: at once, when the reason is
/// another one, and each minute. `bills` tells how many wait, or that nobody does.
pub(super) async fn say_until<T>(
    queue: &Queue,
    bar: &ProgressBar,
    bills: impl Fn() -> Option<usize>,
    work: impl Future<Output = T>,
) -> T {
    let mut work = std::pin::pin!(work);
    let mut ticks = interval(LOOK);
    ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
    let mut said = Said::default();
    loop {
        let looked = async {
            ticks.tick().await;
            stops(queue).await
        };
        let stops = tokio::select! {
            biased;
            done = &mut work => return done,
            stops = looked => stops,
        };
        // A look that fails is not worth a word: the work itself goes on over an outage, or ends by it.
        let Some((stops, bills)) = stops.ok().zip(bills()) else { continue };
        if let Some(reasons) = said.next(&stops, Instant::now()) {
            let line = plain(&format!("{} waiting: {reasons}", counted(bills, "bill")));
            // Standard error may be closed; the work is done all the same.
            bar.suspend(|| complain(&line).ok());
        }
    }
}

/// Which reasons were said, and when.
#[derive(Debug, Default)]
struct Said {
    codes: Vec<&'static str>,
    at: Option<Instant>,
}

impl Said {
    /// Returns the reasons if it is time to say them.
    fn next(&mut self, stops: &[Stop], now: Instant) -> Option<String> {
        let codes: Vec<&'static str> = stops.iter().map(|stop| stop.code).collect();
        let is_other = codes != self.codes;
        let is_due = is_other || self.at.is_none_or(|at| now - at >= SAY_AGAIN);
        self.codes = codes;
        if stops.is_empty() || !is_due {
            return None;
        }
        self.at = Some(now);
        let texts: Vec<&str> = stops.iter().map(|stop| stop.text.as_str()).collect();
        Some(texts.join("; "))
    }
}

#[cfg(test)]
mod tests;
