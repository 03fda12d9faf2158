//! The counters of an account since the beginning.

use std::collections::BTreeMap;

use crate::decode::Fields;

/// Makes the struct, and what knows all of its names.
macro_rules! totals {
    ($($(#[doc = $doc:literal])* $name:ident,)*) => {
        /// Counters since the beginning.
        #[derive(Debug, Clone, Default, PartialEq, Eq)]
        pub struct Totals {
            $($(#[doc = $doc])* pub $name: u64,)*
            /// What else is kept beside them: no counter, or one of another version.
            pub others: BTreeMap<String, u64>,
        }

        impl Totals {
            /// The names of all counters that this version keeps.
            pub const NAMES: &'static [&'static str] = &[$(stringify!($name)),*];

            /// Returns each counter of this version with its name, in the order of [`Self::NAMES`].
            pub fn iter(&self) -> impl Iterator<Item = (&str, u64)> {
                [$((stringify!($name), self.$name)),*].into_iter()
            }

            fn of_name(&mut self, name: &str) -> Option<&mut u64> {
                match name {
                    $(stringify!($name) => Some(&mut self.$name),)*
                    _ => None,
                }
            }
        }
    };
}

totals! {
    /// Entries taken out of the inbox, those that became duplicates or dead jobs included.
    accepted,
    /// Jobs that got an invoice that had been paid before.
    already_paid,
    /// Entries that became duplicates.
    duplicates,
    /// Jobs that ended with an invoice.
    done,
    /// Jobs that ended without one.
    dead,
    /// Jobs that were called off.
    cancelled,
    /// Dead jobs that were retried.
    revived,
    /// Creates that failed and were shown to have no effect.
    attempts,
    /// Extra invoices.
    surplus,
    /// Bills whose invoice changed.
    relinked,
    /// Pauses after a 429.
    limited,
    /// Grants that came back unused.
    unused,
    /// Leases that ran out.
    lapsed,
    /// Openings of the account's breaker.
    breaker_opened,
    /// Openings of one worker's breaker.
    worker_opened,
    /// Restarts and changes of the server that were noticed.
    server_changed,
    /// Steps back of Redis' clock.
    clock_rebased,
    /// Creates that a look-up was put before.
    rechecked,
    /// Follow-ups given up.
    follow_ups_abandoned,
}

impl Totals {
    /// Reads the hash; what is no number counts as 0.
    pub(super) fn decode(fields: Fields) -> Self {
        let mut totals = Self::default();
        for (name, text) in fields {
            let count = text.parse().unwrap_or_default();
            match totals.of_name(&name) {
                Some(known) => *known = count,
                None => drop(totals.others.insert(name, count)),
            }
        }
        totals
    }
}
