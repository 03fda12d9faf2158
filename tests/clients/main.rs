//! The client modules of `clients/`: each language's own tests, run as its users would run them.
//!
//! A module here prepares one language (its packages, under the target directory), starts that language's test tool and
//! fails with what it wrote. What is tested stands beside the code, in `clients/<language>/tests`.
#![expect(
    clippy::panic,
    clippy::unwrap_used,
    reason = "an environment that cannot be made fails its test"
)]

mod billing;
mod conformance;
mod environment;
mod node;
mod php;
mod python;
