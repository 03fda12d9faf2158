//! The orders that come as signals: SIGTERM, SIGINT as a terminal's Ctrl-C sends it, and SIGHUP.

use std::io;
use std::time::Duration;

use tokio::signal::unix::{Signal, SignalKind, signal};
use tokio::time::Instant;

/// Within this time after the first order to stop, further ones are the same: many programs signal a process and
/// then its group.
const SAME_ORDER: Duration = Duration::from_secs(2);

/// Hears the orders to stop from its creation on.
#[derive(Debug)]
pub(crate) struct StopSignals {
    terminate: Signal,
    interrupt: Signal,
}

impl StopSignals {
    /// Begins to listen; the signals no longer end the process by themselves.
    pub(crate) fn listen() -> io::Result<Self> {
        Ok(Self {
            terminate: signal(SignalKind::terminate())?,
            interrupt: signal(SignalKind::interrupt())?,
        })
    }

    /// Waits for the next of them.
    pub(crate) async fn next(&mut self) {
        tokio::select! {
            _ = self.terminate.recv() => {}
            _ = self.interrupt.recv() => {}
        }
    }
}

/// What a worker is told.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Order {
    /// SIGHUP: read the configuration again.
    Reload,
    /// The first SIGTERM or SIGINT.
    Stop,
    /// One that came later than 2 s after the first.
    StopNow,
}

/// Hears a worker's orders from its creation on.
#[derive(Debug)]
pub(crate) struct WorkerSignals {
    stop: StopSignals,
    hangup: Signal,
    stops: Stops,
}

impl WorkerSignals {
    /// Begins to listen; the signals no longer end the process by themselves.
    pub(crate) fn listen() -> io::Result<Self> {
        let hangup = signal(SignalKind::hangup())?;
        Ok(Self { stop: StopSignals::listen()?, hangup, stops: Stops::default() })
    }

    /// Waits for the next order.
    pub(crate) async fn next(&mut self) -> Order {
        loop {
            tokio::select! {
                () = self.stop.next() => {
                    if let Some(order) = self.stops.order(Instant::now()) {
                        return order;
                    }
                }
                _ = self.hangup.recv() => return Order::Reload,
            }
        }
    }
}

/// When the first order to stop came.
#[derive(Debug, Default)]
struct Stops(Option<Instant>);

impl Stops {
    /// Returns what a signal to stop means that came at `now`; nothing when it only repeats the first.
    fn order(&mut self, now: Instant) -> Option<Order> {
        let Some(first) = self.0 else {
            self.0 = Some(now);
            return Some(Order::Stop);
        };
        (now.saturating_duration_since(first) > SAME_ORDER).then_some(Order::StopNow)
    }
}

#[cfg(test)]
mod tests;
