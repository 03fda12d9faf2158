//! The documents tell the truth: their examples run as they stand, against a real Redis, a worker in
//! this process and the simulated Xendit; and their tables name what the code has, both ways.
//!
//! Every block tagged `sh` or `python` in PROTOCOL.md and README.md is run, in order; what the first
//! line of a block needs must come from the blocks before it, as for a reader who pastes them into one
//! terminal. A block tagged `text` right behind one is what it writes. In docs/languages the blocks with
//! a file's name in their first comment are written to files, in every language, and the `sh` blocks
//! run them. Shell that cannot run here is tagged `shell`, and only read by people.
#![expect(
    clippy::panic,
    clippy::unwrap_used,
    reason = "a document that cannot be read fails its test"
)]

mod examples;
mod fixture;
mod languages;
mod links;
mod markdown;
mod newest_redis_py;
mod output;
mod recipe;
mod scripts;
mod stored;
mod values;
mod write_back;
