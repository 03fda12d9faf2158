//! The HTTP client for Xendit's invoices: create, look up, show the newest, expire.
//!
//! A worker may send exactly one request per grant of the pacer, and only until the grant's deadline has
//! passed. So this client gives its caller what a pooling client hides:
//!
//! - [`Client::connect`] opens a connection *before* a grant is asked for, and [`Connection::is_open`] looks
//!   whether the peer has closed it since;
//! - [`Connection::call`] writes one request or nothing: the clock is read at the socket's first
//!   write, and after the [`SendDeadline`] not one byte is written ([`Answer::TooLate`]);
//! - what never reached the socket is *not sent*, provably, because the bytes are counted there; whatever
//!   did and was not answered is *ambiguous* ([`crate::api::outcome`]).
//!
//! # Why not reqwest
//! The connection is hyper's (`hyper::client::conn::http1`). reqwest's pool may open a connection in the middle of a grant, repeats a
//! request on its own when a pooled connection turns out to be stale, and does not tell the instant of
//! the first byte; each of these breaks a guarantee.
//!
//! # What it does not do
//! No retry, no redirect, no proxy, no cookies, no compression, no HTTP/2. It spawns no task: hyper's
//! connection is driven inside `call` and `is_open`, so no scheduler stands between looking at the clock
//! and writing. It logs nothing, and nothing that it returns shows a key in its `Debug`.
//!
//! A machine that was suspended does not send what was granted before: the time asleep is counted from the last
//! [`Connection::is_open`] on, so a connection has to be looked at before its grant is asked for.
//!
//! A process stopped between the look at the clock and the system call writes late; no program can
//! exclude that.

mod client;
mod connection;
mod dial;
mod gate;
mod reply;
mod request;
mod sleep_watch;

pub use client::{Client, ClientError, Settings};
pub use connection::{Connection, SendDeadline};
pub use reply::{Answer, Reply};
pub use request::Call;
