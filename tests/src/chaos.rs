//! Worker processes among deliberate faults, and the checker of what came of it.
//!
//! The fault suite brings about single faults with [`cluster`] and [`worker`]; the program `chaos` draws
//! thousands of them from a seed with [`schedule`] and [`run`]. Both ask [`check`] in the end.

pub mod beside;
pub mod bills;
pub mod check;
pub mod cluster;
pub mod conditions;
mod drain;
pub mod http;
pub mod incident;
pub mod inject;
pub mod moment;
pub mod primary;
pub mod producer;
pub mod report;
pub mod run;
pub mod schedule;
pub mod worker;
