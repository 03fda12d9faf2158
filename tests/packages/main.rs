//! What people install without a compiler: the Debian package with its services, the container image, compose.yaml.
//!
//! Each is made by the scripts of `deploy/package` and used as its documents tell. There is no systemd and no Docker
//! here: what their files say is checked by their own tools, and run as it is written, in a root and a network of its
//! own. The program is the test's own build, without its debug symbols.
//!
//! It needs root and programs that `sh deploy/setup.sh packages` installs, so `cargo test` alone leaves it out:
//! `cargo test -p antre-tests --test packages`.
#![expect(clippy::unwrap_used, reason = "a broken fixture fails its test")]

mod compose;
mod debian;
mod image;
mod made;
mod process;
mod stage;
mod unit;
mod units;
