//! The billing application of `tests/billing` as a process, what sends its invoices, and a simulated Xendit.
//!
//! One application in three variants that differ in one place. What is counted comes from the simulator's ledger and from
//! the application's database file, never from the application itself.

mod count;
mod portal;
mod queue;
mod trouble;

pub use count::Count;
pub use portal::{Portal, Setup, environment};
pub use trouble::{HOUR, Played, Trouble};

/// The only place in which the applications differ.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Variant {
    /// It calls Xendit, behind a limiter in its process.
    Direct,
    /// The same, with the URL of the gateway.
    Gateway,
    /// The limiter's file is replaced by the Python module.
    Module,
}

impl Variant {
    /// All of them.
    pub const ALL: [Self; 3] = [Self::Direct, Self::Gateway, Self::Module];

    /// Returns its name in tables.
    pub fn name(self) -> &'static str {
        match self {
            Self::Direct => "limiter in the process",
            Self::Gateway => "URL changed: gateway",
            Self::Module => "file replaced: module",
        }
    }
}
