//! A clock that steps back, and a server that is another one than before.

use std::time::Duration;

use super::{Moment, Pacer};

const STEP_TOLERATED: Duration = Duration::from_secs(1);
const SHORT_WINDOW: Duration = Duration::from_secs(10);

/// What the clock and the server turned out to be.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Followed {
    /// The instant to go by: never before one that was seen up to a second ago.
    pub now: Moment,
    /// How far the clock stepped back, if that was more than can be waited out.
    pub stepped_back: Option<Duration>,
    /// Whether a server seen before was replaced or restarted.
    pub is_other_server: bool,
}

impl Pacer {
    /// Compares the clock of `server` with what was seen before.
    ///
    /// A step back of less than a second is waited out. A larger one rebases: instants in the future
    /// become now and automatic waits keep their length. After that, and with a server that was not
    /// seen before, windows of up to 10 s count as full, so that nothing forgotten makes a burst. A step
    /// forward looks like time that passed.
    pub fn follow_clock(&mut self, clock: Moment, server: &str) -> Followed {
        let last = self.clock.unwrap_or_default();
        let stepped_back = (clock + STEP_TOLERATED < last).then(|| last.since(clock));
        let now = if stepped_back.is_some() { clock } else { clock.max(last) };
        if stepped_back.is_some() {
            self.rebase(last, now);
        }
        let is_known = self.server.as_deref() == Some(server);
        let is_other_server = !is_known && self.server.is_some();
        if !is_known {
            self.fill_short_windows(now);
            self.server = Some(server.to_owned());
        }
        // Once a second is enough to see a step, and spares the append-only file.
        if now.since(last).max(last.since(now)) >= STEP_TOLERATED {
            self.clock = Some(now);
        }
        Followed { now, stepped_back, is_other_server }
    }

    fn rebase(&mut self, last: Moment, now: Moment) {
        // A grant of this very moment may still leave within its deadline, which may have halved once since.
        self.log.rebase(now + self.send_within(now) * 2);
        for instant in [&mut self.next_at, &mut self.paused_until].into_iter().flatten() {
            *instant = now + instant.since(last);
        }
        if let Some(budget) = &mut self.budget {
            budget.rebase(last, now);
        }
        self.factor.rebase(now);
        self.widened.rebase(now);
        self.learned_jitter.rebase(now);
        self.fill_short_windows(now);
    }

    fn fill_short_windows(&mut self, now: Moment) {
        let windows = self.settings.limits.iter().map(|limit| limit.window());
        let longest = windows.filter(|window| *window <= SHORT_WINDOW).max().unwrap_or_default();
        let free = now + longest + self.guard(now);
        self.next_at = Some(self.next_at.map_or(free, |next| next.max(free)));
        // Giving the last grant back must not undo this.
        self.last_grant = None;
    }
}
