//! Puts invoice jobs into Antre's queue and waits for their results.
//!
//! Everything in here is one or two Redis commands that any other language can send as well: a job is
//! taken once `XADD` has answered, a worker makes the invoice, and the result stays readable. What this
//! crate adds: jobs are checked before they are sent, many of them travel together, and waiting
//! survives a lost connection. It sends nothing to Xendit and needs no key.
//!
//! - One job: [`Producer::enqueue`]; many: [`Producer::enqueue_many`]; a file of them: [`files`].
//! - Cancel and retry: [`Producer::command`], [`Producer::command_answer`].
//! - One result: [`Producer::wait`]; many: [`Producer::wait_many`]; a batch: [`Producer::wait_batch`].
//!
//! Sending a job twice is harmless: the second one for the same bill (`external_id`) with the same
//! amount, currency and payer is a *duplicate*. It costs no request and gets the first one's result.
//!
//! # Examples
//! ```no_run
//! use std::time::Duration;
//!
//! use antre_producer::{NewJob, Priority, Producer};
//! use serde_json::json;
//!
//! #[tokio::main]
//! async fn main() -> Result<(), Box<dyn std::error::Error>> {
//!     let producer = Producer::connect("redis://127.0.0.1:6379", "default".parse()?).await?;
//!     let invoice = json!({
//!         "external_id": "INV-2026-11-1182",
//!         "amount": 350_000,
//!         "customer": {"given_names": "Budi", "mobile_number": "081234567890"},
//!     });
//!     let job = NewJob::new(&invoice)?.priority(Priority::High).reference("row 1182");
//!     let id = producer.enqueue(&job).await?;
//!     let result = producer.wait(&id, Duration::from_secs(45)).await?;
//!     println!("{}: {:?}", result.state, result.invoice_url);
//!     Ok(())
//! }
//! ```

mod batch;
mod bulk;
mod checked_job;
mod commands;
mod error;
pub mod files;
mod new_job;
mod producer;
mod wait;
mod wait_many;

pub use antre_core::command::{Command, CommandAnswer, CommandKind, Target};
pub use antre_core::{AccountName, EndState, InvalidJob, JobId, JobResult, Priority};
pub use batch::BatchProgress;
pub use bulk::Progress;
pub use checked_job::{CheckedJob, ToJob};
pub use error::{Error, Interrupted, InvalidJobs, Result};
pub use new_job::NewJob;
pub use producer::{Options, Producer};
pub use wait_many::Unfinished;
