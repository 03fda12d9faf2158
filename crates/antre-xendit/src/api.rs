//! What Xendit's answers mean.
//!
//! - What became of one request: [`outcome`], told by [`classify_create`] and its likes.
//! - What an answer shows of an invoice: [`invoice_view`].
//! - Whether that is about the bill that was asked about, and whose the invoice is: [`identity`].
//!
//! All of it is functions of values: no I/O, no clock. Another product of Xendit's has a view and classifiers of its
//! own, in files of their own.

mod classify;
mod confirm;
mod error_body;
pub mod identity;
pub mod invoice_view;
pub mod outcome;
mod rate_headers;

pub use classify::{
    Answered, Body, Exchange, LOOK_UP_LIMIT, classify_create, classify_expire, classify_look_up,
    classify_newest, classify_read,
};
pub use rate_headers::AnswerHeaders;
