//! The Redis that is in charge, behind one path that stays when another server takes over.

use std::path::PathBuf;

use antre_testkit::{AppendFsync, FaultProxy, RedisBuilder, RedisServer};
use tempfile::TempDir;

/// A primary and, where asked for, its replica.
///
/// Clients connect to a symbolic link to the primary's socket, so a promotion needs nobody's
/// configuration changed: as a virtual address or a service name does it elsewhere.
#[derive(Debug)]
pub struct Primary {
    /// The server in charge.
    pub server: RedisServer,
    /// Its replica.
    pub replica: Option<RedisServer>,
    /// Between the two, where it can be held up.
    link: Option<FaultProxy>,
    fsync: AppendFsync,
    directory: TempDir,
}

impl Primary {
    /// Starts a server that keeps an append-only file.
    ///
    /// # Errors
    /// When it does not start.
    pub async fn start(fsync: AppendFsync) -> anyhow::Result<Self> {
        let server = builder(fsync).start().await?;
        let directory = tempfile::Builder::new().prefix("antre-primary-").tempdir()?;
        let primary = Self { server, replica: None, link: None, fsync, directory };
        primary.point()?;
        Ok(primary)
    }

    /// Returns the path at which clients find whoever is in charge.
    pub fn path(&self) -> PathBuf {
        self.directory.path().join("redis.sock")
    }

    /// Returns that path as an address for a client.
    pub fn url(&self) -> String {
        format!("redis+unix://{}", self.path().display())
    }

    /// Starts a replica of the server in charge.
    ///
    /// # Errors
    /// When it does not start or does not get the data.
    pub async fn add_replica(&mut self) -> anyhow::Result<()> {
        let link = FaultProxy::start(self.server.tcp_address()?).await?;
        self.replica = Some(builder(self.fsync).replica_of(link.address()).start().await?);
        self.link = Some(link);
        Ok(())
    }

    /// From now on the replica hears nothing of what happens.
    pub fn forget_replica(&self) {
        if let Some(link) = &self.link {
            link.stall();
        }
    }

    /// Kills the server in charge and puts its replica in its place. There is no replica afterwards.
    ///
    /// # Errors
    /// Without a replica, or when it does not answer.
    pub async fn fail_over(&mut self) -> anyhow::Result<()> {
        self.server.kill()?;
        let replica = self.replica.take();
        let mut replica = replica.ok_or_else(|| anyhow::anyhow!("there is no replica"))?;
        replica.promote().await?;
        self.server = replica;
        self.point()
    }

    fn point(&self) -> anyhow::Result<()> {
        let next = self.directory.path().join("next");
        std::os::unix::fs::symlink(self.server.socket_path(), &next)?;
        // In one step: there is never a moment without an address.
        Ok(std::fs::rename(next, self.path())?)
    }
}

fn builder(fsync: AppendFsync) -> RedisBuilder {
    RedisServer::builder().append_only(fsync).tcp()
}
