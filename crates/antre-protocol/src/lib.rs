//! The vocabulary of Antre: jobs, states, limits and decisions, without any I/O.
