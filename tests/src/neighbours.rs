//! One bad neighbour at a time beside healthy workers of the real program, and what that costs them.
//!
//! [`scenarios::ALL`] lists them. Each plays on a [`fleet::Fleet`] of its own with the times of
//! production and comes to a [`row::Row`]; nothing here asserts anything.

pub mod count;
pub mod feeder;
pub mod fleet;
pub mod pace;
pub mod row;
pub mod scenarios;
pub mod watch;
