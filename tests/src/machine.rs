//! What tests need of a machine, as root: networks of their own, processes in containers, and installed programs.

mod contained;
mod network;
mod sandbox;
mod tools;

pub use contained::Contained;
pub use network::{Cable, Network};
pub use sandbox::{ReadOnlyRoot, Rights, Sandbox};
pub use tools::{ROOT, outcome, run, text, tool};
