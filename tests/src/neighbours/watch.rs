//! What a person could read about a neighbour, and when for the first time.

use antre_store::claim::WaitReason;
use std::net::SocketAddr;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use antre_operating::{STALLED_AFTER, is_stalled, notices, recent_strangers, unused_for_long};
use antre_store::Redis;
use antre_store::status::Status;
use tokio::task::JoinHandle;

use crate::chaos::http;
use crate::chaos::moment::pass;

const LOOK_EVERY: Duration = Duration::from_millis(50);
/// The address may be another server's meanwhile, and a connection does not show that.
const LOOKS_PER_CONNECTION: usize = 20;
/// As long as health waits before it calls work stalled.
const WORD_CHARS_MAX: usize = 90;
const STRANGER: &str = "this worker's key was not shown to be the account's: ";

/// What every worker says of itself until its first requests were answered.
const AT_EVERY_START: [&str; 3] =
    ["settings are not in force yet", "(unproven)", "nothing shows yet whose the key is"];

/// Words as they appeared, each once.
type Words = Arc<Mutex<Vec<(Instant, String)>>>;

/// Asks for the account's status, and workers for their readiness, every 50 ms.
#[derive(Debug)]
pub struct Watch {
    words: Words,
    ready: Arc<Mutex<Vec<SocketAddr>>>,
    tasks: [JoinHandle<()>; 2],
}

impl Watch {
    /// Begins to ask the Redis at `url`.
    pub fn start(url: String) -> Self {
        let (words, ready) = (Words::default(), Arc::<Mutex<Vec<SocketAddr>>>::default());
        let tasks = [
            tokio::spawn(watch_status(url, Arc::clone(&words))),
            tokio::spawn(watch_readiness(Arc::clone(&ready), Arc::clone(&words))),
        ];
        Self { words, ready, tasks }
    }

    /// Asks this worker, too.
    pub fn ask_worker(&self, address: SocketAddr) {
        self.ready.lock().unwrap_or_else(PoisonError::into_inner).push(address);
    }

    /// Forgets what was said so far: what is said again counts anew.
    pub fn forget(&self) {
        self.words.lock().unwrap_or_else(PoisonError::into_inner).clear();
    }

    /// Returns the first word since then.
    pub fn first_since(&self, since: Instant) -> Option<(Duration, String)> {
        let words = self.words.lock().unwrap_or_else(PoisonError::into_inner);
        let found = words.iter().find(|(at, _)| *at >= since);
        found.map(|(at, word)| (at.duration_since(since), word.clone()))
    }

    /// Returns everything that was said, with its time since then.
    pub fn all_since(&self, since: Instant) -> Vec<String> {
        let words = self.words.lock().unwrap_or_else(PoisonError::into_inner);
        let text = |(at, word): &(Instant, String)| {
            format!("{:.1} s {word}", at.saturating_duration_since(since).as_secs_f64())
        };
        words.iter().map(text).collect()
    }
}

impl Drop for Watch {
    fn drop(&mut self) {
        self.tasks.iter().for_each(JoinHandle::abort);
    }
}

fn note(words: &Words, said: Vec<String>) {
    let mut words = words.lock().unwrap_or_else(PoisonError::into_inner);
    let is_news = |word: &String| !AT_EVERY_START.iter().any(|usual| word.contains(usual));
    for word in said.into_iter().filter(is_news) {
        if !words.iter().any(|(_, known)| *known == word) {
            words.push((Instant::now(), word));
        }
    }
}

async fn watch_status(url: String, words: Words) {
    loop {
        let (Ok(redis), Ok(account)) = (Redis::open(&url), "default".parse()) else { return };
        let queue = redis.queue(account);
        for _ in 0..LOOKS_PER_CONNECTION {
            pass(LOOK_EVERY).await;
            match queue.status().await {
                Ok(status) => note(&words, of_status(&status)),
                Err(_) => break,
            }
        }
    }
}

async fn watch_readiness(workers: Arc<Mutex<Vec<SocketAddr>>>, words: Words) {
    loop {
        pass(LOOK_EVERY).await;
        let addresses = workers.lock().unwrap_or_else(PoisonError::into_inner).clone();
        for address in addresses {
            let Ok(answered) = http::get(address, "/readyz").await else { continue };
            if answered.status != 200 {
                let body = answered.text.split("\r\n\r\n").nth(1).unwrap_or_default();
                note(&words, vec![format!("readyz: {}", shortened(body))]);
            }
        }
    }
}

fn shortened(body: &str) -> String {
    let text = serde_json::from_str::<serde_json::Value>(body).ok();
    let text = text.and_then(|body| body["message"].as_str().map(str::to_owned));
    let text = text.unwrap_or_else(|| body.trim().replace('\n', " "));
    let text = text.replace("account default: ", "").replace(STRANGER, "its key: ");
    text.chars().take(WORD_CHARS_MAX).collect::<String>().replace('|', "/")
}

/// Returns what `antre status` and health make of the status.
fn of_status(status: &Status) -> Vec<String> {
    let mut words = Vec::new();
    for (worker, _seen) in status.live_workers() {
        if let Some(breaker) = status.closed_workers.get(worker) {
            words.push(format!("worker closed ({})", breaker.reason));
        }
    }
    for stranger in recent_strangers(status) {
        words.push(format!("stranger ({})", stranger.reason));
    }
    if let Some(breaker) = &status.breaker {
        words.push(format!("breaker ({})", breaker.reason));
    }
    if let Some(unused) = unused_for_long(status) {
        let why = if unused.is_unreplicated { "unreplicated" } else { "too_late" };
        words.push(format!("unused grants ({why})"));
    }
    words.extend(notices(status).iter().map(|notice| notice.code.clone()));
    if status.is_known() && !status.is_served() {
        words.push("no worker".to_owned());
    }
    if is_stalled(status, STALLED_AFTER) {
        words.push("stalled".to_owned());
    }
    if status.wait_reason == WaitReason::Limited && !status.wait.is_zero() {
        words.push(format!("waits ({})", status.wait_reason));
    }
    words
}
