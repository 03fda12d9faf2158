//! One server, and what is kept of it: the connection that all calls share, and the functions that it has.

use std::sync::Arc;

use super::endpoint::Endpoint;
use crate::shared::Shared;

/// Generations of two servers never meet: below this, the number of a connection; above, the server's.
const SERVER_SHIFT: u32 = 32;

/// One server. Cheap to clone; clones share the connection.
#[derive(Clone)]
pub(crate) struct Node(Arc<Kept>);

struct Kept {
    number: u64,
    endpoint: Endpoint,
    shared: Shared,
    #[cfg(feature = "worker")]
    functions: crate::script::Functions,
}

impl Node {
    /// `number` tells it from the other servers of a cluster.
    pub(super) fn new(number: u64, endpoint: Endpoint) -> Self {
        Self(Arc::new(Kept {
            number,
            shared: Shared::new(endpoint.clone()),
            endpoint,
            #[cfg(feature = "worker")]
            functions: crate::script::Functions::default(),
        }))
    }

    pub(super) fn number(&self) -> u64 {
        self.0.number
    }

    pub(super) fn endpoint(&self) -> &Endpoint {
        &self.0.endpoint
    }

    pub(crate) fn shared(&self) -> Shared {
        self.0.shared.clone()
    }

    #[cfg(feature = "worker")]
    pub(crate) fn functions(&self) -> &crate::script::Functions {
        &self.0.functions
    }

    /// Returns a number that is another one once another connection, or another server, answers.
    pub(crate) fn generation(&self) -> u64 {
        self.0.number << SERVER_SHIFT | self.0.shared.generation()
    }
}
