//! Each script and each service against a real Redis.

mod accepting;
mod claiming;
mod finishing;
mod working;
