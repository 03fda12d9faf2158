//! Why a waiting `antre enqueue` waits: said on standard error, in the words of `antre status`.

use std::cell::RefCell;
use std::convert::Infallible;
use std::future::{Future, pending};
use std::time::Duration;

use antre_operating::{Obstacle, obstacles};
use antre_store::status::Status;
use antre_store::{Queue, StoreError};
use indicatif::ProgressBar;
use tokio::time::{Instant, sleep};

use crate::output::{counted, eprint, plain};

/// A trouble that is over sooner is not worth a line.
const SAID_AFTER: Duration = Duration::from_secs(2);
/// How often the same is said again.
const SAID_EACH: Duration = Duration::from_mins(1);
const TICK: Duration = Duration::from_millis(100);
const LOOK: Duration = Duration::from_secs(2);

/// What keeps jobs from being sent, as it was last seen.
#[derive(Debug)]
pub(super) struct Sending(RefCell<Delay>);

#[derive(Debug)]
struct Delay {
    /// Since when nothing was taken.
    since: Instant,
    reason: Option<String>,
    is_full: bool,
}

impl Sending {
    pub(super) fn new() -> Self {
        Self(RefCell::new(Delay { since: Instant::now(), reason: None, is_full: false }))
    }

    /// Notes that Redis took jobs.
    pub(super) fn works(&self) {
        *self.0.borrow_mut() = Delay { since: Instant::now(), reason: None, is_full: false };
    }

    /// Notes why Redis did not.
    pub(super) fn refused(&self, error: &StoreError) {
        let mut delay = self.0.borrow_mut();
        (delay.reason, delay.is_full) = (Some(error.to_string()), false);
    }

    /// Notes that the inbox holds as many jobs as it may.
    pub(super) fn full(&self, inbox: u64) {
        let mut delay = self.0.borrow_mut();
        let text = format!("the inbox holds {inbox} jobs: waiting until workers take some");
        (delay.reason, delay.is_full) = (Some(text), true);
    }

    /// Says each reason once when it has lasted for 2 s, and again each minute.
    pub(super) async fn tell(&self, queue: &Queue, bar: &ProgressBar) -> Infallible {
        let mut told = Told::default();
        loop {
            sleep(TICK).await;
            let (reason, is_full) = {
                let delay = self.0.borrow();
                let is_due = delay.since.elapsed() >= SAID_AFTER;
                (delay.reason.clone().filter(|_| is_due), delay.is_full)
            };
            let Some(mut reason) = reason else { continue };
            // The number of jobs is no news.
            let name = if is_full { "full".to_owned() } else { reason.clone() };
            if told.is_news(&name) {
                if is_full && let Ok(Some((_, text))) = standstill(queue).await {
                    reason = format!("{reason}; {text}");
                }
                print(bar, &reason);
            }
        }
    }
}

/// Runs `waiting` and says what it waits for: at once when nothing is sent, again each minute and when that changes.
/// `left` tells how many bills have no result.
pub(super) async fn telling<T>(
    queue: &Queue,
    bar: &ProgressBar,
    left: impl Fn() -> usize,
    waiting: impl Future<Output = T>,
) -> T {
    tokio::select! {
        waited = waiting => waited,
        never = tell_standstill(queue, bar, left) => match never {},
    }
}

async fn tell_standstill(queue: &Queue, bar: &ProgressBar, left: impl Fn() -> usize) -> Infallible {
    let mut told = Told::default();
    loop {
        let (name, text) = match standstill(queue).await {
            Ok(None) => (String::new(), String::new()),
            Ok(Some((name, text))) => (name.to_owned(), text),
            // A producer need not have the right to look.
            Err(StoreError::Denied(_)) => return pending().await,
            Err(error) => (error.to_string(), error.to_string()),
        };
        if told.is_news(&name) {
            print(bar, &format!("{} without a result: {text}", counted(left(), "bill")));
        }
        sleep(LOOK).await;
    }
}

/// Returns why nothing is sent in this account, if that is so: the name of the reason, and its words.
async fn standstill(queue: &Queue) -> Result<Option<(&'static str, String)>, StoreError> {
    queue.redis().can_write().await?;
    Ok(reason(&queue.status().await?))
}

fn reason(status: &Status) -> Option<(&'static str, String)> {
    // A pause is told also when it ends by itself, a limit when somebody who waits would notice.
    let is_told = |it: &Obstacle| match it.code {
        "paused" => true,
        "limited" | "quota" => status.wait > LOOK,
        _ => it.is_standstill,
    };
    let told = obstacles(status).into_iter().find(is_told);
    let are_others_left = status.inbox + status.waiting.iter().sum::<u64>() + status.running > 0;
    let is_later = !are_others_left && status.scheduled > 0 && status.scheduled_soon == 0;
    let later =
        || "what is left has a run_at that is more than an hour away, and is sent at that time";
    told.map(|it| (it.code, it.text)).or_else(|| is_later.then(|| ("later", later().to_owned())))
}

/// What was said last, and when.
#[derive(Debug, Default)]
struct Told(Option<(String, Instant)>);

impl Told {
    /// Returns whether something of this name is to be said now; an empty name is nothing. What comes and
    /// goes is said once a minute.
    fn is_news(&mut self, name: &str) -> bool {
        let is_known = name.is_empty()
            || self.0.as_ref().is_some_and(|(said, at)| said == name && at.elapsed() < SAID_EACH);
        if !is_known {
            self.0 = Some((name.to_owned(), Instant::now()));
        }
        !is_known
    }
}

fn print(bar: &ProgressBar, text: &str) {
    // Nothing can be told when even that fails.
    bar.suspend(|| eprint(&format!("antre: {}", plain(text)))).ok();
}

#[cfg(test)]
mod tests;
