//! The vocabulary of Antre: jobs, states, limits and decisions, without any I/O.
//!
//! Everything here is a value or a function of values: no I/O, no async, no clock, no randomness. What
//! must be decided the same way by every worker, producer and test is decided here, so that it can
//! be tested without Redis and without Xendit. Instants come in as Unix milliseconds of Redis' clock.
//!
//! - The job as a producer writes it: [`job`], with [`amount`], [`payer`], [`priority`].
//! - What its values mean: [`value`], [`characters`], and the list of fields: [`schema`].
//! - The request it becomes: [`job::Job::invoice_body`], with [`notification`], [`phone`], [`email`].
//! - Names and settings: [`account`], [`job_id`], [`limit`], [`retry`], [`backoff`],
//!   [`duration_text`], [`mode`].
//! - What one request means for it: [`job_outcome`]; what became of it: [`job_result`], [`warning`].
//!
//! Sizes are bounded everywhere, and no error or `Debug` text holds a customer's address.

pub mod account;
pub mod amount;
pub mod backoff;
pub mod characters;
pub mod duration_text;
pub mod email;
pub mod identity;
pub mod invoice_view;
pub mod job;
pub mod job_id;
pub mod job_outcome;
pub mod job_result;
pub mod limit;
pub mod mode;
pub mod notification;
pub mod outcome;
pub mod payer;
pub mod phone;
pub mod priority;
mod raw_object;
pub mod retry;
pub mod schema;
pub mod state;
pub mod value;
pub mod warning;

pub use account::AccountName;
pub use amount::Amount;
pub use job::{InvalidJob, Job};
pub use job_id::JobId;
pub use job_result::{EndState, JobError, JobResult};
pub use limit::{Limit, Limits};
pub use mode::Mode;
pub use payer::Payer;
pub use priority::Priority;
pub use retry::RetrySchedule;
pub use warning::Warning;
