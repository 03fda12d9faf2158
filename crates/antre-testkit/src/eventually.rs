//! Waiting for something that another task or process will do.

use std::fmt::Display;
use std::time::Duration;

use tokio::time::{Instant, sleep, timeout_at};

use crate::{Error, Result};

#[cfg(test)]
mod tests;

const INTERVAL_FIRST: Duration = Duration::from_millis(2);
const INTERVAL_MAX: Duration = Duration::from_millis(100);

/// What a look at the world may answer: `Option<T>`, `bool`, or a `Result` of either.
///
/// An `Err` counts as "not yet"; the last one is named when time is up.
pub trait Answer {
    /// What the wait returns once the condition holds.
    type Value;

    /// Returns the value, or the reason for "not yet".
    ///
    /// # Errors
    /// Not a failure: the text that describes why the condition does not hold, where there is one.
    fn into_value(self) -> std::result::Result<Self::Value, Option<String>>;
}

impl<T> Answer for Option<T> {
    type Value = T;

    fn into_value(self) -> std::result::Result<T, Option<String>> {
        self.ok_or(None)
    }
}

impl Answer for bool {
    type Value = ();

    fn into_value(self) -> std::result::Result<(), Option<String>> {
        if self { Ok(()) } else { Err(None) }
    }
}

impl<A: Answer, E: Display> Answer for std::result::Result<A, E> {
    type Value = A::Value;

    fn into_value(self) -> std::result::Result<A::Value, Option<String>> {
        match self {
            Ok(answer) => answer.into_value(),
            Err(error) => Err(Some(error.to_string())),
        }
    }
}

/// Returns what `probe` finds as soon as it finds something; looks again after 2 ms, then ever more
/// rarely, at most 100 ms apart.
///
/// A probe that hangs is dropped when `limit` is over. Under tokio's paused time the wait takes no
/// real time.
///
/// # Errors
/// [`Error::NotInTime`] with `what` and the last error of `probe`.
///
/// # Examples
/// ```
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> antre_testkit::Result<()> {
/// use std::time::Duration;
/// use antre_testkit::eventually;
///
/// let mut looks = 0;
/// let found = eventually(Duration::from_secs(5), "the third look succeeds", async || {
///     looks += 1;
///     (looks == 3).then_some("invoice")
/// });
/// assert_eq!(found.await?, "invoice");
/// # Ok(())
/// # }
/// ```
pub async fn eventually<A: Answer>(
    limit: Duration,
    what: &str,
    mut probe: impl AsyncFnMut() -> A,
) -> Result<A::Value> {
    let deadline = Instant::now() + limit;
    let mut interval = INTERVAL_FIRST;
    let mut last = None;
    while let Ok(answer) = timeout_at(deadline, probe()).await {
        match answer.into_value() {
            Ok(value) => return Ok(value),
            Err(reason) => last = reason.or(last),
        }
        let left = deadline.saturating_duration_since(Instant::now());
        if left.is_zero() {
            break;
        }
        sleep(interval.min(left)).await;
        interval = (interval * 2).min(INTERVAL_MAX);
    }
    Err(Error::NotInTime { what: what.to_owned(), limit, last })
}
