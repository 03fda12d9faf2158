//! What a secret key may do.

use serde::{Deserialize, Serialize};

use crate::api::RequestKind;

/// What a secret key may do. In JSON `full`, `read_only`, `write_only` or `revoked`.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Rights {
    /// Everything.
    #[default]
    Full,
    /// Lists and gets; create and expire are answered 403 `REQUEST_FORBIDDEN_ERROR`.
    ReadOnly,
    /// Creates and expires; list and get are answered 403 `REQUEST_FORBIDDEN_ERROR`.
    WriteOnly,
    /// Nothing: the key was deleted, and is answered 401 `INVALID_API_KEY`.
    Revoked,
}

impl Rights {
    /// Whether a request of this kind is allowed. What no route serves is left to the answer 404.
    pub(crate) fn allow(self, kind: RequestKind) -> bool {
        match (self, kind) {
            (Self::Revoked, _)
            | (Self::ReadOnly, RequestKind::Create | RequestKind::Expire)
            | (Self::WriteOnly, RequestKind::List | RequestKind::Get) => false,
            (Self::Full | Self::ReadOnly | Self::WriteOnly, _) => true,
        }
    }
}
