//! A simulated Xendit: the invoice API, scripted faults and a ledger of every arrival.
//!
//! It answers as Xendit's documentation says, over real sockets, and measures at the receiver: an
//! arrival is the instant at which a request's first byte was read from its socket, and the rate
//! windows judge that same instant. It runs on a thread and a runtime of its own, so a busy or paused
//! test runtime does not bend its clock. It is the outside simulation and knows nothing of its clients.
//!
//! Not simulated: payment pages and webhooks.
//!
//! # Examples
//! ```
//! # tokio::runtime::Runtime::new().unwrap().block_on(async {
//! use xendit_sim::{Options, Simulator};
//!
//! let xendit = Simulator::start(Options::default()).await?;
//! assert!(xendit.base_url().starts_with("http://127.0.0.1:"));
//! assert_eq!(xendit.ledger().totals().requests, 0);
//! xendit.stop().await;
//! # Ok::<(), xendit_sim::StartError>(()) }).unwrap();
//! ```

mod account;
mod api;
mod arguments;
mod book;
mod clock;
mod connection;
mod control;
mod delivery;
mod faults;
mod gate;
mod idempotency;
mod latency;
mod ledger;
mod limits;
mod locked;
mod options;
mod refusal;
mod running;
mod server;
mod simulation;
mod span;

pub use account::{Merchant, MerchantError, Rights, account_of};
pub use api::RequestKind;
pub use arguments::Arguments;
pub use book::{Invoice, NotPending, Offender, Payable, Status};
pub use faults::{Act, Answer, Fault, FaultError, ScriptedFault};
pub use idempotency::IdempotencyHeader;
pub use latency::{Latency, LatencyError};
pub use ledger::{AccountSummary, Arrival, Ledger, Page, Summary, Totals, most_in_any_window};
pub use limits::{Limit, LimitError, Limits};
pub use options::{Options, SecretKey};
pub use running::{Running, Simulator};
pub use server::{Listener, StartError};
pub use span::{SpanError, format_span, parse_span};
