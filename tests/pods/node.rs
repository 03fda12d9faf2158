//! The node that pods stand beside: what a test runs there, and what pods are given.

use std::panic::resume_unwind;
use std::sync::Arc;

use antre_tests::machine::Network;
use tokio::runtime::{Builder, Runtime};

use crate::written::Secrets;

/// The token of the Secret `antre-http`.
pub(crate) const TOKEN: &str = "a-token-of-the-tests-0123456789";
/// Where the simulated Xendit is, on the node.
pub(crate) const XENDIT_PORT: u16 = 8900;

pub(crate) fn runtime() -> Runtime {
    Builder::new_multi_thread().worker_threads(2).enable_all().build().unwrap()
}

/// Runs the course of a test on the node.
pub(crate) fn on_node(course: impl AsyncFnOnce(&Network) + Send + 'static) {
    let network = Arc::new(Network::make());
    let inside = Arc::clone(&network);
    let thread = network.on_node(move || runtime().block_on(course(&inside)));
    if let Err(panic) = thread.join() {
        resume_unwind(panic);
    }
}

/// The Secrets that a person makes as docs/pods.md tells.
pub(crate) fn secrets(xendit_key: &str, redis_url: String) -> Secrets {
    [
        ("antre-xendit", [("secret-key", xendit_key.to_owned())].into()),
        ("antre-http", [("token", TOKEN.to_owned())].into()),
        ("antre-redis", [("url", redis_url)].into()),
    ]
    .into()
}
