//! A read: a request about an invoice that a program makes through Antre, besides jobs. It is paced like all others, is
//! sent once or not at all, and its answer goes back as it came.

use serde::{Deserialize, Serialize};

/// What is asked.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum ReadKind {
    /// One invoice.
    Get,
    /// A list of invoices.
    List,
    /// That an invoice can no longer be paid. It changes something, and goes the same way.
    Expire,
}

impl ReadKind {
    /// Every kind.
    pub const ALL: [Self; 3] = [Self::Get, Self::List, Self::Expire];

    /// Returns the word that records and metrics use.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Get => "get",
            Self::List => "list",
            Self::Expire => "expire",
        }
    }

    /// Returns the kind with this word.
    pub fn of_word(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| kind.as_str() == word)
    }
}

/// One read.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct ReadRequest {
    /// What is asked.
    pub kind: ReadKind,
    /// The provider's id of the invoice; of a list the query, as it goes over the wire.
    pub target: String,
}

/// The provider's answer, as it came. `Debug` leaves out the body, which is full of personal data.
#[derive(Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct ReadAnswer {
    /// The HTTP status.
    pub status: u16,
    /// Those headers that a caller may need, by their names in small letters.
    pub headers: Vec<(String, String)>,
    /// The body.
    pub body: String,
}

impl std::fmt::Debug for ReadAnswer {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("ReadAnswer").field("status", &self.status).finish_non_exhaustive()
    }
}
