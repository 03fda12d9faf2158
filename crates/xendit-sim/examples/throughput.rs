//! Prints how many create requests per second the simulator answers with its limit lifted.
//!
//! `cargo run -p xendit-sim --example throughput`

use std::time::{Duration, Instant};

use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;
use xendit_sim::{Options, Simulator};

const REQUESTS_PER_CONNECTION: u32 = 5_000;

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Box<dyn std::error::Error>> {
    print_line("connections  requests/s  most in any 1 s");
    for connections in [1, 8, 32] {
        let options = Options { limits: "none".parse()?, ..Options::default() };
        let xendit = Simulator::start(options).await?;
        let started = Instant::now();
        let clients: Vec<_> =
            (0..connections).map(|number| tokio::spawn(send(xendit.address(), number))).collect();
        for client in clients {
            client.await??;
        }
        let requests = f64::from(connections * REQUESTS_PER_CONNECTION);
        let per_second = requests / started.elapsed().as_secs_f64();
        let most = xendit.summary(Duration::from_secs(1)).most_in_any_window;
        print_line(&format!("{connections:>11}  {per_second:>10.0}  {most:>15}"));
        xendit.stop().await;
    }
    Ok(())
}

/// Sends one request after another on one connection.
async fn send(address: std::net::SocketAddr, number: u32) -> std::io::Result<()> {
    let mut stream = TcpStream::connect(address).await?;
    stream.set_nodelay(true)?;
    let mut answer = vec![0; 64 * 1024];
    for request in 0..REQUESTS_PER_CONNECTION {
        let body = format!("{{\"external_id\":\"INV-{number}-{request}\",\"amount\":350000}}");
        let length = body.len();
        let request = format!(
            "POST /v2/invoices HTTP/1.1\r\nHost: xendit\r\nAuthorization: Basic a2V5Og==\r\n\
             Content-Length: {length}\r\n\r\n{body}"
        );
        stream.write_all(request.as_bytes()).await?;
        let mut read = 0;
        // The answer is one JSON object, so it is complete when its last brace is there.
        while !answer[..read].ends_with(b"}") {
            read += stream.read(&mut answer[read..]).await?;
        }
    }
    Ok(())
}

#[expect(clippy::print_stdout, reason = "the table is this program's output")]
fn print_line(line: &str) {
    println!("{line}");
}
