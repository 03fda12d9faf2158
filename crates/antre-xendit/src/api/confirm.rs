//! Is an outcome about the bill in question?
//!
//! The classifiers do not know the bill; these do. An answer that is about something else says nothing about the
//! request: it may have had an effect, and a look-up has to tell.

use super::outcome::{AmbiguousCause, CreateOutcome, Failure, LookUpOutcome};
use crate::api::identity::{ExpectedBill, ListFault, Mismatch, agreement, list_fault};

impl CreateOutcome {
    /// Returns the outcome; a created invoice that contradicts the bill becomes [`AmbiguousCause::Mismatch`].
    ///
    /// Terms that differ are still an answer to this request. One that names another bill or account is not:
    /// this request may lie in whatever mixed the answers up, so it counts as unanswered.
    pub fn confirmed_by(self, bill: &ExpectedBill) -> Self {
        let Self::Created(invoice) = &self else { return self };
        match agreement(bill, invoice) {
            Ok(()) => self,
            Err(field) => {
                let answered = matches!(field, Mismatch::Amount | Mismatch::Currency);
                Self::Ambiguous { cause: AmbiguousCause::Mismatch(field), answered, body: None }
            }
        }
    }
}

impl LookUpOutcome {
    /// Returns the outcome; a list that is none of this bill becomes [`LookUpOutcome::Failed`].
    pub fn confirmed_by(self, bill: &ExpectedBill) -> Self {
        let Self::Found { invoices, complete } = &self else { return self };
        match list_fault(bill, invoices, *complete) {
            None => self,
            Some(fault) => Self::Failed(fault.into()),
        }
    }
}

impl From<ListFault> for Failure {
    fn from(fault: ListFault) -> Self {
        Self { code: fault.code().to_owned(), message: fault.text().to_owned() }
    }
}

#[cfg(test)]
mod tests;
