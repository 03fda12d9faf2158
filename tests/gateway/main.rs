//! The gateway as a process of the real program, over a real Redis, workers and the simulated Xendit: whatever a caller
//! repeats, cuts or gives up, a bill has one payable invoice.
#![expect(clippy::unwrap_used, reason = "a broken fixture fails its test")]

mod answers;
mod bystanders;
mod kills;
mod lab;
mod reading;
mod repeats;
mod sdks;
