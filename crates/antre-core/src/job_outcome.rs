//! The meaning of one request, or of its absence, for the queue: the same value from the answer to the script.
//!
//! Who reads the provider's answers makes it, the store writes it. Nothing here names a provider or a field of its
//! answers: an invoice is what a job delivers, and its response a text that is kept as it came. `Debug` leaves out
//! messages and responses, which may repeat personal data.

use std::{fmt, time::Duration};

use crate::read::ReadAnswer;
use crate::warning::Warning;

/// What one request means for that for which it was granted.
#[derive(Clone, Debug, PartialEq, Eq)]
#[must_use]
pub enum Outcome {
    /// For a job.
    Job(JobOutcome),
    /// For a follow-up, which a finished job left behind.
    FollowUp(FollowUpOutcome),
    /// For a probe, which no job pays for.
    Probe(ProbeOutcome),
    /// For a read, which a program waits for.
    Read(ReadOutcome),
}

/// What one request means for its job.
#[derive(Clone, Debug, PartialEq, Eq)]
#[must_use]
pub enum JobOutcome {
    /// The create made this invoice.
    Created(Delivery),
    /// The look-up found the job's invoice.
    Adopted(Box<Adoption>),
    /// The create was refused for good; nothing was made.
    Rejected(Cause),
    /// The job cannot go on, as its look-up or its own data show.
    FoundDead(Box<DeadEnd>),
    /// The look-up shows no invoice of the bill at this moment.
    Absent {
        /// What the look-up found that a person may want to know.
        remarks: Vec<Warning>,
    },
    /// An invoice of ours stands in the way and can still be paid.
    ExpireFirst {
        /// That invoice.
        invoice_id: String,
        /// What the look-up found that a person may want to know.
        remarks: Vec<Warning>,
    },
    /// An invoice may have been made.
    Ambiguous {
        /// Whether an answer was read, so that nothing of this request is still on its way.
        is_answered: bool,
        /// Why it is not known.
        cause: Cause,
    },
    /// Nothing of the request was written.
    NotSent(Cause),
    /// The look-up or expire gave no answer to its question.
    LookUpFailed(Cause),
    /// This request was refused; that may be about this job only.
    Refused(Cause),
    /// The key was refused, for whichever job.
    KeyRefused(Cause),
    /// The limit was reached.
    Limited(Limited),
    /// The invoice that stood in the way can no longer be paid, or could not any more.
    Expired,
    /// The worker had to let go of the claim; the request may have been sent.
    Abandoned {
        /// Why.
        code: String,
    },
}

/// What one request means for its follow-up.
#[derive(Clone, Debug, PartialEq, Eq)]
#[must_use]
pub enum FollowUpOutcome {
    /// It is done.
    Done(Findings),
    /// Nothing of the request was written.
    NotSent {
        /// Why.
        code: String,
    },
    /// No answer to its question came.
    LookUpFailed {
        /// Why.
        code: String,
    },
    /// This request was refused.
    Refused {
        /// Why.
        code: String,
    },
    /// The key was refused.
    KeyRefused {
        /// Why.
        code: String,
    },
    /// The limit was reached.
    Limited(Limited),
}

/// What one request means for the worker and key that it was to show.
#[derive(Clone, Debug, PartialEq, Eq)]
#[must_use]
pub enum ProbeOutcome {
    /// The account has an invoice.
    Seen {
        /// The provider's id of the account, if the invoice names it.
        account_id: Option<String>,
    },
    /// The account has no invoice.
    Empty,
    /// It was answered, and the answer tells nothing.
    Silent {
        /// What was answered.
        code: String,
    },
    /// The key may not ask.
    Forbidden {
        /// What was answered.
        code: String,
    },
    /// The key was refused.
    KeyRefused {
        /// What was answered.
        code: String,
    },
    /// The limit was reached.
    Limited(Limited),
    /// Nothing of the request was written.
    NotSent {
        /// Why.
        code: String,
    },
    /// No answer came.
    LookUpFailed {
        /// Why.
        code: String,
    },
}

/// What one request means that a program asked for. It is sent once: what failed is told as well.
#[derive(Clone, Debug, PartialEq, Eq)]
#[must_use]
pub enum ReadOutcome {
    /// It was answered.
    Answered {
        /// The answer.
        answer: ReadAnswer,
        /// The invoice that can no longer be paid since this request.
        expired: Option<ExpiredInvoice>,
    },
    /// Nothing of the request was written.
    NotSent {
        /// Why.
        code: String,
    },
    /// No answer to its question came.
    LookUpFailed {
        /// Why.
        code: String,
        /// What came instead, for example a server's error.
        answer: Option<ReadAnswer>,
    },
    /// The key was refused.
    KeyRefused {
        /// What was answered.
        code: String,
        /// The answer.
        answer: Option<ReadAnswer>,
    },
    /// The limit was reached.
    Limited {
        /// How long the fleet waits.
        limited: Limited,
        /// The answer.
        answer: Option<ReadAnswer>,
    },
}

/// Names each variant with the word that scripts, logs and metrics have for it.
macro_rules! words {
    ($name:ident { $($word:literal: $variant:pat,)* }) => {
        impl $name {
            /// Every word, in the order of the variants.
            pub const WORDS: &'static [&'static str] = &[$($word),*];

            /// Returns the word that scripts, logs and metrics have for it.
            pub const fn word(&self) -> &'static str {
                match self {
                    $($variant => $word,)*
                }
            }
        }
    };
}

words! { JobOutcome {
    "created": Self::Created(_),
    "adopted": Self::Adopted(_),
    "rejected": Self::Rejected(_),
    "found": Self::FoundDead(_),
    "absent": Self::Absent { .. },
    "expire_first": Self::ExpireFirst { .. },
    "ambiguous": Self::Ambiguous { .. },
    "not_sent": Self::NotSent(_),
    "lookup_failed": Self::LookUpFailed(_),
    "refused": Self::Refused(_),
    "key_refused": Self::KeyRefused(_),
    "limited": Self::Limited(_),
    "expired": Self::Expired,
    "abandoned": Self::Abandoned { .. },
} }

words! { FollowUpOutcome {
    "done": Self::Done(_),
    "not_sent": Self::NotSent { .. },
    "lookup_failed": Self::LookUpFailed { .. },
    "refused": Self::Refused { .. },
    "key_refused": Self::KeyRefused { .. },
    "limited": Self::Limited(_),
} }

words! { ProbeOutcome {
    "seen": Self::Seen { .. },
    "empty": Self::Empty,
    "silent": Self::Silent { .. },
    "forbidden": Self::Forbidden { .. },
    "key_refused": Self::KeyRefused { .. },
    "limited": Self::Limited(_),
    "not_sent": Self::NotSent { .. },
    "lookup_failed": Self::LookUpFailed { .. },
} }

words! { ReadOutcome {
    "answered": Self::Answered { .. },
    "not_sent": Self::NotSent { .. },
    "lookup_failed": Self::LookUpFailed { .. },
    "key_refused": Self::KeyRefused { .. },
    "limited": Self::Limited { .. },
} }

impl Outcome {
    /// Returns the word that scripts, logs and metrics have for it.
    pub const fn word(&self) -> &'static str {
        match self {
            Self::Job(outcome) => outcome.word(),
            Self::FollowUp(outcome) => outcome.word(),
            Self::Probe(outcome) => outcome.word(),
            Self::Read(outcome) => outcome.word(),
        }
    }
}

/// An invoice with all that is told of it.
#[derive(Clone, Default, PartialEq, Eq)]
pub struct Invoice {
    /// The provider's id of it.
    pub id: String,
    /// The page where the customer pays.
    pub url: Option<String>,
    /// When it expires, as the provider spelled it.
    pub expiry_date: Option<String>,
    /// The same in Unix milliseconds.
    pub expires_at_ms: Option<i64>,
    /// The provider's id of the account that made it.
    pub account_id: Option<String>,
    /// Whether the customer has paid it.
    pub is_paid: bool,
    /// The provider's answer, JSON text.
    pub response: String,
}

/// An invoice that a job has, and what is remarked about it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Delivery {
    /// The invoice.
    pub invoice: Invoice,
    /// What a person may want to know.
    pub warnings: Vec<Warning>,
}

/// A job's invoice that a look-up found.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Adoption {
    /// The invoice.
    pub delivery: Delivery,
    /// Whether the customer had paid it before this job asked for it.
    pub is_already_paid: bool,
    /// Ids of other invoices of this bill, which are to be expired.
    pub surplus: Vec<String>,
}

/// Why a job ends by a look-up, or by its own data.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct DeadEnd {
    /// Why.
    pub cause: Cause,
    /// What a person may want to know.
    pub warnings: Vec<Warning>,
    /// The invoice in question, if there is one.
    pub invoice_id: Option<String>,
    /// Ids of invoices of this bill that have ended.
    pub closed_invoices: Vec<String>,
}

/// An invoice that a read has expired, and the bill that its answer names.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ExpiredInvoice {
    /// The provider's id of it.
    pub id: String,
    /// The bill's name.
    pub external_id: String,
}

/// Why something was refused or is not known.
#[derive(Clone, Default, PartialEq, Eq)]
pub struct Cause {
    /// A stable word.
    pub code: String,
    /// An explanation for people, possibly empty.
    pub message: String,
    /// The HTTP status of the answer, if one is the reason.
    pub status: Option<u16>,
    /// The answer's body, JSON text.
    pub response: Option<String>,
}

/// How long the fleet must wait.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Limited {
    /// The provider's word for it.
    pub code: String,
    /// How long nothing may be sent.
    pub wait: Duration,
}

/// What a follow-up leaves behind.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Findings {
    /// Ids of invoices of the bill, which are to be expired.
    pub surplus: Vec<String>,
    /// Whether the bill must be looked at again.
    pub is_to_be_audited: bool,
    /// Whether the bill's invoice is paid.
    pub is_paid: bool,
    /// The bill's invoice, if it is another one by now.
    pub relinked: Option<Box<Invoice>>,
}

impl Cause {
    /// Returns a cause that no answer has told.
    pub fn new(code: impl Into<String>, message: impl Into<String>) -> Self {
        Self { code: code.into(), message: message.into(), ..Self::default() }
    }
}

impl fmt::Debug for Invoice {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut fields = f.debug_struct("Invoice");
        fields.field("id", &self.id).field("is_paid", &self.is_paid).finish_non_exhaustive()
    }
}

impl fmt::Debug for Cause {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut fields = f.debug_struct("Cause");
        fields.field("code", &self.code).field("status", &self.status).finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests;
