//! One file per command: its arguments, its help, what it does.

pub(crate) mod account;
pub(crate) mod cancel;
pub(crate) mod check;
pub(crate) mod dead;
pub(crate) mod enqueue;
pub(crate) mod inbox;
pub(crate) mod job;
pub(crate) mod pause;
#[cfg(feature = "playground")]
pub(crate) mod playground;
#[cfg(not(feature = "playground"))]
#[path = "commands/no_playground.rs"]
pub(crate) mod playground;
pub(crate) mod recheck;
pub(crate) mod resume;
pub(crate) mod status;
mod target;
mod who;
pub(crate) mod worker;
