//! The wake channel: tells workers that sleep, one by name or all, that work may be ready earlier than they know.

use std::{
    pin::Pin,
    task::{Context, Poll},
};

use antre_core::account::AccountName;
use futures_util::Stream;
use redis::aio::PubSubStream;

use crate::{Redis, StoreError, connection::listening::in_time, keys::Keys};

/// What is sent when all are meant.
const ALL: &str = "*";

/// Who is woken.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Wake {
    /// The position of the account.
    pub account: usize,
    /// The only worker that is meant, or all.
    pub worker: Option<String>,
}

/// Yields each wake; ends when the connection is lost.
pub struct WakeListener {
    messages: PubSubStream,
    channels: Vec<String>,
}

impl std::fmt::Debug for WakeListener {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("WakeListener").field("channels", &self.channels).finish_non_exhaustive()
    }
}

impl WakeListener {
    /// Subscribes on a connection of its own. Claim once after this, or a wake before it would be missed.
    ///
    /// # Errors
    /// [`StoreError::Unavailable`] when the server cannot be reached.
    pub async fn subscribe(redis: &Redis, accounts: &[AccountName]) -> Result<Self, StoreError> {
        let channels: Vec<String> =
            accounts.iter().map(|account| Keys::new(account).wake()).collect();
        let (mut sink, messages) = redis.pubsub().await?.split();
        in_time(async { Ok(sink.subscribe(&channels).await?) }).await?;
        // The sink may go: the stream keeps the connection alive by itself.
        Ok(Self { messages, channels })
    }
}

impl Stream for WakeListener {
    type Item = Wake;

    fn poll_next(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Wake>> {
        loop {
            match Pin::new(&mut self.messages).poll_next(cx) {
                Poll::Pending => return Poll::Pending,
                Poll::Ready(None) => return Poll::Ready(None),
                Poll::Ready(Some(message)) => {
                    let name = message.get_channel_name();
                    if let Some(position) = self.channels.iter().position(|known| known == name) {
                        let worker = message.get_payload::<String>().ok().filter(|it| it != ALL);
                        return Poll::Ready(Some(Wake { account: position, worker }));
                    }
                }
            }
        }
    }
}
