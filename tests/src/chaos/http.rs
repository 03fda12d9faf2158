//! Asking a worker by HTTP: one request, one connection.

use std::net::SocketAddr;
use std::time::Duration;

use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;

const ANSWER_LIMIT: Duration = Duration::from_secs(10);

/// What a worker answered.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Answered {
    /// The status, as 200.
    pub status: u16,
    /// Everything that came, headers included.
    pub text: String,
}

/// Asks `GET route`.
///
/// # Errors
/// When nothing readable comes within 10 s.
pub async fn get(address: SocketAddr, route: &str) -> anyhow::Result<Answered> {
    let asked = async {
        let mut stream = TcpStream::connect(address).await?;
        let request =
            format!("GET {route} HTTP/1.1\r\nHost: {address}\r\nConnection: close\r\n\r\n");
        stream.write_all(request.as_bytes()).await?;
        let mut text = String::new();
        stream.read_to_string(&mut text).await?;
        anyhow::Ok(text)
    };
    let text = tokio::time::timeout(ANSWER_LIMIT, asked).await??;
    let status = text.split(' ').nth(1).and_then(|word| word.parse().ok());
    let status = status.ok_or_else(|| anyhow::anyhow!("no status in {text}"))?;
    Ok(Answered { status, text })
}
