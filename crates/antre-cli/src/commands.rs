//! One file per command: its arguments, its help, its work. `answering`, `http`, `reload` and `systemd`
//! belong to those that serve.

pub(crate) mod account;
mod answering;
pub(crate) mod cancel;
pub(crate) mod check;
pub(crate) mod dead;
pub(crate) mod enqueue;
pub(crate) mod gateway;
mod http;
pub(crate) mod inbox;
pub(crate) mod job;
#[cfg(feature = "demo")]
pub(crate) mod local;
#[cfg(not(feature = "demo"))]
#[path = "commands/no_demo.rs"]
pub(crate) mod local;
pub(crate) mod pause;
pub(crate) mod recheck;
mod reload;
pub(crate) mod resume;
pub(crate) mod serve;
pub(crate) mod status;
mod systemd;
mod target;
mod who;
pub(crate) mod worker;
