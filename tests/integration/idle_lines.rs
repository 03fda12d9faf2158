//! A proxy between workers and Redis that closes each connection on which nothing was said for a while.

use std::{
    io,
    net::SocketAddr,
    path::{Path, PathBuf},
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
    time::Duration,
};

use antre_testkit::eventually;
use antre_tests::{
    fleet::RunningWorker,
    harness::{Harness, PATIENCE, job, steady_settings},
};
use tokio::{
    io::{AsyncReadExt as _, AsyncWriteExt as _},
    net::{TcpListener, TcpStream, UnixStream},
    task::JoinHandle,
};

/// Shorter than a worker's blocking read, than the time between heartbeats and than the silence of a wake channel.
const IDLE: Duration = Duration::from_millis(300);

struct IdleProxy {
    address: SocketAddr,
    closed: Arc<AtomicU64>,
    acceptor: JoinHandle<()>,
}

impl IdleProxy {
    async fn start(socket: &Path) -> Self {
        let listener = TcpListener::bind(("127.0.0.1", 0)).await.unwrap();
        let address = listener.local_addr().unwrap();
        let closed = Arc::new(AtomicU64::new(0));
        let (socket, counter) = (socket.to_owned(), Arc::clone(&closed));
        let acceptor = tokio::spawn(async move {
            loop {
                let (client, _) = listener.accept().await.unwrap();
                tokio::spawn(carry(client, socket.clone(), Arc::clone(&counter)));
            }
        });
        Self { address, closed, acceptor }
    }

    fn closed(&self) -> u64 {
        self.closed.load(Ordering::Relaxed)
    }
}

impl Drop for IdleProxy {
    fn drop(&mut self) {
        self.acceptor.abort();
    }
}

/// Carries both ways until one side ends or nothing was said for [`IDLE`].
async fn carry(mut client: TcpStream, socket: PathBuf, closed: Arc<AtomicU64>) -> io::Result<()> {
    let mut server = UnixStream::connect(socket).await?;
    let (mut asked, mut answered) = ([0; 16 * 1024], [0; 16 * 1024]);
    loop {
        tokio::select! {
            read = client.read(&mut asked) => match read? {
                0 => return Ok(()),
                bytes => server.write_all(&asked[..bytes]).await?,
            },
            read = server.read(&mut answered) => match read? {
                0 => return Ok(()),
                bytes => client.write_all(&answered[..bytes]).await?,
            },
            () = tokio::time::sleep(IDLE) => {
                closed.fetch_add(1, Ordering::Relaxed);
                return Ok(());
            }
        }
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_proxy_that_closes_idle_connections_stops_no_worker() {
    let harness = Harness::start(&steady_settings()).await;
    let proxy = IdleProxy::start(harness.redis.socket_path().as_path()).await;
    let url = format!("redis://{}", proxy.address);
    let worker = RunningWorker::start(&url, "worker", vec![harness.account()]);
    for number in 0..3 {
        let seen = proxy.closed();
        let is_idle = async || proxy.closed() >= seen + 3;
        eventually(PATIENCE, "connections were closed", is_idle).await.unwrap();
        let id = harness.submit_one(&job(&format!("INV-{number}"))).await;
        assert_eq!(harness.result(&id).await["state"], "done");
    }
    eventually(PATIENCE, "the worker serves", async || worker.obstacle().is_none()).await.unwrap();
    assert_eq!(harness.xendit.ledger().totals().requests, 3);
    worker.stop().await;
}
