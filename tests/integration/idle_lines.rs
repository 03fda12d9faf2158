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

/// Longer than a worker's blocking read and the time between its heartbeats: only the wake channel is silent for so long.
const USUAL: Duration = Duration::from_secs(6);
/// Shorter than all of them.
const ODD: Duration = Duration::from_millis(300);

struct IdleProxy {
    address: SocketAddr,
    closed: Arc<AtomicU64>,
    acceptor: JoinHandle<()>,
}

impl IdleProxy {
    async fn start(socket: &Path, idle: Duration) -> Self {
        let listener = TcpListener::bind(("127.0.0.1", 0)).await.unwrap();
        let address = listener.local_addr().unwrap();
        let closed = Arc::new(AtomicU64::new(0));
        let (socket, counter) = (socket.to_owned(), Arc::clone(&closed));
        let acceptor = tokio::spawn(async move {
            loop {
                let (client, _) = listener.accept().await.unwrap();
                tokio::spawn(carry(client, socket.clone(), idle, Arc::clone(&counter)));
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

/// Carries both ways until one side ends or nothing was said for `idle`.
async fn carry(
    mut client: TcpStream,
    socket: PathBuf,
    idle: Duration,
    closed: Arc<AtomicU64>,
) -> io::Result<()> {
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
            () = tokio::time::sleep(idle) => {
                closed.fetch_add(1, Ordering::Relaxed);
                return Ok(());
            }
        }
    }
}

/// Sends bills, each after connections were closed.
async fn send_after_silences(harness: &Harness, proxy: &IdleProxy, count: u64) {
    for number in 0..count {
        let seen = proxy.closed();
        let is_closed = async || proxy.closed() > seen;
        eventually(PATIENCE, "a connection was closed", is_closed).await.unwrap();
        let id = harness.submit_one(&job(&format!("INV-{number}"))).await;
        assert_eq!(harness.result(&id).await["state"], "done");
    }
    assert_eq!(harness.xendit.ledger().totals().requests, count);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_proxy_that_closes_idle_connections_is_no_obstacle() {
    let harness = Harness::start(&steady_settings()).await;
    let proxy = IdleProxy::start(harness.redis.socket_path().as_path(), USUAL).await;
    let url = format!("redis://{}", proxy.address);
    let worker = RunningWorker::start(&url, "worker", vec![harness.account()]);
    send_after_silences(&harness, &proxy, 2).await;
    assert_eq!(worker.obstacle(), None);
    worker.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn one_that_closes_even_blocking_reads_is_named_and_everything_is_sent() {
    let harness = Harness::start(&steady_settings()).await;
    let proxy = IdleProxy::start(harness.redis.socket_path().as_path(), ODD).await;
    let url = format!("redis://{}", proxy.address);
    let worker = RunningWorker::start(&url, "worker", vec![harness.account()]);
    send_after_silences(&harness, &proxy, 5).await;
    let is_named =
        async || worker.obstacle().is_some_and(|it| it.contains("the connection was closed"));
    eventually(PATIENCE, "it is named", is_named).await.unwrap();
    worker.stop().await;
}
