//! One file per command: its arguments, its help, what it does.

pub(crate) mod account;
pub(crate) mod cancel;
pub(crate) mod check;
pub(crate) mod dead;
pub(crate) mod enqueue;
pub(crate) mod inbox;
pub(crate) mod job;
#[cfg(feature = "demo")]
pub(crate) mod local;
#[cfg(not(feature = "demo"))]
#[path = "commands/no_demo.rs"]
pub(crate) mod local;
pub(crate) mod pause;
pub(crate) mod recheck;
pub(crate) mod resume;
pub(crate) mod serve;
pub(crate) mod status;
mod target;
mod who;
pub(crate) mod worker;
