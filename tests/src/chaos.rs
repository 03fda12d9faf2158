//! Worker processes among deliberate faults, and the checker of what came of it.
//!
//! The fault suite brings about single faults with [`arena`] and [`worker`]; the program `chaos` draws
//! thousands of them from a seed with [`schedule`] and [`run`]. Both ask [`check`] in the end.

pub mod arena;
pub mod beside;
pub mod bills;
pub mod check;
pub mod conditions;
pub mod http;
pub mod incident;
pub mod inject;
pub mod moment;
pub mod primary;
pub mod producer;
pub mod report;
pub mod run;
pub mod schedule;
mod settle;
pub mod worker;
