//! The `antre` command.
fn main() {}
