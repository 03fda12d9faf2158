//! What people who run Antre are told of an account: why nothing is sent, what happened lately, how long a job waits,
//! how well the queue does.
//!
//! Everything is a function of the status that the store read ([`antre_store::status::Status`]): no I/O, no async,
//! and no clock but its own instant. `antre status`, `antre check`, a waiting `antre enqueue`, workers and the HTTP
//! routes draw what these return; none of them has a rule or words of its own. Whether a worker lives the store knows
//! itself, for its scripts ask for it: [`antre_store::status::WORKER_SILENT`].

mod estimate;
mod figures;
mod health;
mod idle;
mod notices;
mod obstacle;
mod reporter;
mod scaling;
mod strangers;
mod words;

pub use estimate::{estimated_wait, estimated_wait_behind};
pub use figures::Figures;
pub use health::{Health, QueueHealth, Reason, judge, of_foreign};
pub use idle::{
    STALLED_AFTER, UNREPLICATED_AFTER, UNUSED_AFTER, Unused, is_stalled, unused_for_long,
};
pub use notices::{Notice, already_paid_since_ms, notices};
pub use obstacle::{Obstacle, is_standstill, obstacles};
pub use reporter::is_reporter;
pub use scaling::{AccountLoad, CONCURRENCY_UNKNOWN, P95_UNKNOWN, Scaling};
pub use strangers::recent_strangers;
pub use words::{NO_REPLICA, explain_stranger, of_closed_worker};
