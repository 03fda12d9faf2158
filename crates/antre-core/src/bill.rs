//! The parts of a bill that Antre needs to keep its promises, with any provider.

use std::fmt;

use crate::amount::Amount;
use crate::payer::Payer;

/// A bill as a job asks for it.
#[derive(Clone, PartialEq, Eq)]
pub struct Bill {
    /// The bill's name, 1 to 255 characters.
    pub external_id: String,
    /// The amount as the provider will bill it.
    pub amount: Amount,
    /// The currency in upper case, for example `IDR`; nothing means the account's own.
    pub currency: Option<String>,
    /// Digests of the payer's addresses.
    pub payer: Payer,
}

/// Shows what may be logged.
impl fmt::Debug for Bill {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter
            .debug_struct("Bill")
            .field("external_id", &self.external_id)
            .field("amount", &self.amount)
            .field("currency", &self.currency)
            .finish_non_exhaustive()
    }
}
