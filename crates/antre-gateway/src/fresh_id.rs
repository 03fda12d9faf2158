//! Ids of requests and reads.

/// Returns an id that nobody else has or can guess: 128 random bits.
pub(crate) fn next() -> String {
    format!("{:032x}", rand::random::<u128>())
}
