//! The connection of a handle: its server's, or, in a cluster, that of the server which has the slot now.

use redis::{Cmd, Pipeline, RedisFuture, Value, aio::ConnectionLike};

use super::cluster::{Cluster, Slot};
use crate::shared::{Shared, readable};

/// Cheap to clone; clones share the connections.
#[derive(Clone)]
pub(crate) enum Calls {
    Server(Shared),
    Cluster(Cluster, Option<Slot>),
}

impl ConnectionLike for Calls {
    fn req_packed_command<'a>(&'a mut self, command: &'a Cmd) -> RedisFuture<'a, Value> {
        match self {
            Self::Server(shared) => shared.req_packed_command(command),
            Self::Cluster(cluster, slot) => {
                Box::pin(async move { cluster.call(*slot, command).await.map_err(readable) })
            }
        }
    }

    fn req_packed_commands<'a>(
        &'a mut self,
        pipeline: &'a Pipeline,
        offset: usize,
        count: usize,
    ) -> RedisFuture<'a, Vec<Value>> {
        match self {
            Self::Server(shared) => shared.req_packed_commands(pipeline, offset, count),
            Self::Cluster(cluster, slot) => Box::pin(async move {
                cluster.call_all(*slot, pipeline, offset, count).await.map_err(readable)
            }),
        }
    }

    fn get_db(&self) -> i64 {
        match self {
            Self::Server(shared) => shared.get_db(),
            // A cluster has but one.
            Self::Cluster(..) => 0,
        }
    }
}
