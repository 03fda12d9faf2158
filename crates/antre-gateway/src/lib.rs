//! The gateway: Xendit's own invoice calls, answered from Antre's queue.
//!
//! A program that calls Xendit moves by changing one URL. Its create becomes a job, or joins the job that the bill has
//! already, and is held until that job ends; then it gets Xendit's own answer. So whatever a program, its library or a
//! proxy repeats, cuts or gives up, a bill has one payable invoice.
//!
//! This crate is a router and the waiting. It binds no socket, knows no key of Xendit's and opens no connection to it. It
//! decides nothing about jobs: what a create is for its bill is the scripts' rule ([`antre_store::gateway`]).

mod answer;
mod body;
mod callers;
mod create;
mod ending;
mod fresh_id;
mod gateway;
mod headers;
mod job_text;
mod line;
mod measures;
mod outlook;
mod placing;
mod reads;
mod recent;
mod routes;
mod waits;

pub use callers::{Caller, KeyDigest, KeyDigestError};
pub use gateway::{Account, Gateway, Options};
pub use measures::describe as describe_metrics;
pub use routes::{IDLE, router};
