//! A started simulator with a client of its own.

use std::time::{Duration, Instant};

use reqwest::header::HeaderMap;
use reqwest::{Client, Method, RequestBuilder, Response};
use serde_json::{Value, json};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;
use xendit_sim::{Options, Running, Simulator};

/// The most a test waits for anything.
pub(crate) const PATIENCE: Duration = Duration::from_secs(20);

pub(crate) const KEY: &str = "xnd_development_test";

/// `base64(KEY + ":")`, for requests written by hand.
const AUTHORIZATION: &str = "Basic eG5kX2RldmVsb3BtZW50X3Rlc3Q6";

pub(crate) struct Xendit {
    pub(crate) running: Running,
    client: Client,
}

impl Xendit {
    /// Starts one without limits.
    pub(crate) async fn start() -> Self {
        Self::with(unlimited()).await
    }

    pub(crate) async fn with(options: Options) -> Self {
        let running = Simulator::start(options).await.unwrap();
        let client = Client::builder().no_proxy().timeout(PATIENCE).build().unwrap();
        Self { running, client }
    }

    pub(crate) fn request(&self, method: Method, path: &str) -> RequestBuilder {
        self.client.request(method, format!("{}{path}", self.running.base_url()))
    }

    pub(crate) fn creating(&self, external_id: &str) -> RequestBuilder {
        self.request(Method::POST, "/v2/invoices")
            .basic_auth(KEY, Some(""))
            .json(&json!({ "external_id": external_id, "amount": 350_000 }))
    }

    pub(crate) async fn create(&self, external_id: &str) -> Value {
        let answer = self.creating(external_id).send().await.unwrap();
        assert_eq!(answer.status(), 200);
        answer.json().await.unwrap()
    }

    pub(crate) async fn get(&self, path: &str) -> Response {
        self.request(Method::GET, path).basic_auth(KEY, Some("")).send().await.unwrap()
    }

    pub(crate) async fn post(&self, path: &str) -> Response {
        self.request(Method::POST, path).basic_auth(KEY, Some("")).send().await.unwrap()
    }

    /// Creates an invoice with this key.
    pub(crate) async fn create_as(&self, key: &str, external_id: &str) -> Value {
        let creating = self.creating(external_id).headers(basic(key));
        creating.send().await.unwrap().json().await.unwrap()
    }

    /// Sends a request with this key and returns the status and the body.
    pub(crate) async fn ask_as(&self, key: &str, method: Method, path: &str) -> (u16, Value) {
        let answer = self.request(method, path).headers(basic(key)).send().await.unwrap();
        (answer.status().as_u16(), answer.json().await.unwrap())
    }

    /// Lists the ids of the invoices with this external id, newest first.
    pub(crate) async fn list(&self, external_id: &str) -> Vec<String> {
        let answer = self
            .request(Method::GET, "/v2/invoices")
            .basic_auth(KEY, Some(""))
            .query(&[("external_id", external_id), ("limit", "100")])
            .send()
            .await
            .unwrap();
        let found: Vec<Value> = answer.json().await.unwrap();
        found.iter().map(|invoice| text(&invoice["id"])).collect()
    }

    /// Sends JSON to a control route.
    pub(crate) async fn control(&self, method: Method, path: &str, body: Value) -> (u16, Value) {
        let answer = self.request(method, path).json(&body).send().await.unwrap();
        let status = answer.status().as_u16();
        (status, answer.json().await.unwrap_or(Value::Null))
    }

    pub(crate) async fn look(&self, path: &str) -> Value {
        self.request(Method::GET, path).send().await.unwrap().json().await.unwrap()
    }

    pub(crate) async fn connect(&self) -> TcpStream {
        TcpStream::connect(self.running.address()).await.unwrap()
    }
}

pub(crate) fn unlimited() -> Options {
    Options { limits: "none".parse().unwrap(), ..Options::default() }
}

/// Returns the header of a key; it replaces the one that a request has.
fn basic(key: &str) -> HeaderMap {
    let request = Client::new().get("http://xendit").basic_auth(key, Some("")).build().unwrap();
    request.headers().clone()
}

/// Returns a field of each invoice in a list.
pub(crate) fn each(list: &Value, field: &str) -> Vec<String> {
    list.as_array().unwrap().iter().map(|invoice| text(&invoice[field])).collect()
}

pub(crate) fn text(value: &Value) -> String {
    value.as_str().unwrap().to_owned()
}

/// Returns a create request as it goes over the wire.
pub(crate) fn raw_create(external_id: &str) -> String {
    let body = json!({ "external_id": external_id, "amount": 1_000 }).to_string();
    let length = body.len();
    format!(
        "POST /v2/invoices HTTP/1.1\r\nHost: xendit\r\nAuthorization: {AUTHORIZATION}\r\n\
         Content-Type: application/json\r\nContent-Length: {length}\r\n\r\n{body}"
    )
}

pub(crate) async fn write(stream: &mut TcpStream, text: &str) {
    stream.write_all(text.as_bytes()).await.unwrap();
}

/// Reads one answer whose headers name the length of its body.
pub(crate) async fn read_answer(stream: &mut TcpStream) -> String {
    let mut answer = Vec::new();
    loop {
        let mut byte = [0];
        let read = tokio::time::timeout(PATIENCE, stream.read(&mut byte)).await.unwrap().unwrap();
        assert_eq!(read, 1, "the connection ended after {answer:?}");
        answer.extend(byte);
        let so_far = String::from_utf8_lossy(&answer);
        if let Some((head, body)) = so_far.split_once("\r\n\r\n") {
            let length: usize = head
                .lines()
                .find_map(|line| line.strip_prefix("Content-Length: "))
                .map_or(0, |length| length.parse().unwrap());
            if body.len() == length {
                return so_far.into_owned();
            }
        }
    }
}

/// Asks again until the condition holds.
pub(crate) async fn eventually(what: &str, condition: impl Fn() -> bool) {
    let started = Instant::now();
    while !condition() {
        assert!(started.elapsed() < PATIENCE, "{what}");
        tokio::time::sleep(Duration::from_millis(2)).await;
    }
}
