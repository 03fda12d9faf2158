//! `deploy/kustomize`: what is written there is right, and what it runs behaves as it should.
//!
//! There is no cluster here. The files are built and checked against schemas; then the containers that they describe
//! run as processes: same arguments, environment, files, user, rights and probes, each in a network of its own. It needs
//! root and programs that `sh deploy/setup.sh pods` installs, so `cargo test` alone leaves it out:
//! `cargo test -p antre-tests --test pods`.
#![expect(clippy::unwrap_used, reason = "a broken fixture fails its test")]

mod alerts;
mod container;
mod kustomize;
mod manifests;
mod node;
mod planted;
mod promises;
mod references;
mod rolling;
mod sentinels;
mod written;
