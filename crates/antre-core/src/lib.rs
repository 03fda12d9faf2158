//! The vocabulary of Antre: jobs, states, limits and decisions, without any I/O.
//!
//! Everything here is a value or a function of values: no I/O, no async, no clock, no randomness. What
//! must be decided the same way by every worker, producer and test is decided here, so that it can
//! be tested without Redis and without a provider. Instants come in as Unix milliseconds of Redis' clock.
//!
//! Nothing here names a provider. What one of them wants and answers is in a crate of its own, which hands in what
//! has to be known of its requests as a value: a [`Product`].
//!
//! - The job as a producer writes it: [`job`], with [`bill`], [`amount`], [`payer`], [`priority`].
//! - What a program may ask for beside jobs: [`command`], [`read`].
//! - What its values mean: [`value`], [`characters`], [`raw_object`], and lists of fields: [`schema`].
//! - Names and settings: [`account`], [`job_id`], [`limit`], [`retry`], [`backoff`],
//!   [`duration_text`], [`mode`].
//! - What one request means for it: [`job_outcome`]; what became of it: [`state`], [`job_result`], [`quota`],
//!   [`warning`].
//!
//! Sizes are bounded everywhere, and no error or `Debug` text holds a customer's address.

pub mod account;
pub mod amount;
pub mod backoff;
pub mod bill;
pub mod characters;
pub mod command;
pub mod duration_text;
pub mod job;
pub mod job_id;
pub mod job_outcome;
pub mod job_result;
pub mod limit;
pub mod mode;
pub mod payer;
pub mod priority;
pub mod product;
pub mod quota;
pub mod raw_object;
pub mod read;
pub mod retry;
pub mod schema;
pub mod state;
pub mod value;
pub mod warning;

pub use account::AccountName;
pub use amount::Amount;
pub use bill::Bill;
pub use job::{InvalidJob, Job};
pub use job_id::JobId;
pub use job_result::{EndState, JobError, JobResult};
pub use limit::{Limit, Limits};
pub use mode::Mode;
pub use payer::Payer;
pub use priority::Priority;
pub use product::Product;
pub use quota::Quota;
pub use retry::RetrySchedule;
pub use warning::Warning;
