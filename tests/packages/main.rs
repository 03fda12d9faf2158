//! What people install without a compiler: the Debian package with its services, the container image, compose.yaml.
//!
//! Each is made by the scripts of `deploy/package` and used as its documents tell: the package in a Debian of its own,
//! with a systemd of its own; the image by buildah. There is no Docker here: `compose.yaml` is read by docker-compose, and
//! its services are run as it says. The program is the test's own build, without its debug symbols.
//!
//! It needs root and programs that `sh deploy/setup.sh packages` installs, so `cargo test` alone leaves it out:
//! `cargo test -p antre-tests --test packages`.
#![expect(clippy::unwrap_used, reason = "a broken fixture fails its test")]

mod compose;
mod debian;
mod image;
mod made;
mod package;
mod process;
mod services;
mod stage;
