//! The queue as values: what every event does to a job, and when the next request may leave.
//!
//! The product decides both in Redis, in scripts. These are the same decisions, written a second time and by themselves:
//! pure functions of values, without I/O, clock and randomness. The tests of this crate compare the two after every
//! step of random courses, and follow every course of events of one bill. Nothing of the product uses it: whoever
//! changes a script changes it here too, or the tests say so.
//!
//! - [`machine`]: a job, its breaker and that of its worker.
//! - [`pacer`]: the limits, the pace and the log of grants.

pub mod machine;
pub mod pacer;
