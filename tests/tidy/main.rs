//! Rules of this project that a machine can check, each with bad samples that prove it can fail.
//!
//! The rules read text, not syntax trees: they are meant to catch a slip, not an adversary. What
//! the compiler, clippy and cargo-deny check is not repeated here.

mod architecture;
mod bills;
mod crate_edges;
mod documents;
mod job_fields;
mod lean;
mod modules;
mod outcomes;
mod product;
mod programs;
mod provider;
mod purity;
mod scripts;
mod sizes;
mod unused;
mod waiting;
mod words;
mod workspace;
