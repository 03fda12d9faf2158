//! The queue as Redis holds it: keys, scripts and their typed replies.
