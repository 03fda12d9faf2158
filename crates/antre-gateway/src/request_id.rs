//! An id that no other request of this or another process has: 64 random bits of the process, a number.

use std::{
    hash::{BuildHasher, RandomState},
    sync::{
        LazyLock,
        atomic::{AtomicU64, Ordering},
    },
};

pub(crate) fn next() -> String {
    static PROCESS: LazyLock<u64> = LazyLock::new(|| RandomState::new().hash_one("process"));
    static NUMBER: AtomicU64 = AtomicU64::new(1);
    format!("{:016x}-{}", *PROCESS, NUMBER.fetch_add(1, Ordering::Relaxed))
}
