//! How many claims of a process may be on their way at once, from the asking to the first byte of the request.
//!
//! Behind too many, each waits for the others, in Redis or here, and is too late to be used: the more there is to do, the
//! less is sent. So the gate narrows by half when a claim took too long, and widens slowly while none does.

use std::{
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};

use tokio::sync::{OwnedSemaphorePermit, Semaphore};

const PLACES_MIN: usize = 2;
const PLACES_MAX: usize = 64;

/// One for all accounts of a process.
#[derive(Debug)]
pub(crate) struct Gate {
    places: Arc<Semaphore>,
    width: Mutex<Width>,
}

/// Of one claim. Dropping it frees it.
#[derive(Debug)]
pub(crate) struct Place(OwnedSemaphorePermit);

#[derive(Debug)]
struct Width {
    /// Places that are there.
    places: usize,
    /// How many there should be.
    wanted: usize,
    /// Claims in time since there were fewer.
    in_time: usize,
}

impl Default for Gate {
    fn default() -> Self {
        let places = 4 * PLACES_MIN;
        let width = Mutex::new(Width { places, wanted: places, in_time: 0 });
        Self { places: Arc::new(Semaphore::new(places)), width }
    }
}

impl Gate {
    /// Waits for a place, in order. `None` never in order.
    pub(crate) async fn enter(&self) -> Option<Place> {
        Arc::clone(&self.places).acquire_owned().await.ok().map(Place)
    }

    /// Returns how many places are free.
    #[cfg(test)]
    pub(crate) fn free(&self) -> usize {
        self.places.available_permits()
    }

    /// Leaves the place of a claim whose request leaves after `took`, and might for `usable`.
    pub(crate) fn leave(&self, place: Place, took: Duration, usable: Duration) {
        let mut width = self.width.lock().unwrap_or_else(PoisonError::into_inner);
        width.note(took * 2 > usable);
        if width.places > width.wanted {
            place.0.forget();
            width.places -= 1;
        } else if width.places < width.wanted {
            self.places.add_permits(1);
            width.places += 1;
        }
    }
}

impl Width {
    fn note(&mut self, is_almost_late: bool) {
        if is_almost_late {
            (self.wanted, self.in_time) = ((self.wanted / 2).max(PLACES_MIN), 0);
            return;
        }
        self.in_time += 1;
        if self.in_time >= self.wanted {
            (self.wanted, self.in_time) = ((self.wanted + 1).min(PLACES_MAX), 0);
        }
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "tests")]

    use super::*;

    const USABLE: Duration = Duration::from_millis(5);
    const LATE: Duration = Duration::from_millis(3);
    const IN_TIME: Duration = Duration::from_millis(1);

    async fn after(gate: &Gate, claims: usize, took: Duration) -> usize {
        for _ in 0..claims {
            let place = gate.enter().await.unwrap();
            gate.leave(place, took, USABLE);
        }
        gate.free()
    }

    #[tokio::test]
    async fn grants_that_came_late_narrow_it_and_never_close_it() {
        let gate = Gate::default();
        let before = gate.free();
        assert!(after(&gate, 2, LATE).await < before);
        assert_eq!(after(&gate, 100, LATE).await, PLACES_MIN);
    }

    #[tokio::test]
    async fn grants_in_time_widen_it_up_to_a_bound() {
        let gate = Gate::default();
        after(&gate, 100, LATE).await;
        assert!(after(&gate, 20, IN_TIME).await > PLACES_MIN);
        assert_eq!(after(&gate, 5_000, IN_TIME).await, PLACES_MAX);
    }
}
